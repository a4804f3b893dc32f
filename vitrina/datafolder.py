"""The data folder: made with 0700, locked by its one supervisor, home of keys, spool, Valkey and the control page."""

import fcntl
import os
from pathlib import Path

from vitrina.failures import BAD_DATA_FOLDER, Failure


class DataFolder:
    """Paths inside the data folder; `claim` makes it and takes the lock for the life of this process."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: int | None = None

    @property
    def spool(self) -> Path:
        """Where data-plane workers write clicks."""
        return self.path / "spool"

    @property
    def control(self) -> Path:
        """The mmap page with the kill switch and the counters."""
        return self.path / "control"

    @property
    def keys(self) -> Path:
        """Signing keys, 0600."""
        return self.path / "keys"

    @property
    def console_socket(self) -> Path:
        """Where the console serves /_vitrina/ to the data plane."""
        return self.path / "console.sock"

    @property
    def lens(self) -> Path:
        """The demo's recent personalised pages."""
        return self.path / "lens"

    def make(self) -> None:
        """Make the folder; Failure when it cannot be written."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.spool.mkdir(mode=0o700, exist_ok=True)
            probe = self.path / f".writable-{os.getpid()}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise Failure(
                f"data folder {self.path}: {error.strerror}; Vitrina keeps clicks and keys there, so it must be "
                "writable (setting `data`, or --data)",
                BAD_DATA_FOLDER,
            ) from None

    def claim(self) -> None:
        """Make the folder and lock it; Failure when another supervisor holds it."""
        self.make()
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise Failure(
                f"data folder {self.path} is in use by another Vitrina (process {holder}); stop it or choose another "
                "folder with --data",
                BAD_DATA_FOLDER,
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._lock = descriptor

    def is_claimed(self) -> bool:
        """Whether some process holds the lock."""
        try:
            descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(descriptor)
        return False
