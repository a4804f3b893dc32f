"""How much Redis holds: looked at now and then, for the operator.

Invariant: it only reads, and what cannot be told stays as it was told last.
"""

import asyncio
import logging
from typing import Final

from redis.asyncio import Redis, RedisCluster
from redis.exceptions import RedisError

from storage import keys
from storage.connecting import Client
from storage.pausing import pause

EVERY_S: Final = 10.0

_log = logging.getLogger(__name__)


class Occupancy:
    """The background task of `work`; attributes are what was found last."""

    def __init__(self, client: Client) -> None:
        self.stream_entries = 0
        """Entries of the stream of clicks, of up to 64 clicks each: those that wait, and the last ones."""
        self.redis_keys = 0
        """Keys of the whole server, or of all masters; nearly all are profiles where it is Vitrina's own."""
        self.redis_bytes = 0
        """Memory of the whole server, or of all masters together."""
        self._client = client

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`."""
        while not stop.is_set():
            try:
                await self.look()
            except (RedisError, OSError, TimeoutError) as error:
                _log.debug("Redis does not say how much it holds: %s", error)
            await pause(EVERY_S, stop)

    async def look(self) -> None:
        """Ask once."""
        self.stream_entries = int(await self._client.execute_command("XLEN", keys.STREAM))
        if isinstance(self._client, Redis):
            self.redis_keys = await self._client.dbsize()
            self.redis_bytes = int((await self._client.info("memory"))["used_memory"])
            return
        # Without a target a Cluster's client asks one of its nodes.
        self.redis_keys = await self._client.dbsize(target_nodes=RedisCluster.PRIMARIES)
        by_node = await self._client.info("memory", target_nodes=RedisCluster.PRIMARIES)
        alone = by_node.get("used_memory")  # of a single master the answer is its own
        self.redis_bytes = sum(int(node["used_memory"]) for node in by_node.values()) if alone is None else int(alone)
