"""Two defects of the client library, mended in every connection it opens.

Under uvloop a write to a connection that was reset raises RuntimeError (asyncio's own loop drops the bytes in silence),
which the library does not expect: it would pass everybody who waits a failing Redis out, and end the shipper, the
consumer and the catalogue's refreshing for good. And it writes by `asyncio.wait_for`, which up to Python 3.11 swallows
a cancellation that comes together with its result (https://github.com/python/cpython/issues/86296): a limit around a
command cancels once, so that one would never end. Invariant: clients made by `storage.connecting` raise RedisError,
OSError or TimeoutError when the server fails, whatever the loop, and hear every cancellation.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.exceptions import ConnectionError as RedisConnectionError

_kinds: dict[type[AbstractConnection], type[AbstractConnection]] = {}


def _mended(kind: type[AbstractConnection]) -> type[AbstractConnection]:
    """A connection of that kind without the defects; the same class every time."""
    if kind in _kinds:
        return _kinds[kind]

    class Mended(kind):  # type: ignore[misc, valid-type]
        async def send_packed_command(
            self, command: bytes | str | Iterable[bytes], check_health: bool = True, **options: Any
        ) -> None:
            task = asyncio.current_task()
            heard = task.cancelling() if task is not None else 0
            try:
                await super().send_packed_command(command, check_health, **options)
            except RuntimeError as error:
                await self.disconnect(nowait=True)
                raise RedisConnectionError(f"the connection was lost: {error}") from error
            finally:
                if task is not None and task.cancelling() > heard:
                    await self.disconnect(nowait=True)
                    raise asyncio.CancelledError

    Mended.__name__ = kind.__name__
    _kinds[kind] = Mended
    return Mended


def mend_connections(client: Redis | RedisCluster) -> None:
    """Every connection that `client` will open. Before its first use."""
    if isinstance(client, RedisCluster):
        settings = client.connection_kwargs
        settings["connection_class"] = _mended(settings["connection_class"])
        for node in client.nodes_manager.startup_nodes.values():
            node.connection_class = _mended(node.connection_class)  # type: ignore[assignment]
        return
    pool: Any = client.connection_pool
    pool.connection_class = _mended(pool.connection_class)
    if isinstance(pool, SentinelConnectionPool):
        for sentinel in pool.sentinel_manager.sentinels:
            mend_connections(sentinel)
