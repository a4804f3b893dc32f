"""Profiles as the consumer reads and writes them: nothing is written over what it has not seen.

Two ways to the same promise. On a single server a transaction over watched keys (https://valkey.io/topics/transactions/)
writes all of a batch or nothing, and no profile is sent twice. On a Cluster, where every profile has a slot of its own,
each is compared with what it was.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from redis.exceptions import ResponseError

from storage import keys
from storage.folding import Change
from storage.line import Line
from storage.profile_store import ProfileStore

_AT_ONCE: Final = 64
"""Profiles in one command: a reply that is not whole yet is looked at again from its start."""


class FoldedProfiles(Protocol):
    """`erased` says, by id, up to when (Unix seconds) clicks are refused, as far as such marks were met."""

    erased: dict[str, float]

    async def read(self, names: Sequence[str]) -> list[bytes | None]:
        """Bytes of each, None where there is none."""

    async def write(self, changes: Sequence[Change]) -> bool:
        """Write all; False when something is not as it was read, and everything has to be read again."""


class WatchedProfiles:
    """Of a single server."""

    def __init__(self, line: Line, ttl_s: float) -> None:
        self.erased: dict[str, float] = {}
        self._line = line
        self._ttl = b"%d" % ttl_s

    async def read(self, names: Sequence[str]) -> list[bytes | None]:
        """Watches them, and the marks of their erasure, until the next `write`."""
        commands: list[Sequence[bytes]] = []
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            wanted = [*map(keys.profile_key, some), *map(keys.erased_key, some)]
            commands += ((b"WATCH", *wanted), (b"MGET", *wanted))
        found: list[bytes | None] = []
        for start, values in zip(range(0, len(names), _AT_ONCE), (await self._line.run(commands))[1::2], strict=True):
            half = len(values) // 2
            found += values[:half]
            if any(values[half:]):
                marks = zip(names[start : start + half], values[half:], strict=True)
                self.erased |= {name: float(mark) for name, mark in marks if mark is not None}
        return found

    async def write(self, changes: Sequence[Change]) -> bool:
        """All in one transaction, so that what a tombstone replaces arrives with it."""
        if not changes:
            await self._line.execute_command(b"UNWATCH")
            return True
        # Not a script: a value costs the server half as much again when it goes through Lua.
        sets = [(b"SET", keys.profile_key(change.profile_id), change.raw, b"EX", self._ttl) for change in changes]
        *_, written = await self._line.run([(b"MULTI",), *sets, (b"EXEC",)])
        for result in written:
            if isinstance(result, Exception):
                self._line.close()
                raise ResponseError(str(result))
        return bool(written)


class ComparedProfiles:
    """Of a Cluster."""

    def __init__(self, store: ProfileStore) -> None:
        self.erased: dict[str, float] = {}
        self._store = store

    async def read(self, names: Sequence[str]) -> list[bytes | None]:
        """In a round trip for each node."""
        return await self._store.get_many(names)

    async def write(self, changes: Sequence[Change]) -> bool:
        """A tombstone replaces a history: it is not written unless the history has arrived."""
        return await self._write([change for change in changes if not change.is_tombstone]) and await self._write(
            [change for change in changes if change.is_tombstone]
        )

    async def _write(self, changes: Sequence[Change]) -> bool:
        results = await self._store.write_many(
            [(change.profile_id, change.expected, change.raw, self.erased.get(change.profile_id)) for change in changes]
        )
        for change, result in zip(changes, results, strict=True):
            if result is not True and result is not False:
                self.erased[change.profile_id] = result
        return all(result is True for result in results)
