"""Profiles in Redis, read on the request's path in batches: one round trip for all that a tick of the loop asks.

Invariant: the request's path never waits longer than its deadline, never retries and never blocks.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, Protocol

from redis.asyncio import Redis, RedisCluster
from redis.exceptions import RedisError

from storage import keys
from storage.connecting import Client
from storage.replies import Reply, ServerError
from storage.resp import RespConnection, endpoint_of

Done = Callable[[bytes | None, str | None], None]
Spawn = Callable[[Coroutine[Any, Any, None], str], "asyncio.Task[None]"]

_CONNECT_TIMEOUT_S: Final = 1.0
_RECONNECT_S: Final = (0.02, 0.05, 0.1, 0.2, 0.5)
_PROBE_EVERY_S: Final = 0.25
_GIVE_UP_S: Final = 3.0
"""A connection that owes an answer that long is dead; a new one is made."""
_GRACE_S: Final = 0.001
"""A reply may already lie in the socket when its deadline fires late, because the loop itself was busy."""

_log = logging.getLogger(__name__)


class _Link(Protocol):
    def mget(self, keys: Sequence[bytes], on_reply: Callable[[Reply | Exception], None]) -> None: ...
    def ping(self, on_reply: Callable[[Reply | Exception], None]) -> None: ...
    def abort(self) -> None: ...


class _ClusterLink:
    """The same by the client library, which groups the keys by node."""

    def __init__(self, client: RedisCluster, spawn: Spawn, on_lost: Callable[[], None]) -> None:
        self._client = client
        self._spawn = spawn
        self._on_lost = on_lost

    @classmethod
    async def open(
        cls, client: RedisCluster, spawn: Spawn, on_lost: Callable[[], None], timeout_s: float
    ) -> "_ClusterLink":
        """The client once it answers; as `RespConnection.open`."""
        async with asyncio.timeout(timeout_s):
            await client.initialize()
            await client.get(keys.LEASE)
        return cls(client, spawn, on_lost)

    def mget(self, keys: Sequence[bytes], on_reply: Callable[[Reply | Exception], None]) -> None:
        self._spawn(self._run(self._client.mget_nonatomic(list(keys)), on_reply), "profiles-mget")

    def ping(self, on_reply: Callable[[Reply | Exception], None]) -> None:
        self._spawn(self._run(self._client.get(keys.LEASE), on_reply), "profiles-ping")

    def abort(self) -> None:
        on_lost, self._on_lost = self._on_lost, _nothing
        on_lost()

    async def _run(self, asked: Any, on_reply: Callable[[Reply | Exception], None]) -> None:
        try:
            reply = await asked
        except (RedisError, OSError, TimeoutError) as error:
            on_reply(error)
        else:
            on_reply(reply)


class BatchedProfiles:
    """The data plane's `ProfileSource`: the fetches of one event-loop tick go out as one MGET.

    The breaker opens when Redis does not answer in time a PING sent after a fetch that timed out or was answered with
    an error; while it is open, fetches fail at once and a PING every 0.25 s finds out when it may close. A lost
    connection opens it as well, until one that was made in the background answers. Needs a running event loop.
    """

    def __init__(self, client: Client, timeout_s: float, spawn: Spawn) -> None:
        self.opened = 0
        """How often the breaker opened."""
        self.is_open = False
        """Fetches fail at once: Redis is slow, refuses, or is not there."""
        self.on_change: Callable[[bool], None] = _unheard
        """Told when the breaker opens (True) or closes."""
        self._client = client
        self._timeout_s = timeout_s
        self._spawn = spawn
        self._loop = asyncio.get_running_loop()
        self._link: _Link | None = None
        self._linked = asyncio.Event()
        self._closed = False
        self._waiting: list[tuple[bytes, Done]] = []
        self._pinged = 0.0
        self._answered_in_s: float | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._connecting = spawn(self._connect(), "profiles-connect")

    async def ready(self, timeout_s: float = 1.0) -> bool:
        """Wait for the connection; False when there is none by then (fetches fail at once until there is)."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._linked.wait()
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """Let go of the connection; later fetches fail at once."""
        self._closed = True
        self._connecting.cancel()
        self._stop_watching()
        link, self._link = self._link, None
        if link is not None:
            link.abort()

    def fetch(self, profile_id: str, done: Done) -> None:
        """Call `done(raw, failure)` once; failure is None, "timeout", "unavailable" or "breaker_open"."""
        if self._link is None:
            done(None, "unavailable")
        elif self.is_open:
            done(None, "breaker_open")
        else:
            self._waiting.append((keys.profile_key(profile_id), done))
            if len(self._waiting) == 1:
                self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if self._link is None:
            _settle_all(waiting, "unavailable")
            return
        _Batch(self, waiting, self._link).send()

    def _failed(self) -> None:
        """A fetch was late or refused: ask whether Redis answers at all, unless that is being asked already."""
        if self._watch is None and self._link is not None:
            self._ping(self._link)
            self._watch = self._loop.call_later(self._timeout_s + _GRACE_S, self._judge)

    def _ping(self, link: _Link) -> None:
        sent = self._pinged = self._loop.time()
        self._answered_in_s = None

        def answered(reply: Reply | Exception) -> None:
            if self._pinged == sent and not isinstance(reply, Exception):
                self._answered_in_s = self._loop.time() - sent

        link.ping(answered)

    def _judge(self) -> None:
        self._watch = None
        if self._link is None:
            return
        if self._answered_in_s is not None and self._answered_in_s <= self._timeout_s + _GRACE_S:
            if self.is_open:
                self._close()
                _log.warning("profiles: Redis answers in time again")
            return
        if not self.is_open:
            self._open()
            _log.warning(
                "profiles: Redis does not answer within %.0f ms; pages go out as they are", self._timeout_s * 1000
            )
        if self._answered_in_s is not None:
            self._ping(self._link)
        elif self._loop.time() - self._pinged > _GIVE_UP_S:
            self._link.abort()
            return
        self._watch = self._loop.call_later(_PROBE_EVERY_S, self._judge)

    def _open(self) -> None:
        if not self.is_open:
            self.is_open = True
            self.opened += 1
            self.on_change(True)

    def _close(self) -> None:
        if self.is_open:
            self.is_open = False
            self.on_change(False)

    def _lost(self) -> None:
        self._link = None
        self._linked.clear()
        self._stop_watching()
        if not self._closed:
            self._open()
            self._connecting = self._spawn(self._connect(), "profiles-connect")

    def _stop_watching(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    async def _connect(self) -> None:
        attempt = 0
        while not self._closed:
            try:
                if isinstance(self._client, Redis):
                    endpoint = await endpoint_of(self._client)
                    self._link = await RespConnection.open(endpoint, self._lost, _CONNECT_TIMEOUT_S)
                else:
                    self._link = await _ClusterLink.open(self._client, self._spawn, self._lost, _CONNECT_TIMEOUT_S)
            except (RedisError, ServerError, OSError, TimeoutError) as error:
                if attempt == 0:
                    self._open()
                    _log.warning("profiles: no Redis: %s", " ".join(str(error).split()) or type(error).__name__)
                await asyncio.sleep(_RECONNECT_S[min(attempt, len(_RECONNECT_S) - 1)])
                attempt += 1
            else:
                self._close()
                self._linked.set()
                return


class _Batch:
    """The fetches of one tick: each `done` is called once, by the reply or by the deadline."""

    __slots__ = ("_deadline", "_link", "_owner", "_waiting")

    def __init__(self, owner: BatchedProfiles, waiting: list[tuple[bytes, Done]], link: _Link) -> None:
        self._owner = owner
        self._waiting = waiting
        self._link = link
        self._deadline: asyncio.TimerHandle | None = None

    def send(self) -> None:
        owner = self._owner
        self._deadline = owner._loop.call_later(owner._timeout_s, self._late)
        self._link.mget([key for key, _ in self._waiting], self._replied)

    def _late(self) -> None:
        self._deadline = self._owner._loop.call_later(_GRACE_S, self._expire)

    def _expire(self) -> None:
        waiting, self._waiting = self._waiting, []
        _settle_all(waiting, "timeout")
        self._owner._failed()

    def _replied(self, reply: Reply | Exception) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return  # the deadline was first
        if self._deadline is not None:
            self._deadline.cancel()
        if not isinstance(reply, list) or len(reply) != len(waiting) or not all(map(_is_value, reply)):
            _settle_all(waiting, "unavailable")
            self._owner._failed()
            return
        for (_, done), raw in zip(waiting, reply, strict=True):
            _settle(done, raw, None)


def _is_value(raw: object) -> bool:
    """A key's, or that there is none: all that MGET answers with."""
    return raw is None or isinstance(raw, bytes)


def _nothing() -> None:
    """It was lost before."""


def _unheard(is_open: bool) -> None:
    """Nobody asked to be told."""


def _settle_all(waiting: list[tuple[bytes, Done]], failure: str) -> None:
    for _, done in waiting:
        _settle(done, None, failure)


def _settle(done: Done, raw: bytes | None, failure: str | None) -> None:
    try:
        done(raw, failure)
    except Exception:
        _log.exception("a profile's receiver failed")  # it must not take the batch's others with it
