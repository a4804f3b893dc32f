"""write(): what it writes, and what it raises."""

import errno
import os
import threading
from pathlib import Path

import pytest

from storage.writing import write


def test_all_bytes_are_written_whatever_they_are(tmp_path: Path) -> None:
    data = bytes(range(256)) * 40
    descriptor = os.open(tmp_path / "file", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        assert write(descriptor, b"") == 0
        assert write(descriptor, data) == len(data)
        assert write(descriptor, b"\0end") == 4
    finally:
        os.close(descriptor)
    assert (tmp_path / "file").read_bytes() == data + b"\0end"


@pytest.mark.parametrize(("path", "flags", "code"), [("/dev/full", os.O_WRONLY, errno.ENOSPC), ("/dev/null", 0, 9)])
def test_what_the_system_refuses_is_an_oserror(path: str, flags: int, code: int) -> None:
    descriptor = os.open(path, flags)
    try:
        with pytest.raises(OSError) as refused:
            write(descriptor, b"click")
    finally:
        os.close(descriptor)
    assert (refused.value.errno, refused.value.strerror) == (code, os.strerror(code))


def test_each_thread_has_its_own_error() -> None:
    full, found = os.open("/dev/full", os.O_WRONLY), []

    def refused(descriptor: int) -> None:
        for _ in range(200):
            try:
                write(descriptor, b"x")
            except OSError as error:
                found.append((descriptor, error.errno))

    threads = [threading.Thread(target=refused, args=(descriptor,)) for descriptor in (full, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.close(full)
    assert set(found) == {(full, errno.ENOSPC), (-1, errno.EBADF)}
    assert len(found) == 400
