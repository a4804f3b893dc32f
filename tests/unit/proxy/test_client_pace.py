"""When a client is too slow, by what came and went until then."""

import pytest

from proxy.client_pace import SLOWEST_BODY, BodyPace, UnsentPace

MOST_S = 10.0
ENOUGH = int(SLOWEST_BODY * MOST_S)


@pytest.mark.parametrize(
    ("came", "slow_at"),
    [
        ({}, 10),
        ({1: 500}, 11),
        ({1: ENOUGH - 1}, 20),
        ({1: ENOUGH}, 11),
        ({1: 100 * ENOUGH}, 11),
        ({1: ENOUGH, 5: ENOUGH}, 15),
        (dict.fromkeys(range(1, 60), 1), 11),
        (dict.fromkeys(range(1, 60), 2 * SLOWEST_BODY), None),
    ],
    ids=[
        "nothing",
        "a little",
        "nearly enough",
        "enough, then nothing",
        "much, then nothing",
        "twice",
        "drops",
        "soon",
    ],
)
def test_a_body(came: dict[int, int], slow_at: int | None) -> None:
    pace = BodyPace(0.0)
    for second in range(1, 60):
        pace.came(came.get(second, 0))
        if pace.is_too_slow(float(second), MOST_S):
            assert second == slow_at
            return
    assert slow_at is None


def test_what_waits_must_become_less() -> None:
    pace = UnsentPace(100, 0.0, MOST_S)
    assert not pace.is_stuck(100, 9.9, MOST_S)
    assert not pace.is_stuck(99, 10.5, MOST_S)
    assert not pace.is_stuck(150, 20.4, MOST_S)
    assert pace.is_stuck(99, 20.5, MOST_S)
