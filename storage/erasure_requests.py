"""Erasures that were asked for and are not done yet: one small file each, so that none is forgotten by a crash.

Invariant: a request stays until all of it is done, with Redis away as well; then the id in it is gone, too.
"""

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from storage.tombstones import digest

_log = logging.getLogger("vitrina.erasing")
_SUFFIX = ".request"


@dataclass(frozen=True, slots=True)
class ErasureRequest:
    """Erase all of this visitor up to `at` (Unix seconds)."""

    profile: str
    at: float
    path: Path


class ErasureRequests:
    """The folder; several processes may ask, one works them off."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ask(self, profile_id: str, at: float) -> None:
        """Note a request. Never raises: a full disk is logged, and the visitor's next page asks again."""
        path = self._folder / (digest(profile_id) + _SUFFIX)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = path.with_suffix(f".{os.getpid()}")
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump({"profile": profile_id, "at": at}, file)
            fresh.replace(path)
        except OSError as error:
            _log.error("an erasure could not be noted: %s", error)

    def pending(self) -> list[ErasureRequest]:
        """What is to be done, the oldest first."""
        if not self._folder.is_dir():
            return []
        found = []
        for path in self._folder.glob(f"*{_SUFFIX}"):
            try:
                fields = json.loads(path.read_text())
                found.append(ErasureRequest(str(fields["profile"]), float(fields["at"]), path))
            except (OSError, ValueError, KeyError, TypeError) as error:
                _log.error("%s is no request: %s", path.name, error)
        return sorted(found, key=lambda request: request.at)

    def done(self, request: ErasureRequest) -> None:
        """All of it is erased. A later request of the same visitor stays."""
        try:
            if float(json.loads(request.path.read_text())["at"]) <= request.at:
                request.path.unlink(missing_ok=True)
        except FileNotFoundError:
            pass
