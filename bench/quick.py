"""CPU per request of Vitrina's whole job against nginx passthrough, in one run: `make bench-quick`.

`python -m bench.quick [--rounds 5] [--seconds 3] [--rate N] [--seed 1] [--only TEXT]` measures and prints;
`python -m bench.quick --report FILE` prints the table again from raw results. Load (wrk) and origins run on one core,
the candidates on the other; rounds are interleaved, and every answer's content is checked before anything is timed.

Without --rate wrk asks as fast as it can: then a candidate faster than wrk finds load and origin always awake, while a
slower one pays for waking them with each write. At one rate for all, that all can serve, everybody wakes everybody.
"""

import argparse
import os
import platform
import secrets
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.pages.record_shop import category_page, cover, product_page, records
from bench.quick_load import (
    PAGES,
    check_personalised,
    fetch,
    image_walk,
    load,
    page_walk,
    product_requests,
    visitors,
)
from bench.quick_report import Run, Sample, read_run, table, write_run
from bench.quick_servers import (
    Missing,
    Server,
    cpu_seconds,
    nginx_proxy,
    program,
    resident_mb,
    static_origin,
    varying_origin,
    vitrina,
)
from visitors.cookie import Keyring

PAGE_BYTES = 64 * 1024
IMAGE_BYTES = 20 * 1024
TOKENS = 20
VISITORS = 4000
CONNECTIONS = 64
RESULTS = Path(__file__).parent / "results"

SITE = """
[site]
origin = "ORIGIN"
platform = "phoenix"
mode = "MODE"
holdout = 0
secure_cookies = false
[consent]
required = true
cookie = { name = "cookie_policy", contains = "prefs=1" }
"""
EXPERIENCES = """
[placement.greeting]
on = "*"
at = "#header .welcome"
[placement.novelties]
on = "category"
items = "#novedades > div.record"
[segment.regular]
all = [{ visits = { gte = 2 } }]
[offer.vuelve10]
html = "OFFER"
code = "VUELVE10"
[[experience]]
id = "hola"
at = "greeting"
text = "Hola, {first_name|de nuevo}, ¡bienvenido!"
[[experience]]
id = "portada"
at = "novelties"
reorder = { by = "affinity", pin = [1], positional = ["left", "right"] }
[[experience]]
id = "vuelve"
at = "greeting"
insert = "after"
who = { segment = "regular" }
offer = "vuelve10"
cap = { times = 1000000, per = "7d" }
"""
OFFER = '<p class="offer">Por volver: 10 % de descuento con el código <a href="/shopping_cart.php">{code}</a></p>\n'


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is timed: a server under one workload. `baseline` names nginx's candidate for the same workload."""

    name: str
    baseline: str
    server: Server
    script: Path


class Bench:
    """Everything started, taught and checked; ready to be timed. Ends with its `stack`."""

    def __init__(self, folder: Path, seed: int, rate: float, stack: ExitStack) -> None:
        key = secrets.token_bytes(32)
        self._keys = f"1:{key.hex()}"
        self._folder = folder
        self._stack = stack
        self._shop = records(seed)
        *self._who, self._teacher = visitors(seed, VISITORS + 1, Keyring((("1", key),)), self._shop)
        pages, images = page_walk(self._who), image_walk(self._who)
        page, image = category_page(seed, PAGE_BYTES), cover(seed, IMAGE_BYTES)
        files = {"category.html": page, "images/cover.jpg": image}
        files |= {f"product-{record.number}.html": product_page(record) for record in self._shop}
        origin = stack.enter_context(static_origin(folder / "origin", files)).port
        varying = stack.enter_context(varying_origin(folder / "varying", seed, PAGE_BYTES, TOKENS)).port
        nginx = stack.enter_context(nginx_proxy(folder / "nginx", origin))
        nginx_varying = stack.enter_context(nginx_proxy(folder / "nginx-varying", varying))
        off = self._vitrina("off", "off", "", origin)
        full = self._personalising("full", origin)
        full_varying = self._personalising("full-varying", varying)
        for server in (nginx, off):
            _check_same(server, pages.request(0), page)
        for server in (nginx, off, full):
            _check_same(server, images.request(0), image)
        pause_ms = round(CONNECTIONS / rate * 1000) if rate else 0
        page_script = pages.write(folder / "pages.lua", pause_ms)
        image_script = images.write(folder / "images.lua", pause_ms)
        self.candidates = (
            Candidate("nginx: page", "nginx: page", nginx, page_script),
            Candidate("vitrina: whole job", "nginx: page", full, page_script),
            Candidate("vitrina: mode off", "nginx: page", off, page_script),
            Candidate("nginx: page, 20 differ", "nginx: page, 20 differ", nginx_varying, page_script),
            Candidate("vitrina: whole job, 20 differ", "nginx: page, 20 differ", full_varying, page_script),
            Candidate("nginx: image", "nginx: image", nginx, image_script),
            Candidate("vitrina: image", "nginx: image", full, image_script),
        )

    def _vitrina(self, name: str, mode: str, experiences: str, origin: int) -> Server:
        config = SITE.replace("MODE", mode) + experiences
        return self._stack.enter_context(vitrina(self._folder / name, config, self._keys, origin))

    def _personalising(self, name: str, origin: int) -> Server:
        """Vitrina for the whole job: it knows the visitors and has learnt the shop from its pages."""
        (self._folder / "offer.html").write_text(OFFER, "utf-8")
        server = self._vitrina(name, "live", EXPERIENCES.replace("OFFER", str(self._folder / "offer.html")), origin)
        profiles = self._folder / f"{name}.jsonl"
        profiles.write_text("\n".join(visitor.profile_json for visitor in self._who), "utf-8")
        command = ["-m", "vitrina", "profile", "import", "--config", str(self._folder / name / "site.toml")]
        environment = {**os.environ, "VITRINA_KEYS": self._keys}
        subprocess.run(
            [sys.executable, *command, str(profiles)], check=True, env=environment, stdout=subprocess.DEVNULL
        )
        for request in product_requests(self._teacher, self._shop):
            fetch(server.port, request)
        server.settle()
        pages = page_walk(self._who)
        for number in range(PAGES):  # templates, and what they teach
            fetch(server.port, pages.request(number))
        server.settle()
        for number in range(PAGES, 2 * PAGES):
            check_personalised(fetch(server.port, pages.request(number)), self._who[number], self._shop)
        return server


