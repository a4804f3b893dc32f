"""The data folder: private, one owner."""

from pathlib import Path

import pytest

from vitrina.datafolder import DataFolder
from vitrina.failures import BAD_DATA_FOLDER, Failure


def test_it_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "a" / "data")
    folder.make()
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert folder.spool.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in folder.path.iterdir()) == ["spool"]


def test_one_owner_at_a_time(tmp_path: Path) -> None:
    first, second = DataFolder(tmp_path), DataFolder(tmp_path)
    assert not second.is_claimed()
    first.claim()
    assert second.is_claimed()
    with pytest.raises(Failure, match=r"is in use by another Vitrina \(process \d+\)") as refused:
        second.claim()
    assert refused.value.exit_code == BAD_DATA_FOLDER


@pytest.mark.parametrize("place", ["file/data", "/proc/vitrina", "/dev/null"])
def test_where_nothing_can_be_written(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Failure, match="it must be writable") as refused:
        DataFolder(tmp_path / place).claim()
    assert refused.value.exit_code == BAD_DATA_FOLDER
