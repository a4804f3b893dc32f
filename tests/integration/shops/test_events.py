"""Recorded exchanges of real shops through the whole data plane give exactly the events that happened."""

import pytest

from bench.events.recorded import RECORDINGS, SHOPS, recordings
from bench.events.report import compared, truth

pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings here (VITRINA_SHARED, ../shared)")


@pytest.mark.parametrize("shop", SHOPS)
def test_exactly_what_happened(shop: str) -> None:
    rows, profile = compared(shop, recordings(shop))
    assert [(row.exchange, row.happened, row.found) for row in rows if not row.is_right] == []
    assert {row.exchange for row in rows} == set(truth(shop))
    assert profile["orders"] == 1
