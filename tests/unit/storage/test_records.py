"""Framing of records: any tear or flipped bit is told from a record."""

from hypothesis import given
from hypothesis import strategies as st

from storage.records import HEADER, Record, find_run, frame, frames, is_damaged, next_sound, sequence_at, unpack_records

payloads = st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=12)


def framed(items: list[bytes], first: int = 0) -> bytes:
    return b"".join(frames(first, items))


@given(payloads, st.integers(0, 2**62))
def test_what_is_framed_is_read_back(items: list[bytes], first: int) -> None:
    records = list(unpack_records(framed(items, first)))
    assert records == [Record(first + at, item) for at, item in enumerate(items)]
    assert frames(first, items) == [frame(first + at, item) for at, item in enumerate(items)]


@given(payloads, st.data())
def test_a_tear_gives_a_prefix_and_is_not_damage(items: list[bytes], data: st.DataObject) -> None:
    whole = framed(items)
    cut = data.draw(st.integers(0, len(whole) - 1))
    records = list(unpack_records(whole[:cut]))
    assert records == list(unpack_records(whole))[: len(records)]
    assert len(records) < len(items)
    end = sum(HEADER.size + len(record.payload) for record in records)
    assert not is_damaged(whole[:cut], end)


@given(payloads, st.data())
def test_a_flipped_bit_is_never_read(items: list[bytes], data: st.DataObject) -> None:
    whole = bytearray(framed(items))
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    read = {(record.sequence, record.payload) for record in unpack_records(bytes(whole))}
    assert read <= set(enumerate(items))
    assert len(read) < len(items)


@given(payloads, st.integers(1, 13))
def test_runs_cover_everything_in_order(items: list[bytes], limit: int) -> None:
    data, offset, sequences = framed(items, 5), 0, []
    while (run := find_run(data, offset, limit)) is not None:
        assert run.count <= limit
        sequences += range(run.first, run.last + 1)
        assert [record.sequence for record in unpack_records(data[run.start : run.end])] == list(
            range(run.first, run.last + 1)
        )
        offset = run.end
    assert sequences == list(range(5, 5 + len(items)))


def test_a_run_ends_where_sequences_jump() -> None:
    data = frame(1, b"a") + frame(2, b"b") + frame(9, b"c")
    run = find_run(data, 0, 64)
    assert run is not None
    assert (run.first, run.count) == (1, 2)


def test_sound_records_behind_damage_are_found() -> None:
    first, second = frame(1, b"a" * 40), frame(2, b"b" * 40)
    for broken in (b"\0" * len(first), first[:-1] + b"x", first[:20]):
        data = broken + second
        at = next_sound(data, 0)
        assert at == len(broken)
        assert sequence_at(data, at) == 2
    assert is_damaged(b"\0" * 32, 0)
