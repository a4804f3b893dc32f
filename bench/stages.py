"""Where the CPU time of one personalised page goes, inside the worker's process: `make bench-stages`.

`python -m bench.stages [--of page|image|off] [--rounds 20] [--seed 1] [--only-whole]`. The whole data plane runs, but
for the kernel (`bench.worker`). "whole" is timed without the stages' clocks; the stages are
exclusive of each other, and "rest" is what none of them holds. Every answer's content is checked before anything is
timed.
"""

import argparse
import asyncio
import importlib
import platform
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from statistics import median

from bench.ending import ended
from bench.side_by_side.visitors import ADDRESSES
from bench.worker import JOBS, WARMING, Worker, worker_in

STAGES: tuple[tuple[str, str, str], ...] = (
    ("request head", "proxy.request_fields", "RequestReader.read"),
    ("visit", "proxy.visit", "Visit.__init__"),
    ("identify", "proxy.visit", "identify"),
    ("request out", "proxy.visit", "Visit.outbound"),
    ("answer's head", "proxy.answer_fields", "AnswerReader.read"),
    ("cookie due", "proxy.answering", "with_due_cookie"),
    ("profile", "proxy.visit", "decode_profile"),
    ("open", "transforms.opening", "PageReader.open"),
    ("charset", "transforms.opening", "sniff"),
    ("match", "transforms.page.family", "Family.match"),
    ("facts", "transforms.opening", "PageReader.facts"),
    ("decide", "decisions.deciding", "Decider.decide"),
    ("edits", "transforms.applying", "Applying._planned"),
    ("rank", "transforms.builtin.reorder", "order_by"),
    ("splice", "transforms.page.page", "Page.splice"),
    ("listed", "transforms.personaliser", "listed"),
    ("personalise, rest", "transforms.personaliser", "Personaliser.run"),
    ("private fields", "proxy.page_body", "personalised"),
    ("answer's fields", "proxy.exchange", "framed"),
    ("click", "proxy.exchange", "log"),
    ("events", "proxy.click_log", "read_events"),
    ("click's bytes", "storage.spool", "encode_click"),
    ("spool", "storage.spool", "Spool.append_bytes"),
)


class Clock:
    """Time spent in stages, without that of the stages inside of them."""

    def __init__(self) -> None:
        self.spent: dict[str, int] = defaultdict(int)
        self._inner: list[int] = []

    def over(self, stage: str, function: Callable[..., object]) -> Callable[..., object]:
        """`function`, timed."""
        now, inner, spent = time.thread_time_ns, self._inner, self.spent

        @wraps(function)
        def timed(*args: object, **kwargs: object) -> object:
            inner.append(0)
            started = now()
            try:
                return function(*args, **kwargs)
            finally:
                whole = now() - started
                spent[stage] += whole - inner.pop()
                if inner:
                    inner[-1] += whole

        return timed

    def install(self) -> None:
        """Put the clocks on."""
        for stage, module_name, path in STAGES:
            owner: object = importlib.import_module(module_name)
            *outer, name = path.split(".")
            for each in outer:
                owner = getattr(owner, each)
            setattr(owner, name, self.over(stage, getattr(owner, name)))


def measure(worker: Worker, rounds: int, batch: int) -> list[float]:
    """Microseconds of CPU per exchange in each of `rounds`."""
    found = []
    now = time.thread_time_ns
    for number in range(rounds):
        spent = 0
        for step in range(number * batch, (number + 1) * batch):
            request, page = worker.request(step), worker.page()
            started = now()
            worker.exchange(request, page)
            spent += now() - started
            worker.client_wire.written.clear()
            worker.origin_wire.written.clear()
        found.append(spent / batch / 1000)
    return found


async def run(arguments: argparse.Namespace, folder: Path) -> None:
    """Measure and print."""
    print(f"# {platform.machine()}, Python {platform.python_version()}, CPU µs per page, medians of {arguments.rounds}")
    with worker_in(folder, job=arguments.of, seed=arguments.seed, tokens=arguments.tokens) as worker:
        for number in range(WARMING):
            worker.exchange(worker.request(number), worker.page())
        if arguments.of == "page":
            for number in range(WARMING, WARMING + ADDRESSES):
                worker.check(number)
        whole = measure(worker, arguments.rounds, arguments.batch)
        print(f"{'whole':<20}{median(whole):>8.1f}  (least {min(whole):.1f})")
        if arguments.only_whole:
            return
        clock = Clock()
        clock.install()
        clocked = median(measure(worker, arguments.rounds, arguments.batch))
        times = arguments.rounds * arguments.batch
        for stage, _, _ in STAGES:
            print(f"{stage:<20}{clock.spent[stage] / times / 1000:>8.1f}")
        rest = clocked - sum(clock.spent.values()) / times / 1000
        print(f"{'rest':<20}{rest:>8.1f}\n{'whole, with clocks':<20}{clocked:>8.1f}")
        counted = worker.counters.counts
        print(", ".join(f"{name} {counted[name]}" for name in ("requests", "personalised", "hit", "fail_open")))


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--of", choices=JOBS, default="page", help="what is asked for")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--batch", type=int, default=100, help="pages per round")
    parser.add_argument("--tokens", type=int, default=0, help="places that differ in every answer of the origin")
    parser.add_argument("--seed", type=int, default=1, help="of the shop, its page and its visitors")
    parser.add_argument("--only-whole", action="store_true", help="no stages")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="vitrina-stages-"))
    try:
        asyncio.run(run(arguments, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(ended(main))
