"""The spool: one writer, rotation, a full disk, the cap, what a reader makes of it all."""

import fcntl
import os
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from clicks.click import Click
from clicks.wire import decode_click
from storage.records import frame, unpack_records
from storage.spool import LOCK_NAME, Spool, segment_name, spooled_bytes
from storage.spool_reader import SpoolReader


def read_all(reader: SpoolReader) -> list[tuple[int, bytes]]:
    found = []
    while chunks := reader.read(4):
        for chunk in chunks:
            records = list(unpack_records(chunk.packed))
            assert [record.sequence for record in records] == list(range(chunk.first, chunk.last + 1))
            found += [(record.sequence, record.payload) for record in records]
    return found


def test_clicks_come_back_in_order(tmp_path: Path) -> None:
    spool = Spool.create(tmp_path)
    clicks = [Click(time=float(n), host="h", method="GET", path=f"/{n}", status=200) for n in range(200)]
    assert all(spool.append(click) for click in clicks)
    reader = SpoolReader(spool.path)
    assert [decode_click(raw) for _, raw in read_all(reader)] == clicks
    assert read_all(reader) == []
    assert reader.is_at_end()
    spool.append(clicks[0])
    assert [sequence for sequence, _ in read_all(reader)] == [200]
    assert spool.written == 201
    spool.close()


def test_two_spools_never_share_an_id_and_a_writer_holds_its_lock(tmp_path: Path) -> None:
    one, two = Spool.create(tmp_path), Spool.create(tmp_path)
    assert one.id != two.id
    assert len(one.id) == 32
    descriptor = os.open(one.path / LOCK_NAME, os.O_RDWR)
    with pytest.raises(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert not SpoolReader(one.path).is_abandoned()
    one.close()
    assert SpoolReader(one.path).is_abandoned()
    (one.path / segment_name(0)).unlink()
    assert not SpoolReader(one.path).is_abandoned(), "as one that is being made, until it is old"
    os.utime(one.path / LOCK_NAME, (1.0, 1.0))
    assert SpoolReader(one.path).is_abandoned()
    os.close(descriptor)
    two.close()


def test_segments_rotate_and_are_read_across(tmp_path: Path) -> None:
    spool = Spool.create(tmp_path, segment_bytes=500)
    reader = SpoolReader(spool.path)
    found = []
    for n in range(100):
        assert spool.append_bytes(b"%03d" % n * 10)
        if n % 7 == 0:
            found += read_all(reader)
    found += read_all(reader)
    assert found == [(n, b"%03d" % n * 10) for n in range(100)]
    assert len(reader.segments()) > 5
    spool.close()


@pytest.mark.parametrize("position", [-1, 0, 10, 49, 63, 64, 98, 99])
def test_a_reader_goes_back_to_any_place(tmp_path: Path, position: int) -> None:
    spool = Spool.create(tmp_path, segment_bytes=700)
    for n in range(100):
        spool.append_bytes(b"%03d" % n)
    reader = SpoolReader(spool.path)
    read_all(reader)
    reader.seek(position)
    chunks = reader.read(100)
    assert [n for chunk in chunks for n in range(chunk.first, chunk.last + 1)] == list(range(position + 1, 100))
    assert not any(chunk.gap for chunk in chunks)
    spool.close()


def test_a_place_that_is_gone_is_a_gap(tmp_path: Path) -> None:
    spool = Spool.create(tmp_path, segment_bytes=300)
    for n in range(40):
        spool.append_bytes(b"%03d" % n)
    reader = SpoolReader(spool.path)
    first, second = reader.segments()[:2]
    (spool.path / segment_name(first)).unlink()
    [chunk, *others] = reader.read(50)
    assert (chunk.first, chunk.gap) == (second, True)
    assert not any(other.gap for other in others)
    assert reader.position == 39
    spool.close()


def test_a_torn_tail_is_left_alone_and_the_writer_s_next_segment_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / segment_name(0)).write_bytes(frame(0, b"a") + frame(1, b"bcd")[:-2])
    reader = SpoolReader(folder)
    assert read_all(reader) == [(0, b"a")]
    (folder / segment_name(1)).write_bytes(frame(1, b"again"))
    assert read_all(reader) == [(1, b"again")]


def test_damage_in_the_middle_is_skipped_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.spool_reader._DAMAGE_PATIENCE_S", 0.0)
    monkeypatch.setattr("storage.spool_reader._LOOK_EVERY_S", 0.0)
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / segment_name(0)).write_bytes(frame(0, b"a") + b"\0" * 30 + frame(2, b"c") + frame(3, b"d")[:-1])
    (folder / segment_name(7)).write_bytes(frame(7, b"h"))
    reader = SpoolReader(folder)
    assert read_all(reader) == [(0, b"a"), (2, b"c"), (7, b"h")]
    assert reader.damaged == 2


def test_a_place_in_front_of_damage_is_not_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / segment_name(0)).write_bytes(frame(0, b"a") + b"\0" * 30 + frame(2, b"c"))
    reader = SpoolReader(folder)
    assert read_all(reader) == [(0, b"a")]
    assert not reader.is_at_end()
    monkeypatch.setattr("storage.spool_reader._DAMAGE_PATIENCE_S", 0.0)
    monkeypatch.setattr("storage.spool_reader._LOOK_EVERY_S", 0.0)
    assert read_all(reader) == [(2, b"c")]
    assert reader.is_at_end()
    (folder / segment_name(9)).write_bytes(frame(9, b"h"))
    assert not reader.is_at_end()


