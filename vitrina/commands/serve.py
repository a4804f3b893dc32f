"""`serve`: the proxy in front of a shop."""

import argparse
import asyncio
import dataclasses
import logging
import signal
import sys
from pathlib import Path

from config.settings import Settings
from vitrina.commands.arguments import add_config, config_path
from vitrina.commands.check import checked_settings
from vitrina.datafolder import DataFolder
from vitrina.failures import BAD_CONFIG, Failure
from vitrina.supervisor import Supervisor
from vitrina.terminal import paint


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "serve",
        help="run the proxy in front of a shop",
        description="Run the proxy in front of a shop until Ctrl-C or SIGTERM. Without a configuration file it "
        "observes: clicks are logged, nothing is rewritten.",
    )
    add_config(parser)
    parser.add_argument("--origin", metavar="URL", help="the shop, when there is no configuration file")
    parser.add_argument("--listen", metavar="A", help="address to listen on, for example :8080")
    parser.add_argument("--admin", metavar="A", help="the operator's listener (metrics, status)")
    parser.add_argument("--data", metavar="DIR", help="data folder")
    parser.add_argument("--workers", metavar="N", type=int, help="data-plane processes")
    parser.add_argument("--no-preflight", action="store_true", help="start although the origin does not answer yet")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until a signal."""
    if args.config is not None and args.origin is not None:
        raise Failure("--config and --origin exclude each other: the file names its origin", BAD_CONFIG)
    config = None if args.origin else config_path(args)
    if config is None and args.origin is None:
        raise Failure("what is to be served? pass --config F or --origin URL", BAD_CONFIG)
    settings = checked_settings(config, args.origin)
    settings = overridden(settings, args)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    supervisor = Supervisor(settings, DataFolder(Path(settings.data)), config=config, origin=args.origin)
    return asyncio.run(_serve(supervisor, settings, preflight=not args.no_preflight))


def overridden(settings: Settings, args: argparse.Namespace) -> Settings:
    """The settings with what the command line says over the file."""
    if args.workers is not None and args.workers < 1:
        raise Failure(f"--workers {args.workers}: at least 1", BAD_CONFIG)
    given = {name: getattr(args, name) for name in ("listen", "admin", "data", "workers")}
    return dataclasses.replace(settings, **{name: value for name, value in given.items() if value is not None})


async def _serve(supervisor: Supervisor, settings: Settings, *, preflight: bool) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await supervisor.start(preflight=preflight)
    shop, operator = (listener.getsockname() for listener in supervisor.listeners)
    print(
        f"{paint('Vitrina', 'bold')} serves {settings.site.origin} on http://{_shown(shop)}/ "
        f"(mode {settings.site.mode}, {settings.workers} worker{'s' if settings.workers > 1 else ''}; "
        f"operator: http://{_shown(operator)}/metrics)",
        flush=True,
    )
    await stop.wait()
    print("stopping: answering what is under way …", flush=True)
    await supervisor.stop()
    return 0


def _shown(address: tuple[str, int]) -> str:
    host = {"0.0.0.0": "localhost", "::": "localhost"}.get(address[0], address[0])  # noqa: S104 - shown, not bound
    return f"[{host}]:{address[1]}" if ":" in host else f"{host}:{address[1]}"
