"""A plain relay of bytes to the origin, on the fronts' core: `python -m bench.attackers.relay PORT ORIGIN`.

What is asked through it at the same time says how long the machine itself kept a visitor waiting.
"""

import asyncio
import sys

import uvloop

from bench.chaos.wire import Wire


async def main(port: int, origin: int) -> None:
    """Serve until ended."""
    await Wire(origin, port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(*map(int, sys.argv[1:])))
