"""`serve`: the proxy in front of a shop."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from config.settings import MOST_WORKERS
from vitrina.background import spawn
from vitrina.commands.arguments import add_config, config_path
from vitrina.datafolder import DataFolder
from vitrina.failures import BAD_CONFIG, Failure
from vitrina.handover import ENDING, received
from vitrina.listeners import ADMIN, HTTP, HTTPS, shown
from vitrina.notifying import ServiceManager
from vitrina.source import Source
from vitrina.supervisor import Supervisor
from vitrina.terminal import paint


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "serve",
        help="run the proxy in front of a shop",
        description="Run the proxy in front of a shop until Ctrl-C or SIGTERM. Without a configuration file it "
        "observes: clicks are logged, nothing is rewritten. SIGHUP reloads, SIGUSR1 reopens the access log, SIGUSR2 "
        "restarts without a gap.",
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
    source = Source(config, args.origin, overrides(args))
    loaded = source.load()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    supervisor = Supervisor(
        source,
        loaded,
        DataFolder(Path(loaded.settings.data)),
        manager=ServiceManager(),
        before=received(os.environ),
    )
    return asyncio.run(_serve(supervisor, preflight=not args.no_preflight))


def overrides(args: argparse.Namespace) -> Mapping[str, str | int]:
    """What the command line says over the file."""
    if args.workers is not None and args.workers < 1:
        raise Failure(f"--workers {args.workers}: at least 1", BAD_CONFIG)
    if args.workers is not None and args.workers > MOST_WORKERS:
        raise Failure(f"--workers {args.workers}: at most {MOST_WORKERS}", BAD_CONFIG)
    given = {name: getattr(args, name) for name in ("listen", "admin", "data", "workers")}
    return {name: value for name, value in given.items() if value is not None}


async def _serve(supervisor: Supervisor, *, preflight: bool) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in ENDING:
        loop.add_signal_handler(number, stop.set)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # no log is open yet
    # On a terminal, SIGHUP says that it was closed.
    on_hangup = stop.set if sys.stdin is not None and sys.stdin.isatty() else lambda: _do(supervisor, "reload")
    loop.add_signal_handler(signal.SIGHUP, on_hangup)
    loop.add_signal_handler(signal.SIGUSR2, lambda: _do(supervisor, "restart"))
    await supervisor.start(preflight=preflight)
    loop.add_signal_handler(signal.SIGUSR1, supervisor.reopen_logs)
    print(_greeting(supervisor), flush=True)
    await stop.wait()
    print("stopping: answering what is under way …", flush=True)
    await supervisor.stop()
    return 0


def _do(supervisor: Supervisor, what: str) -> None:
    async def change() -> None:
        await supervisor.started.wait()
        await (supervisor.reload() if what == "reload" else supervisor.restart())

    spawn(change(), what)


def _greeting(supervisor: Supervisor) -> str:
    settings, sockets = supervisor.settings, supervisor.listeners.sockets
    urls = [f"{scheme}://{_local(shown(sockets[scheme]))}/" for scheme in (HTTP, HTTPS) if scheme in sockets]
    return (
        f"{paint('Vitrina', 'bold')} serves {settings.site.origin} on {' and '.join(urls)} "
        f"(mode {settings.site.mode}, {settings.workers} worker{'s' if settings.workers > 1 else ''}; "
        f"operator: http://{_local(shown(sockets[ADMIN]))}/metrics)"
    )


def _local(address: str) -> str:
    host, _, port = address.rpartition(":")
    return f"localhost:{port}" if host in ("0.0.0.0", "[::]") else address  # noqa: S104 - shown, not bound
