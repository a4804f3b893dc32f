"""Attach to an installation's Redis: what runs, or the embedded Valkey started for the length of one command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from redis.exceptions import RedisError

from storage.connecting import check_url, connect
from storage.embedded import EmbeddedValkey, EmbeddedValkeyError
from vitrina.datafolder import DataFolder
from vitrina.failures import UNREACHABLE, Failure


@asynccontextmanager
async def attached(folder: DataFolder, redis_url: str) -> AsyncIterator[Any]:
    """A connected client. A Valkey that was started here is stopped again; one that ran is left alone."""
    valkey = None
    try:
        if redis_url == "embedded":
            valkey = EmbeddedValkey(folder.path)
            redis_url = valkey.url
            try:
                if valkey.adopt():
                    valkey = None
                else:
                    valkey.start()
            except EmbeddedValkeyError as error:
                raise Failure(f"embedded Valkey: {error}", UNREACHABLE) from None
        elif problem := await check_url(redis_url):
            raise Failure(problem, UNREACHABLE)
        client = connect(redis_url)
        try:
            yield client
        except RedisError as error:
            raise Failure(f"Redis: {' '.join(str(error).split())}", UNREACHABLE) from None
        finally:
            await client.aclose()
    finally:
        if valkey is not None:
            valkey.stop()
