"""`demo`: La Gramola, an old record shop, and Vitrina in front of it, on one machine with one command."""

import argparse
import asyncio
import contextlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from config.settings import Settings
from demo.history import histories
from demo.personas import PERSONAS
from demo.walk import walk_through
from storage.control import ControlPage
from storage.embedded import EmbeddedValkey
from storage.spool import Spool
from vitrina.addresses import bind, parse_address
from vitrina.commands.check import checked_settings
from vitrina.datafolder import DataFolder
from vitrina.demo_screen import DemoScreen
from vitrina.failures import BUSY_ADDRESS, Failure
from vitrina.keys import load_keyring
from vitrina.source import Source
from vitrina.supervisor import Supervisor
from vitrina.terminal import paint, single_keys

DEFAULT_PORT = 8080
CONFIG = Path(__file__).parents[2] / "demo" / "site.toml"
SHOP_START_S = 15.0
SETTLE_S = 20.0


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "demo",
        help="a demo shop with Vitrina in front of it",
        description="Start La Gramola (a record shop as they were in 2008), Vitrina in front of it and an embedded "
        "Valkey; print links. Ctrl-C stops everything; the key k kills Valkey and brings it back.",
    )
    parser.add_argument("--port", type=int, help=f"Vitrina's port; the next two are used too (default {DEFAULT_PORT})")
    parser.add_argument("--data", default=".demo-data", help="data folder, emptied at each start (default .demo-data)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the demo until Ctrl-C."""
    port = args.port or int(os.environ.get("DEMO_PORT") or DEFAULT_PORT)
    data = _fresh(DataFolder(Path(args.data)))
    _require_free(port)
    config = _configured(port, data)
    settings = checked_settings(str(config))
    return asyncio.run(_demo(port, data, str(config), settings))


def _fresh(data: DataFolder) -> DataFolder:
    """An empty data folder; what a killed demo left running in it is stopped first."""
    if data.is_claimed():
        raise Failure(f"another demo runs in {data.path}; stop it, or choose another folder with --data", BUSY_ADDRESS)
    if data.path.exists():
        left = EmbeddedValkey(data.path)
        if left.adopt():
            left.stop()
        shutil.rmtree(data.path)
    data.make()
    return data


def _require_free(port: int) -> None:
    for offset, what in enumerate(("Vitrina", "the shop", "the operator's listener")):
        address = parse_address(f"127.0.0.1:{port + offset}")
        bind(address, f" ({what} wants it); try: make demo DEMO_PORT={port + 1000}").close()


def _configured(port: int, data: DataFolder) -> Path:
    """The demo's site.toml with this run's addresses, beside its offers."""
    folder = data.path / "site"
    shutil.copytree(CONFIG.parent / "offers", folder / "offers")
    text = CONFIG.read_text("utf-8")
    for old, new in (
        ('listen = "127.0.0.1:8080"', f'listen = "127.0.0.1:{port}"'),
        ('admin = "127.0.0.1:8082"', f'admin = "127.0.0.1:{port + 2}"'),
        ('origin = "http://127.0.0.1:8081"', f'origin = "http://127.0.0.1:{port + 1}"'),
        ('data = ".demo-data"', f'data = "{data.path}"'),
    ):
        if old not in text:
            raise Failure(f"{CONFIG}: expected the line {old}", 1)
        text = text.replace(old, new)
    config = folder / "site.toml"
    config.write_text(text, "utf-8")
    return config


async def _demo(port: int, data: DataFolder, config: str, settings: Settings) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    started = time.monotonic()
    print("starting La Gramola, Valkey and Vitrina …", flush=True)
    shop = await _start_shop(port + 1)
    source = Source(config)
    supervisor = Supervisor(source, source.load(), data, demo=True)
    try:
        await supervisor.start()
        _remember_the_past(data)
        await walk_through(port)
        await _settled(data)
        print(_links(port, time.monotonic() - started), flush=True)
        with single_keys() as keyboard:
            await DemoScreen(supervisor, data, settings).watch(stop, keyboard)
    finally:
        print("\nstopping …", flush=True)
        await supervisor.stop()
        if shop.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                shop.terminate()
            await shop.wait()
    return 0


async def _start_shop(port: int) -> asyncio.subprocess.Process:
    shop = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "vitrina.processes.demo_shop",
        "--port",
        str(port),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is the demo's: the shop answers until Vitrina has drained
    )
    deadline = time.monotonic() + SHOP_START_S
    while time.monotonic() < deadline and shop.returncode is None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return shop
    raise Failure("the demo shop did not start; its own messages are above", 1)


def _remember_the_past(data: DataFolder) -> None:
    """Put the customers' past clicks into a spool of their own; shipping and folding them is the worker's job."""
    keyring = load_keyring(data.keys)
    spool = Spool.create(data.spool)
    for click in histories(time.time(), keyring):
        spool.append(click)
    spool.close()


async def _settled(data: DataFolder) -> None:
    """Wait until the worker has folded everything there is."""
    control = ControlPage.open(data.control)
    deadline = time.monotonic() + SETTLE_S
    before = -1
    while time.monotonic() < deadline:
        totals = control.totals()
        if totals["spool_depth"] == 0 and totals["folded"] == totals["shipped"] == before:
            return
        before = totals["folded"]
        await asyncio.sleep(0.3)


def _links(port: int, seconds: float) -> str:
    rows = [("the shop as it is", f"http://localhost:{port + 1}/")]
    rows += [(who.title, f"http://{who.host}:{port}{who.start_path}") for who in PERSONAS]
    rows += [
        ("the four side by side", f"http://localhost:{port}/_vitrina/demo/compare"),
        ("byte lens", f"http://localhost:{port}/_vitrina/demo/lens"),
        ("the operator's metrics", f"http://localhost:{port + 2}/metrics"),
    ]
    width = max(len(title) for title, _ in rows)
    lines = [f"  {title:<{width}}  {paint(link, 'cyan')}" for title, link in rows]
    head = f"{paint('Vitrina', 'bold')} is ready ({seconds:.1f} s). Open in a browser:"
    keys = "k kills Valkey and brings it back · Ctrl-C stops everything"
    return "\n".join(["", head, *lines, "", paint(keys, "dim"), ""])
