"""The steps of a cut-over on the demo shop: latency and errors, direct against through us: `make bench-cutover`.

`python -m bench.cutover [--seconds 10] [--rate 60] [--visitors 300] [--seed 1] [--out FILE]` measures and prints;
`python -m bench.cutover --report FILE` prints the table again from raw results. Each step is taken on a running Vitrina
(`reload`, `off`) while visitors open pages: at each tick of the rate one page is asked of the shop itself and one
through Vitrina, in turns, so both meet the same machine in the same second. Nobody waits for anybody (open loop); more
than 64 pages under way would end the run.
"""

import argparse
import asyncio
import itertools
import os
import random
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path

import aiohttp

from bench.cutover_report import Run, Side, table
from bench.ending import ended
from bench.machine import here
from bench.raw_results import read_rows, write_rows

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "cutover.jsonl"
START_S = 30.0
MOST_AT_ONCE = 64
PAGES = (
    "index.php?language=n{}",
    "index.php?cPath=2",
    "product_info.php?products_id=9",
    "products_new.php",
    "about.php",
)
"""{} makes it a URL that nobody opened yet: on one that a visitor knows, the order stays for half an hour."""
LOOKED_AT = tuple(f"product_info.php?products_id={number}" for number in (5, 6, 7))
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

_SERVES = re.compile(r"on http://127\.0\.0\.1:(\d+)/ .*operator: http://127\.0\.0\.1:(\d+)/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what the configuration says, and whether all visitors come or only the operator."""

    name: str
    mode: str
    holdout: int
    is_all: bool = True
    is_on: bool = True


STEPS = (
    Step("hosts file: only you", "observe", 0, is_all=False),
    Step("observe", "observe", 0),
    Step("preview", "preview", 0),
    Step("live, 1 %", "live", 99),
    Step("live, 10 %", "live", 90),
    Step("live, 100 %", "live", 0),
    Step("rolled back: off", "live", 0, is_on=False),
)


@dataclass(slots=True)
class Visitor:
    """A browser's cookies."""

    number: int
    cookies: dict[str, str] = field(default_factory=lambda: {"cookie_policy": "prefs=1"})

    def header(self, is_direct: bool) -> str:
        """The Cookie field; the shop itself never gets ours."""
        return "; ".join(
            f"{name}={value}" for name, value in self.cookies.items() if not (is_direct and name == "vitrina")
        )


@contextmanager
def running(*command: str, log: Path, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process whose stdout is read; SIGTERM at the end."""
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            cwd=folder,
            env=environment,
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(40)
            if process.stdout is not None:
                process.stdout.close()


def said(process: "subprocess.Popen[str]", wanted: re.Pattern[str], log: Path) -> re.Match[str]:
    """What a starting process prints, once it has printed that."""
    printed, deadline = "", time.monotonic() + START_S
    while process.stdout is not None and time.monotonic() < deadline:
        if select.select([process.stdout], [], [], 0.2)[0]:
            line = process.stdout.readline()
            printed += line
            if found := wanted.search(printed):
                return found
            if not line:
                break
    raise RuntimeError(f"did not start: {printed}\n{log.read_text()}")


class Installation:
    """The demo shop, and Vitrina on a configuration that changes with the steps."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self._config = folder / "site.toml"
        shop = stack.enter_context(running("demo.shop", "--port", "0", log=folder / "shop.log", folder=folder))
        self.shop = int(said(shop, re.compile(r":(\d+)/"), folder / "shop.log")[1])
        self._write(STEPS[0])
        command = ("vitrina", "serve", "--config", str(self._config))
        vitrina = stack.enter_context(running(*command, log=folder / "serve.log", folder=folder))
        self.port = int(said(vitrina, _SERVES, folder / "serve.log")[1])

    def take(self, step: Step) -> None:
        """Take a step as an operator does: change the file and reload, or switch."""
        if step.is_on:
            self._write(step)
            self.command("reload")
        else:
            self.command("off")

    def command(self, name: str) -> None:
        """Run `python -m vitrina NAME` on it."""
        command = [sys.executable, "-m", "vitrina", name, "--config", str(self._config)]
        subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)

    def _write(self, step: Step) -> None:
        """The demo's own configuration with this step's mode and holdout."""
        text = (ROOT / "demo" / "site.toml").read_text("utf-8")
        replaced = {
            r'^listen = ".*"': 'listen = "127.0.0.1:0"',
            r'^admin = ".*"': 'admin = "127.0.0.1:0"',
            r'^data = ".*"': f'data = "{self.folder / "data"}"',
            r"^workers = \d+": "workers = 1",
            r'^origin = ".*"': f'origin = "http://127.0.0.1:{self.shop}"',
            r'^mode = ".*"': f'mode = "{step.mode}"',
            r"^holdout = \d+": f"holdout = {step.holdout}",
            r'"offers/': f'"{ROOT / "demo" / "offers"}/',
        }
        for pattern, by in replaced.items():
            text, count = re.subn(pattern, by, text, flags=re.MULTILINE)
            if count != 1:
                raise RuntimeError(f"demo/site.toml: {pattern} is there {count} times")
        self._config.write_text(text, "utf-8")


class Visits:
    """Opens pages of the shop itself and through Vitrina."""

    def __init__(self, installation: Installation, client: aiohttp.ClientSession) -> None:
        self._ports = {"direct": installation.shop, "through": installation.port}
        self._host = f"127.0.0.1:{installation.port}"
        self._client = client
        self.sides: dict[str, Side] = {}

    async def introduce(self, visitor: Visitor) -> None:
        """A first visit in which three records of one genre are looked at."""
        for path in ("index.php", *LOOKED_AT):
            await self.open("through", visitor, path)

    async def open(self, way: str, visitor: Visitor, path: str) -> None:
        """One page; its time until the last byte, or an error, is noted."""
        headers = {
            "Host": self._host,
            "User-Agent": AGENT,
            "Accept": "text/html",
            "Accept-Encoding": "gzip",
            "Sec-Fetch-Dest": "document",
            "Sec-Fetch-Mode": "navigate",
            "Cookie": visitor.header(way == "direct"),
        }
        side, started = self.sides.get(way), time.perf_counter()
        try:
            url = f"http://127.0.0.1:{self._ports[way]}/{path}"
            async with self._client.get(url, headers=headers, allow_redirects=False) as answer:
                body = await answer.read()
                is_good = answer.status == 200 and body.rstrip().endswith(b"</html>")
                given = answer.headers.getall("Set-Cookie", [])
                is_changed = answer.headers.get("Cache-Control") == "private, no-store" and not any(
                    cookie.startswith("vitrina=") for cookie in given
                )
        except (aiohttp.ClientError, TimeoutError):
            is_good, given, is_changed = False, [], False
        if way == "through":  # the two ways would take each other's session away
            visitor.cookies |= {name: each.coded_value for text in given for name, each in SimpleCookie(text).items()}
        if side is not None:
            side.latency_ms.append(round((time.perf_counter() - started) * 1000, 2))
            side.errors += not is_good
            if is_changed and visitor.number not in side.changed_for:
                side.changed_for.append(visitor.number)


async def walk(
    visits: Visits, is_all: bool, visitors: Sequence[Visitor], rate: float, chance: random.Random, over: asyncio.Event
) -> None:
    """Load until it is over: both ways in turns, `rate` pages a second each."""
    under_way: set[asyncio.Task[None]] = set()
    loop = asyncio.get_running_loop()
    began = loop.time()
    for tick in itertools.count():
        await asyncio.sleep(max(0.0, began + tick / rate / 2 - loop.time()))
        if over.is_set():
            break
        if len(under_way) > MOST_AT_ONCE:
            raise RuntimeError(f"the machine does not keep up with --rate {rate:g}")
        visitor = visitors[chance.randrange(len(visitors))] if is_all else visitors[0]
        page = PAGES[tick // 2 % len(PAGES)].format(tick)
        task = loop.create_task(visits.open(("direct", "through")[tick % 2], visitor, page))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)


async def measure(arguments: argparse.Namespace) -> list[Side]:
    """All steps, one after the other, each taken under load; what is seen meanwhile is kept apart."""
    chance = random.Random(arguments.seed)
    found: list[Side] = []
    with tempfile.TemporaryDirectory(prefix="vitrina-cutover-") as folder, ExitStack() as stack:
        installation = Installation(Path(folder), stack)
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=3.0)
        timeout = aiohttp.ClientTimeout(30)
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, cookie_jar=jar, auto_decompress=True
        ) as client:
            visits = Visits(installation, client)
            visitors = [Visitor(number) for number in range(arguments.visitors)]
            for genre in range(1, 7):  # the catalogue learns which record belongs where
                await visits.open("through", visitors[0], f"index.php?cPath={genre}")
            for visitor in visitors:
                await visits.introduce(visitor)
            await asyncio.sleep(3.0)  # the clicks are folded
            for step in STEPS:
                print(f"{step.name} …", file=sys.stderr, flush=True)
                over = asyncio.Event()
                walking = asyncio.get_running_loop().create_task(
                    walk(visits, step.is_all, visitors, arguments.rate, chance, over)
                )
                for when in ("while it is taken", "after"):
                    sides = visits.sides = {way: Side(step.name, when, way) for way in ("direct", "through")}
                    found += sides.values()
                    if when == "after":
                        await asyncio.sleep(arguments.seconds)
                    elif step is not STEPS[0]:
                        await asyncio.to_thread(installation.take, step)
                        await asyncio.sleep(1.0)
                over.set()
                await walking
    return found


def facts_of(arguments: argparse.Namespace) -> Run:
    """Where, when and of what this is measured."""
    where = here()
    return Run(
        date=where.date,
        commit=where.commit,
        machine=where.machine,
        python=where.python,
        load_average=where.load_average,
        seconds=arguments.seconds,
        rate=arguments.rate,
        visitors=arguments.visitors,
        seed=arguments.seed,
    )


def main() -> int:
    """Measure, or report again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="of load after each step")
    parser.add_argument("--rate", type=float, default=60.0, help="pages a second, each way")
    parser.add_argument("--visitors", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1, help="of who opens the next page")
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="FILE", help="raw results")
    parser.add_argument("--report", type=Path, metavar="FILE", help="print the table of these raw results")
    arguments = parser.parse_args()
    path: Path | None = arguments.report
    if path is None:
        facts, path = facts_of(arguments), arguments.out
        write_rows(path, facts, asyncio.run(measure(arguments)))
        print(f"raw results: {path}")
    print(table(*read_rows(path, Run, Side)))
    return 0


if __name__ == "__main__":
    sys.exit(ended(main))
