"""The data folder: made with 0700, locked by its one supervisor, home of keys, spool, Valkey and the control page."""

import fcntl
import os
from pathlib import Path

from vitrina.failures import BAD_DATA_FOLDER, Failure
from vitrina.version import VERSION

FORMAT = 1
"""Of the folder as a whole: raised when an older Vitrina must not touch it any more. docs/reference/formats.md"""


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
    def format(self) -> Path:
        """The number of this folder's format."""
        return self.path / "format"

    @property
    def access_log(self) -> Path:
        """The access log, unless the configuration names another file."""
        return self.path / "logs" / "access.log"

    @property
    def samples(self) -> Path:
        """Pages of an unknown shop, to learn it from."""
        return self.path / "samples"

    @property
    def learnt(self) -> Path:
        """The platform that was learnt from them."""
        return self.path / "learnt.toml"

    @property
    def erasures(self) -> Path:
        """Erasures that were asked for and are not done yet."""
        return self.path / "erasures"

    @property
    def erased(self) -> Path:
        """Who was erased, by hash: no backup contains it, and every restore asks it."""
        return self.path / "erased"

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

    def claim(self, inherited: int | None = None) -> None:
        """Make the folder and lock it; Failure when another supervisor holds it, or a newer Vitrina made it.

        `inherited` is the lock's descriptor where the program before this one had it in this very process.
        """
        self.make()
        self.check_format()
        descriptor = inherited
        if descriptor is None:
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
        self.format.write_text(f"{FORMAT}\n", "ascii")

    def release(self) -> None:
        """Give the lock back before the process ends."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @property
    def lock(self) -> int | None:
        """The descriptor that holds the lock; None before `claim` and after `release`."""
        return self._lock

    def check_format(self) -> None:
        """Failure when a Vitrina made the folder whose formats this one does not know."""
        try:
            text = self.format.read_text("ascii").strip()
        except FileNotFoundError:
            return
        except (OSError, UnicodeDecodeError) as error:
            raise Failure(f"{self.format}: {error}", BAD_DATA_FOLDER) from None
        if not text.isdecimal() or int(text) > FORMAT:
            raise Failure(
                f"data folder {self.path} has format {text[:20] or 'unknown'}, and this Vitrina ({VERSION}) knows up "
                f"to {FORMAT}: it was made by a newer one; go on with that, or restore a backup made with this one",
                BAD_DATA_FOLDER,
            )

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
