"""`python -m demo.shop --port N`: runs the shop until it is told to stop."""

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from aiohttp import web

from demo.shop.app import make_app


async def run(host: str, port: int, data: Path | None) -> None:
    """Serves until SIGINT or SIGTERM; one line on stdout says when it is ready. Raises OSError when it cannot start."""
    runner = web.AppRunner(make_app(data), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, shutdown_timeout=1.0).start()
        bound = runner.addresses[0]
        print(f"La Gramola: http://{bound[0]}:{bound[1]}/", flush=True)
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await stop.wait()
    finally:
        await runner.cleanup()


def main() -> int:
    """Reads the arguments and runs; 1 when the port or the folder cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m demo.shop", description="La Gramola, a small legacy record shop.")
    parser.add_argument("--port", type=int, required=True, help="TCP port; 0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--data", type=Path, help="folder for customers and orders (default: memory only)")
    arguments = parser.parse_args()
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(run(arguments.host, arguments.port, arguments.data))
    except OSError as error:
        print(f"La Gramola cannot start: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
