"""Who was erased is remembered by hash, across processes, torn lines and the end of their time."""

from binascii import crc_hqx
from pathlib import Path

import pytest

from storage import keys
from storage.erasure_requests import ErasureRequests
from storage.tombstones import Tombstones, digest


def test_what_is_added_is_refused_and_seen_by_others(tmp_path: Path) -> None:
    mine, other = (Tombstones(tmp_path / "erased", 1000.0) for _ in range(2))
    other.look()
    mine.add([digest("ana")], 50.0)
    assert mine.refuses("ana", 50.0)
    assert not mine.refuses("ana", 50.1)
    assert not mine.refuses("eva", 10.0)
    assert not mine.refuses(None, 10.0)
    other.look()
    assert other.refuses("ana", 49.0)
    assert b"ana" not in (tmp_path / "erased").read_bytes()
    assert (tmp_path / "erased").stat().st_mode & 0o777 == 0o600


def test_a_torn_line_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "erased"
    path.write_text(f"{digest('ana')} 50.0\n{digest('eva')} 6")
    marks = Tombstones(path, 1000.0)
    marks.look()
    assert marks.refuses("ana", 1.0)
    assert not marks.refuses("eva", 1.0)


def test_marks_go_when_profiles_of_before_are_over(tmp_path: Path) -> None:
    marks, other = (Tombstones(tmp_path / "erased", 1000.0) for _ in range(2))
    marks.add([digest("ana")], 50.0)
    marks.add([digest("eva")], 500.0)
    other.look()
    marks.compact(1100.0)
    assert not marks.refuses("ana", 1.0)
    assert marks.refuses("eva", 1.0)
    other.look()
    marks.add([digest("ida")], 1100.0)
    other.look()
    assert other.refuses("ida", 1.0)


def test_a_key_names_nobody_and_lies_in_the_profiles_slot() -> None:
    from redis.crc import key_slot

    for name in ("ana", "eva-0123456789abcdef", "c" + "x" * 24):
        assert name.encode() not in keys.erased_key(name)
        assert key_slot(keys.erased_key(name)) == key_slot(keys.profile_key(name))


def test_the_slots_numbers_are_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    keys.erased_key("somebody")
    asked: list[bytes] = []

    def counting(data: bytes, value: int) -> int:
        asked.append(data)
        return crc_hqx(data, value)

    monkeypatch.setattr(keys, "crc_hqx", counting)
    names = [f"visitor-{number}" for number in range(6000)]
    before = [keys.erased_key(name) for name in names]
    assert len(asked) == len(names)
    smallest = {}
    for number in range(2000, -1, -1):
        smallest[crc_hqx(b"%d" % number, 0) % 16384] = b"{%d}" % number
    known = [
        (key, smallest[slot])
        for name, key in zip(names, before, strict=True)
        if (slot := crc_hqx(name.encode(), 0) % 16384) in smallest
    ]
    assert len(known) > 100
    assert all(key.endswith(number) for key, number in known), "marks set before are found under the same key"


def test_requests_wait_until_they_are_done(tmp_path: Path) -> None:
    requests = ErasureRequests(tmp_path / "erasures")
    assert requests.pending() == []
    requests.ask("eva", 2.0)
    requests.ask("ana", 1.0)
    ana, eva = requests.pending()
    assert (ana.profile, eva.profile) == ("ana", "eva")
    requests.ask("ana", 3.0)
    requests.done(ana)
    assert [request.at for request in requests.pending()] == [2.0, 3.0]
    requests.done(eva)
    (tmp_path / "erasures" / "x.request").write_text("{")
    assert [request.profile for request in requests.pending()] == ["ana"]
