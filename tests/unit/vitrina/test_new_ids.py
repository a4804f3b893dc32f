"""Visitors' ids."""

import base64

from vitrina.processes.dataplane import new_id


def test_ids_are_128_random_bits_and_no_options() -> None:
    ids = [new_id() for _ in range(5_000)]
    raw = [base64.urlsafe_b64decode(text + "==") for text in ids]
    assert {len(one) for one in raw} == {16}
    assert len(set(ids)) == len(ids)
    assert not any(text.startswith("-") for text in ids)
    for bit in range(8, 128):  # of the first byte some values are never taken
        ones = sum(int.from_bytes(one, "big") >> (127 - bit) & 1 for one in raw)
        assert 2_200 < ones < 2_800, bit  # 8 standard deviations
