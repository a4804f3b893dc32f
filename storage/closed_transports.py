"""The client library under uvloop: a write to a connection that was reset is a lost connection, and nothing else.

Why: uvloop raises RuntimeError on a write to a transport that closed (asyncio's own loop drops the bytes in silence).
The client library does not expect it, so it would pass everybody who waits a failing Redis out, and end the shipper,
the consumer and the catalogue's refreshing for good. Invariant: clients made by `storage.connecting` raise RedisError,
OSError or TimeoutError when the server fails, whatever the loop.
"""

from collections.abc import Iterable
from typing import Any

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.exceptions import ConnectionError as RedisConnectionError

_kinds: dict[type[AbstractConnection], type[AbstractConnection]] = {}


def _telling(kind: type[AbstractConnection]) -> type[AbstractConnection]:
    """A connection of that kind which says that it is lost; the same class every time."""
    if kind in _kinds:
        return _kinds[kind]

    class Telling(kind):  # type: ignore[misc, valid-type]
        async def send_packed_command(
            self, command: bytes | str | Iterable[bytes], check_health: bool = True, **options: Any
        ) -> None:
            try:
                await super().send_packed_command(command, check_health, **options)
            except RuntimeError as error:
                await self.disconnect(nowait=True)
                raise RedisConnectionError(f"the connection was lost: {error}") from error

    Telling.__name__ = kind.__name__
    _kinds[kind] = Telling
    return Telling


def tell_of_lost_connections(client: Redis | RedisCluster) -> None:
    """Make every connection that `client` will open say it in the client library's own words. Before its first use."""
    if isinstance(client, RedisCluster):
        settings = client.connection_kwargs
        settings["connection_class"] = _telling(settings["connection_class"])
        for node in client.nodes_manager.startup_nodes.values():
            node.connection_class = _telling(node.connection_class)  # type: ignore[assignment]
        return
    pool: Any = client.connection_pool
    pool.connection_class = _telling(pool.connection_class)
    if isinstance(pool, SentinelConnectionPool):
        for sentinel in pool.sentinel_manager.sentinels:
            tell_of_lost_connections(sentinel)