def test_a_full_disk_loses_only_what_did_not_fit(tmp_path: Path) -> None:
    program = """
import resource, sys
from pathlib import Path
from storage.spool import Spool
lost = []
spool = Spool.create(Path(sys.argv[1]))
spool.on_lost = lambda n: lost.extend([1] * n)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
kept = [spool.append_bytes(bytes([n]) * 100) for n in range(20)]
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
after = [spool.append_bytes(bytes([n]) * 100) for n in range(100, 103)]
spool.close()
print(kept.count(True), all(after), spool.lost == len(lost) == kept.count(False))
"""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    said = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout
    assert said.split() == ["8", "True", "True"]
    [path] = tmp_path.iterdir()
    expected = [*range(8), 100, 101, 102]
    assert read_all(SpoolReader(path)) == [(at, bytes([n]) * 100) for at, n in enumerate(expected)]


def test_a_write_that_cannot_be_taken_back_ends_the_segment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool.create(tmp_path)
    spool.append_bytes(b"one")
    real = os.write

    def half(descriptor: int, data: bytes) -> int:
        return real(descriptor, data[: len(data) // 2])

    def refuse(descriptor: int, size: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr("storage.spool.write", half)
        broken.setattr(os, "ftruncate", refuse)
        assert not spool.append_bytes(b"two")
    assert spool.append_bytes(b"three")
    assert read_all(SpoolReader(spool.path)) == [(0, b"one"), (1, b"three")]
    assert spool.lost == 1
    spool.close()


RECORDS = st.lists(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=8), max_size=8)


@given(RECORDS, st.integers(0, 600), st.integers(60, 400), st.booleans())
@settings(deadline=None, max_examples=60)
def test_what_is_written_together_is_kept_as_far_as_it_fits(
    batches: list[list[bytes]], room: int, segment_bytes: int, takes_back: bool
) -> None:
    """A disk with `room` bytes; what was written of a click that did not fit may be there for good."""
    left, real_write, real_truncate = [room], os.write, os.ftruncate

    def fills(descriptor: int, data: bytes) -> int:
        if not left[0]:
            raise OSError(28, "No space left on device")
        written = real_write(descriptor, data[: left[0]])
        left[0] -= written
        return written

    def truncate(descriptor: int, size: int) -> None:
        if not takes_back:
            raise OSError(5, "Input/output error")
        left[0] += os.fstat(descriptor).st_size - size
        real_truncate(descriptor, size)

    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as small:
        spool = Spool.create(Path(folder), segment_bytes=segment_bytes)
        small.setattr("storage.spool.write", fills)
        small.setattr(os, "ftruncate", truncate)
        kept: list[bytes] = []
        for batch in batches:
            kept += batch[: spool.append_bytes(*batch)]
            assert [payload for _, payload in read_all(SpoolReader(spool.path))] == kept
        assert spool.written == len(kept)
        assert spool.lost == sum(map(len, batches)) - len(kept)
        left[0] = 10_000
        assert spool.append_bytes(b"one", b"more") == 2
        small.undo()
        spool.close()
        assert read_all(SpoolReader(spool.path)) == list(enumerate([*kept, b"one", b"more"]))


def test_the_first_write_may_be_the_one_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool.create(tmp_path)

    def refuse(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("storage.spool.write", refuse)
        broken.setattr(os, "ftruncate", refuse)
        assert not spool.append_bytes(b"zero")
    assert spool.append_bytes(b"one")
    assert read_all(SpoolReader(spool.path)) == [(0, b"one")]
    spool.close()


def test_a_click_that_cannot_be_encoded_is_counted_not_raised(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    spool = Spool.create(tmp_path)
    bad = Click(time=1.0, host="h", method="GET", path="/", status=200, catalogue=((object(),),))
    assert not spool.append(bad)
    assert spool.lost == 1
    assert "could not be encoded" in caplog.text
    spool.close()


def test_one_that_cannot_be_encoded_costs_its_neighbours_nothing(tmp_path: Path) -> None:
    spool, lost = Spool.create(tmp_path), []
    spool.on_lost = lost.append
    good = [Click(time=float(n), host="h", method="GET", path=f"/{n}", status=200) for n in range(3)]
    assert spool.append(good[0], replace(good[1], catalogue=((object(),),)), good[2]) == 2
    assert [decode_click(raw) for _, raw in read_all(SpoolReader(spool.path))] == [good[0], good[2]]
    assert (spool.lost, lost) == (1, [1])
    spool.close()


def test_over_the_cap_clicks_are_refused(tmp_path: Path) -> None:
    spool = Spool.create(tmp_path, cap_bytes=10)
    spool.append_bytes(b"x" * 100)
    assert spooled_bytes(tmp_path) > 10
    spool._over_cap = True
    assert not spool.append_bytes(b"y", b"z")
    assert spool.lost == 2
    spool.close()
    spool.close()
