"""What events and facts cost: on a page whose template is known, on an asset, on a call answered in JSON.

`python -m bench.events.costs`. The real data plane without sockets (`bench.worker`), a real spool. What was called in a
warm exchange is called again with the same arguments; each figure is CPU time of one thread, the least of many rounds:
on a busy machine that is what the code costs by itself. An asset's figure is all that is done because there is a click:
making, encoding and writing it.
"""

import asyncio
import importlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.ending import ended
from bench.machine import here
from bench.side_by_side.peers.vitrina import EXPERIENCES, OFFER, SITE
from bench.side_by_side.visitors import ADDRESSES
from bench.worker import Worker
from clicks.answers import proven, read_answer
from clicks.forms import submitted_form
from clicks.targets import parse_target
from config.decode import load
from config.platforms import load_platform
from storage.spool import Spool

ROUNDS, BATCH = 300, 50
BEGIN, END = "<!-- costs -->", "<!-- end of costs -->"
DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "events.md"
RESULTS = Path(__file__).parents[1] / "results" / "events-costs.json"
ASSET = b"HTTP/1.1 200 OK\r\nContent-Type: image/webp\r\nContent-Length: 2048\r\n\r\n" + bytes(2048)
CALL = b'{"fragments": {"div.widget": "' + b"x" * 2000 + b'"}, "cart_hash": "436bca4f00dc07495d2ab5596ba66778"}'


def least(work: Callable[[], object]) -> float:
    """CPU microseconds of one call, the least of all rounds."""
    now = time.thread_time_ns
    best = float("inf")
    for _ in range(ROUNDS):
        started = now()
        for _ in range(BATCH):
            work()
        best = min(best, (now() - started) / BATCH / 1000)
    return round(best, 2)


@contextmanager
def watched(module: str, path: str) -> Iterator[list[Callable[[], object]]]:
    """Calls of a function while this lasts, each to be made again."""
    owner: object = importlib.import_module(module)
    *outer, name = path.split(".")
    for each in outer:
        owner = getattr(owner, each)
    original = getattr(owner, name)
    calls: list[Callable[[], object]] = []

    def watching(*arguments: object, **named: object) -> object:
        calls.append(lambda: original(*arguments, **named))
        return original(*arguments, **named)

    setattr(owner, name, watching)
    try:
        yield calls
    finally:
        setattr(owner, name, original)


async def measured(folder: Path) -> dict[str, float]:
    """All figures, in microseconds."""
    (folder / "offer.html").write_text(OFFER, "utf-8")
    text = SITE.replace("MODE", "live").replace("ORIGIN", "http://127.0.0.1:9") + EXPERIENCES
    text = text.replace("OFFER", str(folder / "offer.html"))
    (folder / "site.toml").write_text(f'version = 1\ndata = "{folder}"\n{text}', "utf-8")
    spool = Spool.create(folder / "spool")
    try:
        worker = Worker(load(folder / "site.toml"), 1, 0, spool)
        for number in range(8 * ADDRESSES):
            worker.exchange(worker.request(number), worker.page())
        before = worker.counters.counts["hit"]
        with (
            watched("transforms.opening", "PageReader.facts") as facts,
            watched("transforms.personaliser", "_placed") as placed,
            watched("proxy.click_log", "_events") as events,
        ):
            worker.exchange(worker.request(8 * ADDRESSES), worker.page())
        if worker.counters.counts["hit"] != before + 1:
            raise RuntimeError("that page was no template hit")
        found = {"page: facts": least(facts[-1]), "page: facts as placed": least(placed[-1])}
        found["page: events"] = least(events[-1])
        found["page: facts and events"] = round(sum(found.values()), 2)
        found |= _asset(worker)
    finally:
        spool.close()
    return found | _call()


def _asset(worker: Worker) -> dict[str, float]:
    request = worker.request(0).replace(b"Accept: text/html", b"Accept: image/webp")
    line, _, fields = request.partition(b"\r\n")
    del line
    asked = b"GET /images/records/12.webp HTTP/1.1\r\n" + fields
    with watched("proxy.exchange", "log") as log:
        for _ in range(20):
            worker.exchange(asked, ASSET)
            worker.client_wire.written.clear()
            worker.origin_wire.written.clear()
    return {"asset: click, encoded and written": least(log[-1])}


def _call() -> dict[str, float]:
    woo = load_platform("woocommerce")
    rule = next(rule for rule in woo.further["add_to_cart"] + (woo.add_to_cart,) if rule and rule.success == "json")
    target = parse_target(b"/?wc-ajax=add_to_cart")
    body = b"product_sku=woo-beanie&product_id=16&quantity=1"
    form = "application/x-www-form-urlencoded"
    answer = read_answer(CALL)
    if answer is None:
        raise RuntimeError("no answer")
    return {
        "call: form read": least(lambda: submitted_form(woo, "POST", target, form, body)),
        "call: JSON answer of 2 KB read": least(lambda: read_answer(CALL)),
        "call: proof": least(lambda: proven(answer, rule)),
    }


def run() -> int:
    """Measure, print, keep."""
    folder = Path(tempfile.mkdtemp(prefix="vitrina-events-"))
    try:
        found: dict[str, object] = dict(asyncio.run(measured(folder)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    where = here()
    found |= {"python": where.python, "machine": where.machine, "commit": where.commit, "date": where.date}
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    before, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{chr(10).join(described(found))}\n{END}{rest.partition(END)[2]}", "utf-8")
    print(json.dumps(found, indent=1))
    return 0


def described(found: Mapping[str, object]) -> list[str]:
    """The figures as the reference shows them."""
    rows = [f"| {name} | {value} |" for name, value in found.items() if isinstance(value, float)]
    when = f"{found['machine']}, Python {found['python']}, {found['date']}, commit {found['commit']}"
    said = f"`chrt --idle 0 python -m bench.events.costs`, {when}; CPU µs of one thread, the least of {ROUNDS} rounds."
    return [said, "", "| what | µs |", "|---|---:|", *rows]


if __name__ == "__main__":
    sys.exit(ended(run))
