"""Pages to learn an unknown shop from: a few files in the data folder, written by workers and read by `work`.

Invariant: bounded (MOST files of at most MOST_BYTES, one an address); whoever offers a page has made sure that it was
sent to somebody without cookies, so nothing on it is anybody's.
"""

import hashlib
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgpack

MOST: Final = 24
"""Pages that are kept: home, some lists, some products tell enough (what six made-up shops and five real ones took)."""
MOST_BYTES: Final = 512 * 1024

_log = logging.getLogger("vitrina.samples")


@dataclass(frozen=True, slots=True)
class PageSample:
    """A page as the origin sent it, decoded from its coding but not from its charset.

    `session_cookies` are the names, never the values, of cookies that came with it and may carry a session.
    """

    target: str
    host: str
    content_type: str
    session_cookies: tuple[str, ...]
    body: bytes


class SampleFolder:
    """One folder of samples; several processes may offer to it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._is_full = False

    @property
    def is_full(self) -> bool:
        """No more is taken."""
        return self._is_full

    def offer(self, target: str, host: str, content_type: str, session_cookies: Sequence[str], body: bytes) -> bool:
        """Keep a page if its address is new and there is room; False otherwise. Never raises."""
        if self._is_full or len(body) > MOST_BYTES:
            return False
        name = hashlib.blake2b(target.encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
        path = self._folder / name
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            if path.exists():
                return False
            if self.count() >= MOST:
                self._is_full = True
                return False
            fresh = self._folder / f".{name}.{os.getpid()}"
            fresh.write_bytes(
                msgpack.packb(
                    [target, host, content_type, list(session_cookies), body],
                    unicode_errors="surrogateescape",
                )
            )
            fresh.replace(path)
        except OSError as error:
            _log.warning("a page to learn from could not be kept: %s", error)
            self._is_full = True
            return False
        return True

    def count(self) -> int:
        """Pages that are kept now."""
        try:
            return sum(not name.startswith(".") for name in os.listdir(self._folder))
        except FileNotFoundError:
            return 0

    def read(self) -> list[PageSample]:
        """All samples, by address; what is none is removed (earlier versions kept headers, a new session in them)."""
        samples = []
        for path in sorted(self._folder.glob("[!.]*")) if self._folder.is_dir() else ():
            try:
                row: Any = msgpack.unpackb(path.read_bytes(), unicode_errors="surrogateescape")
                target, host, content_type, names, body = row
                sample = PageSample(str(target), str(host), str(content_type), tuple(map(str, names)), bytes(body))
                samples.append(sample)
            except (OSError, ValueError, TypeError, msgpack.UnpackException):
                _log.warning("%s is no sample, or one of an earlier version: removed", path)
                path.unlink(missing_ok=True)
        return sorted(samples, key=lambda sample: sample.target)
