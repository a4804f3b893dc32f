"""Bounded, and anew each minute."""

from proxy.beacon_rate import MOST_A_MINUTE, MOST_VISITORS, BeaconRate


def test_of_each_visitor_so_many_a_minute() -> None:
    now = [0.0]
    rate = BeaconRate(lambda: now[0])
    assert [rate.allows("a") for _ in range(MOST_A_MINUTE + 1)] == [True] * MOST_A_MINUTE + [False]
    assert rate.allows("b")
    now[0] = 60.0
    assert rate.allows("a")


def test_so_many_visitors_a_minute() -> None:
    rate = BeaconRate(lambda: 1.0)
    assert all(rate.allows(str(number)) for number in range(MOST_VISITORS))
    assert not rate.allows("one more")
    assert rate.allows("7")
