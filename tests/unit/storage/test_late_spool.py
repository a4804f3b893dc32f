"""A worker without room for its spool: clicks are lost and counted, and kept as soon as there is room."""

from pathlib import Path

import pytest

from clicks.click import Click
from storage.late_spool import LateSpool
from storage.spool_reader import SpoolReader

CLICK = Click(time=1.0, host="h", method="GET", path="/", status=200)


def test_clicks_are_kept_as_soon_as_a_spool_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, lost = tmp_path / "spool", []
    root.write_text("a file where the folder should be: no spool can be made")
    spool = LateSpool(root, lambda n: lost.extend([1] * n))
    assert not spool.append(CLICK)
    root.unlink()
    assert not spool.append(CLICK), "it is not tried for each click"
    monkeypatch.setattr("storage.late_spool.TRY_EVERY_S", 0.0)
    assert spool.append(CLICK)
    assert spool.append(CLICK)
    spool.close()
    assert len(lost) == 2
    [folder] = root.iterdir()
    assert sum(chunk.count for chunk in SpoolReader(folder).read(10)) == 2
