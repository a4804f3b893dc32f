"""The oracle: what visitors hold against what is stored. Streams by path, profiles by the pages counted in them.

Invariants: a consumer group that acknowledges nothing keeps the stream whole, for the next oracle of that Redis too,
which compares all profiles with all of it; the verdict is taken when nothing is under way any more, or after a wait
that is given.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from redis.exceptions import RedisError, ResponseError

from clicks.click import Click
from clicks.wire import decode_click
from storage import keys
from storage.connecting import Client, connect
from storage.profile_store import ProfileStore
from storage.records import unpack_records
from visitors.wire import decode_profile

GROUP = "oracle"
_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """`lost` and `doubled` of complete answers, in the stream and in profiles; `cut_doubled` of broken ones."""

    completed: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    cut_doubled: tuple[str, ...]
    profiles: int
    folded_short: int
    """Page views that the stream has and the profiles lack."""
    folded_over: int
    """Page views that the profiles have and the stream lacks."""
    out_of_order: int
    """Entries of a spool that do not begin where the one before them ended."""

    @property
    def is_good(self) -> bool:
        """Nothing lost, nothing twice."""
        return not (
            self.lost or self.doubled or self.cut_doubled or self.folded_short or self.folded_over or self.out_of_order
        )

    def figures(self) -> dict[str, int]:
        """For a record."""
        return {
            "completed": self.completed,
            "lost": len(self.lost),
            "doubled": len(self.doubled) + len(self.cut_doubled),
            "profiles": self.profiles,
            "folded_short": self.folded_short,
            "folded_over": self.folded_over,
            "out_of_order": self.out_of_order,
        }


class Oracle:
    """Looks into one Redis. Use it as a context: its group holds the stream."""

    def __init__(self, url: str) -> None:
        self._client: Client = connect(url)

    async def __aenter__(self) -> "Oracle":
        await self.hold()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def hold(self) -> None:
        """Keep all that comes from now on in the stream."""
        try:
            await self._client.execute_command("XGROUP CREATE", keys.STREAM, GROUP, "0", "MKSTREAM")
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    async def verdict(self, done: Iterable[str], cut: Iterable[str], timeout_s: float = 60.0) -> Verdict:
        """Wait until all of `done` is in the stream and the stream is folded, then judge; judge anyway in the end."""
        wanted = list(done)
        deadline = asyncio.get_running_loop().time() + timeout_s
        while asyncio.get_running_loop().time() < deadline:
            try:
                # In this order: what comes to the stream behind a look at what is folded need not be folded.
                if (await self._stream()).stored.keys() >= set(wanted) and await self.is_folded():
                    break
            except (RedisError, OSError, TimeoutError):
                pass
            await asyncio.sleep(0.25)
        for _ in range(_ATTEMPTS):
            with suppress(RedisError, OSError, TimeoutError):  # a client that still thinks of a master of before
                stream = await self._stream()
                profiles, short, over = await self._compare_profiles(stream.page_views)
                break
            await asyncio.sleep(1)
        else:
            raise RuntimeError("the oracle cannot read Redis")
        stored = stream.stored
        return Verdict(
            completed=len(wanted),
            lost=tuple(path for path in wanted if not stored[path]),
            doubled=tuple(path for path in wanted if stored[path] > 1),
            cut_doubled=tuple(path for path in cut if stored[path] > 1),
            profiles=profiles,
            folded_short=short,
            folded_over=over,
            out_of_order=stream.out_of_order,
        )

    async def is_folded(self) -> bool:
        """Whether the consumer has been handed and has acknowledged all that is in the stream."""
        last = await self._client.execute_command("XREVRANGE", keys.STREAM, "+", "-", "COUNT", 1)
        for group in await self._client.execute_command("XINFO GROUPS", keys.STREAM):
            if group["name"] == keys.GROUP:
                return group["pending"] == 0 and (not last or bytes(group["last-delivered-id"]) == bytes(last[0][0]))
        return False

    async def _stream(self) -> "_Stream":
        found = _Stream(Counter(), Counter())
        ends: dict[bytes, int] = {}
        after = b"-"
        while True:
            entries = await self._client.execute_command("XRANGE", keys.STREAM, after, "+", "COUNT", 500)
            for _, fields in entries:
                records = list(unpack_records(fields[b"b"]))
                for record in records:
                    found.add(decode_click(record.payload))
                found.out_of_order += records[0].sequence != ends.get(fields[b"s"], -1) + 1
                ends[fields[b"s"]] = records[-1].sequence
            if len(entries) < 500:
                return found
            after = b"(" + bytes(entries[-1][0])

    async def _compare_profiles(self, wanted: "Counter[str]") -> tuple[int, int, int]:
        """Profiles, and page views missing from and too many in them."""
        store, found = ProfileStore(self._client), Counter[str]()
        async for name, raw in store.scan():
            found[name] = decode_profile(raw).page_views
        return len(found), (wanted - found).total(), (found - wanted).total()


@dataclass(slots=True)
class _Stream:
    """What a stream holds, counted: hours of it are millions of clicks."""

    stored: Counter[str]
    """Clicks by path."""
    page_views: Counter[str]
    """By profile."""
    out_of_order: int = 0

    def add(self, click: Click) -> None:
        """Count one."""
        self.stored[click.path] += 1
        if click.profile is not None:
            self.page_views[click.profile] += sum(event.name == "page_view" for event in click.events)
