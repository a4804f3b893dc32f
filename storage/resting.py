"""Profiles whose visitors have gone are put to rest: written anew in a third of the bytes.

One pass after the other over all profiles, slowly; that finds what was imported or restored, and what another process
left when it ended. Invariant: a profile is written only over the very bytes it was read as, and expires when it would
have.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from redis.exceptions import RedisError

from storage.pausing import pause
from storage.profile_store import ProfileStore
from visitors.resting import is_at_rest
from visitors.wire import decode_profile, encode_resting, is_resting

EVERY_S: Final = 1_800.0
"""From the end of a pass to the next."""
PAGE: Final = 200
PAUSE_S: Final = 0.1
"""Between two pages: a million profiles take some ten minutes, of which the server is asked for a few seconds."""
_AGAIN_S: Final = 60.0

_log = logging.getLogger("vitrina.resting")


class Resting:
    """The background task of `work`. `is_mine` says whether this process folds clicks: of several, one does both."""

    def __init__(self, store: ProfileStore, is_mine: Callable[[], bool], now: Callable[[], float] = time.time) -> None:
        self.rested = 0
        """Profiles put to rest so far."""
        self._store = store
        self._is_mine = is_mine
        self._now = now

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; with Redis away the next pass comes a minute later."""
        while not stop.is_set():
            wait_s = EVERY_S
            try:
                if self._is_mine():
                    await self.walk(stop)
                else:
                    wait_s = _AGAIN_S
            except (RedisError, OSError, TimeoutError) as error:
                _log.info("profiles are not put to rest: %s", " ".join(str(error).split()) or type(error).__name__)
                wait_s = _AGAIN_S
            await pause(wait_s, stop)

    async def walk(self, stop: asyncio.Event, pause_s: float = PAUSE_S) -> None:
        """One pass over all profiles."""
        async for page in self._store.pages(PAGE):
            if stop.is_set():
                return
            changes = [(name, raw, fresh) for name, raw in page if (fresh := at_rest(raw, self._now())) is not None]
            self.rested += await self._store.put_to_rest(changes)
            await pause(pause_s, stop)


def at_rest(raw: bytes, now: float) -> bytes | None:
    """The resting form of these bytes; None for a profile that rests already, or not yet, or cannot be read."""
    if is_resting(raw):
        return None
    try:
        profile = decode_profile(raw)
    except ValueError:
        return None
    return encode_resting(profile) if is_at_rest(profile.updated, now) else None
