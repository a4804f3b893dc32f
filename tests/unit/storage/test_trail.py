"""A trail tells the time of what waits in a spool, wherever the place that it follows is."""

from pathlib import Path

import pytest

from clicks.click import Click
from storage.spool import Spool
from storage.spool_reader import CHUNK_RECORDS, SpoolReader
from storage.trail import Trail

COUNT = 300


def click(at: float) -> Click:
    return Click(time=at, host="h", method="GET", path="/", status=200)


@pytest.mark.parametrize("segment_bytes", [2000, 1 << 20])
@pytest.mark.parametrize("step", [1, 7, 64, 150])
def test_the_first_click_behind_a_place(tmp_path: Path, segment_bytes: int, step: int) -> None:
    spool = Spool.create(tmp_path, segment_bytes=segment_bytes)
    for number in range(COUNT):
        spool.append(click(1000.0 + number))
    trail = Trail(SpoolReader(spool.path))
    for position in range(-1, COUNT - 1, step):
        found = trail.first_behind(position)
        assert found is not None
        assert position + 1 - CHUNK_RECORDS < found - 1000.0 <= position + 1
    assert trail.first_behind(COUNT - 1) is None
    spool.append(click(5000.0))
    assert trail.first_behind(COUNT - 1) == 5000.0
    trail.close()
    spool.close()


def test_it_begins_where_its_reader_is(tmp_path: Path) -> None:
    spool = Spool.create(tmp_path)
    for number in range(COUNT):
        spool.append(click(1000.0 + number))
    trail = Trail(SpoolReader(spool.path, 199))
    assert trail.first == 200
    assert trail.first_behind(199) == 1200.0
    trail.close()
    spool.close()
