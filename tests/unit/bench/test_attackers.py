"""Pieces of the attackers bench that its own runs do not tell of."""

import asyncio
import gc
from typing import Any

from bench.attackers.sharing import beside


async def test_what_goes_on_beside_is_ended_in_silence() -> None:
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    ended = []

    async def for_ever(name: str) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(name)

    async def fails() -> None:
        raise ConnectionResetError

    async with beside(for_ever("one"), fails(), for_ever("two")):
        await asyncio.sleep(0.01)
    assert ended == ["one", "two"]
    gc.collect()
    await asyncio.sleep(0)
    assert told == []
