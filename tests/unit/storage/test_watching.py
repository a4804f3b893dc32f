"""Waiting for a folder to change."""

from pathlib import Path

import pytest

from storage.watching import FolderWatch


@pytest.mark.parametrize("change", ["append", "create"])
async def test_a_change_wakes(tmp_path: Path, change: str) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"1")
    watch = FolderWatch.open([tmp_path])
    if watch is None:
        pytest.skip("no inotify here")
    assert not await watch.wait(0.01)
    if change == "append":
        with file.open("ab") as more:
            more.write(b"2")
    else:
        (tmp_path / "b").mkdir()
    assert await watch.wait(5)
    watch.close()


async def test_a_folder_that_is_gone_cannot_be_watched(tmp_path: Path) -> None:
    assert FolderWatch.open([tmp_path / "gone"]) is None
