"""The pause of a background task between two looks."""

import asyncio


async def pause(seconds: float, stop: asyncio.Event) -> None:
    """Return after so many seconds, or as soon as `stop` is set."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