def _check_same(server: Server, request: bytes, expected: bytes) -> None:
    if fetch(server.port, request) != expected:
        raise RuntimeError(f"port {server.port}: not the very bytes of the origin")


def measure(candidate: Candidate, number: int, seconds: float) -> Sample:
    """One round of one candidate."""
    server = candidate.server
    before = server.totals()
    spent = {name: -cpu_seconds(pid) for name, pid in server.beside.items()}
    in_path = -sum(map(cpu_seconds, server.path))
    result = load(server.port, candidate.script, CONNECTIONS, seconds)
    in_path += sum(map(cpu_seconds, server.path))
    server.settle()  # what is done beside is done for these requests, though a little later
    after = server.totals()
    for name, pid in server.beside.items():
        spent[name] += cpu_seconds(pid)
    return Sample(
        candidate=candidate.name,
        baseline=candidate.baseline,
        round=number,
        requests=result.requests,
        cpu_us=in_path / result.requests * 1e6,
        beside_us={name: used / result.requests * 1e6 for name, used in spent.items()},
        per_second=result.requests / result.seconds,
        p50_us=result.p50_us,
        p99_us=result.p99_us,
        resident_mb=sum(map(resident_mb, server.path)),
        counters={name: after[name] - before[name] for name in after if after[name] != before[name]},
    )


def facts_of(run: argparse.Namespace) -> Run:
    """Where, when and of what this is measured."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    cpu = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
    return Run(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=_said("git", "rev-parse", "--short", "HEAD")
        + ("+" if _said("git", "status", "--porcelain", "-uno") else ""),
        machine=f"{cpu}, {os.cpu_count()} cores, {platform.system()} {platform.release()}",
        versions={
            "python": platform.python_version(),
            "nginx": _said(program("nginx", "nginx-light"), "-v").partition("/")[2],
            "wrk": _said(program("wrk", "wrk"), "-v").partition(" [")[0].partition(" ")[2],
        },
        load_average=os.getloadavg()[0],
        seed=run.seed,
        seconds=run.seconds,
        rate=run.rate,
        connections=CONNECTIONS,
        page_bytes=PAGE_BYTES,
        image_bytes=IMAGE_BYTES,
    )


def _said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip()


def run(arguments: argparse.Namespace) -> Path:
    """Measure; the file with the raw results."""
    facts = facts_of(arguments)
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory(prefix="vitrina-bench-") as folder, ExitStack() as stack:
        bench = Bench(Path(folder), arguments.seed, arguments.rate, stack)
        chosen = [each for each in bench.candidates if not arguments.only or arguments.only in each.name]
        if not chosen:
            names = ", ".join(each.name for each in bench.candidates)
            raise SystemExit(f"--only {arguments.only}: no candidate has that in its name; there are {names}")
        for number in range(arguments.rounds + 1):
            for candidate in chosen[number % len(chosen) :] + chosen[: number % len(chosen)]:
                sample = measure(candidate, number, arguments.seconds if number else 1.0)
                if number:  # the first is for warming up
                    samples.append(sample)
                    print(f"round {number}: {sample.cpu_us:7.1f} µs  {sample.candidate}", file=sys.stderr, flush=True)
    path = RESULTS / f"quick-{facts.date[:19].replace(':', '')}.jsonl" if arguments.out is None else arguments.out
    write_run(path, facts, samples)
    return path


def main() -> int:
    """Measure, or report again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of load per candidate and round")
    parser.add_argument("--rate", type=float, default=0, help="requests/s, about; 0: as fast as it goes")
    parser.add_argument("--seed", type=int, default=1, help="of pages, visitors and tokens")
    parser.add_argument("--only", metavar="TEXT", help="candidates whose name has this")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="raw results (default: bench/results/quick-DATE.jsonl)"
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="print the table of these raw results")
    arguments = parser.parse_args()
    path = arguments.report
    if path is None:
        try:
            for name, package in (("nginx", "nginx-light"), ("wrk", "wrk"), ("taskset", "util-linux")):
                program(name, package)
        except Missing as missing:
            print(f"bench.quick: {missing}", file=sys.stderr)
            return 1
        if (os.cpu_count() or 1) < 2:
            print("bench.quick: needs two cores, one for the load and one for the candidates", file=sys.stderr)
            return 1
        path = run(arguments)
        print(f"raw results: {path}")
    print(table(*read_run(path)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
