"""Profiles read from JSON lines and written to Redis, a million of them in bounded memory.

Every line is read and judged before the first profile is written, so a bad file changes nothing; meanwhile they wait in
a file without a name, as the bytes that Redis gets (addresses sealed). Importing twice is importing once.
"""

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import IO, Final

import msgpack

from storage.profile_store import ProfileStore
from visitors.cookie import Keyring
from visitors.resting import is_at_rest
from visitors.sealing import seal
from visitors.wire import encode_profile, encode_resting
from vitrina.failures import BAD_CONFIG, Failure
from vitrina.profile_json import from_json
from vitrina.terminal import StatusLine

AT_ONCE: Final = 512
SMALL_BYTES: Final = 4_000_000
"""A file up to this size is read in this very process."""
SAY_EVERY_S: Final = 0.5
_QUIET_S: Final = 1.0
"""Who waits no longer than that is not told how far it is."""


class Progress:
    """How far it is, on stderr: a line rewritten in place at a terminal, else one every few seconds."""

    def __init__(self) -> None:
        self._line = StatusLine(sys.stderr)
        self._every_s = SAY_EVERY_S if sys.stderr.isatty() else 10 * SAY_EVERY_S
        self._began = time.monotonic()
        self._said = self._began + _QUIET_S - self._every_s

    def of(self, what: str, count: int, share: float | None) -> None:
        """`share` of all that is to be done, 0 to 1; None where nobody knows."""
        now = time.monotonic()
        if now - self._said < self._every_s:
            return
        self._said = now
        rate = count / max(now - self._began, 0.001)
        part = "" if share is None else f" ({share:.0%})"
        self._line.show(f"{what} {count:,} profiles{part}, {rate:,.0f} a second")

    def end(self) -> None:
        """Nothing more to say."""
        self._line.clear()


class Incoming:
    """The profiles of a file, judged and waiting in `waiting`."""

    def __init__(self, keyring: Keyring, waiting: IO[bytes]) -> None:
        self.count = 0
        self._keyring = keyring
        self._waiting = waiting

    def read(self, file: str) -> None:
        """Judge every line of `file` ("-" is stdin). Failure names the first that is wrong."""
        progress = Progress()
        name = "stdin" if file == "-" else file
        judge = partial(judged, name=name, keyring=self._keyring, now=time.time())
        done = 0
        try:
            with _opened(file) as (lines, size):
                for found in _in_processes(judge, _chunks(lines), is_large=not size or size > SMALL_BYTES):
                    if found.failure:
                        raise Failure(found.failure, BAD_CONFIG)
                    self._waiting.write(found.packed)
                    self.count += found.count
                    done += found.read
                    progress.of("read", self.count, done / size if size else None)
        finally:
            progress.end()

    async def write(self, store: ProfileStore) -> None:
        """Write all of them over whatever is there."""
        progress = Progress()
        self._waiting.seek(0)
        written = 0
        batch: list[tuple[str, bytes]] = []
        try:
            for profile_id, raw in msgpack.Unpacker(self._waiting):
                batch.append((profile_id, raw))
                if len(batch) == AT_ONCE:
                    await store.put_many(batch)
                    written += len(batch)
                    progress.of("wrote", written, written / self.count)
                    batch = []
            await store.put_many(batch)
        finally:
            progress.end()


@dataclass(frozen=True, slots=True)
class Judged:
    """Some lines: so many profiles, packed (id, bytes); of how many bytes; or what is wrong with the first bad one."""

    packed: bytes
    count: int
    read: int
    failure: str = ""


def judged(chunk: tuple[int, list[bytes]], *, name: str, keyring: Keyring, now: float) -> Judged:
    """Judge the lines of a chunk (the number of the first, and they)."""
    first, lines = chunk
    pack = msgpack.Packer().pack
    packed = []
    for number, line in enumerate(lines, first):
        if not line.strip():
            continue
        try:
            profile = from_json(line.decode("utf-8"), f"{name}:{number}", now)
        except UnicodeDecodeError:
            return Judged(b"", 0, 0, f"{name}:{number}: is not UTF-8")
        except Failure as failure:
            return Judged(b"", 0, 0, failure.message)
        if profile.email:
            profile = profile._replace(email=seal(keyring, profile.email))
        encode = encode_resting if is_at_rest(profile.updated, now) else encode_profile
        packed.append(pack((profile.id, encode(profile))))
    return Judged(b"".join(packed), len(packed), sum(map(len, lines)))


def _chunks(lines: IO[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    number = 1
    while chunk := list(islice(lines, AT_ONCE)):
        yield number, chunk
        number += len(chunk)


def _in_processes(
    judge: Callable[[tuple[int, list[bytes]]], Judged], chunks: Iterator[tuple[int, list[bytes]]], *, is_large: bool
) -> Iterator[Judged]:
    """Chunks in their order, judged by all cores where there are many of them: reading JSON is what an import does."""
    if not is_large:
        yield from map(judge, chunks)
        return
    workers = len(os.sched_getaffinity(0))
    # Ctrl-C is this process's to tell of.
    with ProcessPoolExecutor(workers, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)) as pool:
        waiting = deque(pool.submit(judge, chunk) for chunk in islice(chunks, 2 * workers))
        try:
            while waiting:
                yield waiting.popleft().result()
                waiting.extend(pool.submit(judge, chunk) for chunk in islice(chunks, 1))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _opened(file: str) -> Iterator[tuple[IO[bytes], int]]:
    """The lines, and how many bytes they are (0 where nobody knows)."""
    if file == "-":
        yield sys.stdin.buffer, 0
        return
    try:
        lines = open(file, "rb")  # noqa: SIM115 - closed below, and not a failure of what is done with it
    except OSError as error:
        raise Failure(f"{file}: {error.strerror}", BAD_CONFIG) from None
    with lines:
        yield lines, os.fstat(lines.fileno()).st_size
