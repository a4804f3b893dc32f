"""A plain relay of bytes to the origin, on the fronts' core: `python -m bench.attackers.relay PORT ORIGIN`.

What is asked through it at the same time says how long the machine itself kept a visitor waiting.
"""

import asyncio
import sys

import uvloop


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def main(port: int, origin: int) -> None:
    """Serve until ended."""

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        origin_reader, origin_writer = await asyncio.open_connection("127.0.0.1", origin)
        await asyncio.gather(_pump(reader, origin_writer), _pump(origin_reader, writer))

    server = await asyncio.start_server(met, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(*map(int, sys.argv[1:])))
