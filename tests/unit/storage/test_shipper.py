"""How often spools are looked at."""

import pytest

from storage.shipper import COLLECT_S, POLL_S, RUSH_S, pause_after


@pytest.mark.parametrize(
    ("sent", "pause_s"),
    [(1, POLL_S), (2, 2 * POLL_S), (3, COLLECT_S), (12, COLLECT_S), (20, 0.02), (64, RUSH_S), (100_000, RUSH_S)],
)
def test_the_more_clicks_came_the_longer_the_next_are_collected(sent: int, pause_s: float) -> None:
    assert pause_after(sent) == pytest.approx(pause_s)
