"""Where the CPU time of one personalised page goes, inside the worker's process: `make bench-stages`.

`python -m bench.stages [--of page|image|off] [--rounds 20] [--seed 1] [--only-whole]`. The whole data plane runs, but
for the kernel (`bench.worker`). "whole" is timed without the stages' clocks; the stages are
exclusive of each other, and "rest" is what none of them holds. Every answer's content is checked before anything is
timed.
"""

import argparse
import asyncio
import gc
import importlib
import inspect
import platform
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Generator
from functools import wraps
from pathlib import Path
from statistics import fmean, median

import uvloop

from bench.ending import ended
from bench.machine import interpreter
from bench.side_by_side.visitors import ADDRESSES
from bench.worker import JOBS, WARMING, Worker, worker_in

STAGES: tuple[tuple[str, str, str], ...] = (
    ("receive", "proxy.downstream", "ClientConnection.data_received"),
    ("parse", "proxy.request_fields", "RequestReader.repeated"),
    ("parse", "proxy.request_fields", "RequestReader.read"),
    ("identify", "proxy.visit", "Visit.__init__"),
    ("origin", "proxy.exchange", "Exchange.beginning"),
    ("origin", "proxy.upstream", "OriginConnection.buffer_updated"),
    ("origin", "proxy.exchange", "Exchange.response_head"),
    ("profile", "proxy.visit", "Visit._profile_fetched"),
    ("match", "transforms.opening", "PageReader.open"),
    ("facts", "transforms.opening", "PageReader.facts"),
    ("decide", "decisions.deciding", "Decider.decide"),
    ("edits", "transforms.applying", "Applying.plan"),
    ("edits: rank", "transforms.builtin.reorder", "order_by"),
    ("splice", "transforms.applying", "Applying.splice"),
    ("personalise, rest", "transforms.personaliser", "Personaliser.steps"),
    ("hold", "proxy.page_body", "HeldPage.end"),
    ("hold", "proxy.page_body", "HeldPage._make"),
    ("encode", "proxy.page_body", "HeldPage._described"),
    ("send", "proxy.exchange", "Exchange.concluding_whole"),
    ("send", "proxy.exchange", "Exchange.concluding"),
    ("click", "proxy.exchange", "log"),
    ("click: events", "proxy.click_log", "_events"),
    ("click: bytes", "storage.spool", "encode_click"),
    ("click: spool", "storage.spool", "Spool.append_bytes"),
    ("in step", "proxy.phases", "Phases.run"),
)
"""Functions by what of an exchange they are; one that pauses is timed while it runs."""
NAMES = tuple(dict.fromkeys(name for name, _, _ in STAGES))


class Clock:
    """Time spent in stages, without that of the stages inside of them."""

    def __init__(self) -> None:
        self.spent: dict[str, int] = defaultdict(int)
        self._inner: list[int] = []

    def over(self, stage: str, function: Callable[..., object]) -> Callable[..., object]:
        """`function`, timed."""
        now, inner, spent = time.thread_time_ns, self._inner, self.spent
        if inspect.isgeneratorfunction(function):
            return self._over_steps(stage, function)

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

    def _over_steps(self, stage: str, function: Callable[..., Generator[None, None, object]]) -> Callable[..., object]:
        """A generator function, timed from each pause to the next."""

        @wraps(function)
        def timed(*args: object, **kwargs: object) -> Generator[None, None, object]:
            steps = function(*args, **kwargs)
            step = self.over(stage, lambda: next(steps))
            try:
                while True:
                    step()
                    yield
            except StopIteration as done:
                made: object = done.value
                return made

        return timed

    def install(self) -> None:
        """Put the clocks on."""
        for stage, module_name, path in STAGES:
            owner: object = importlib.import_module(module_name)
            *outer, name = path.split(".")
            for each in outer:
                owner = getattr(owner, each)
            setattr(owner, name, self.over(stage, getattr(owner, name)))


def measure(worker: Worker, first: int, rounds: int, batch: int) -> list[float]:
    """Microseconds of CPU per exchange in each of `rounds`, from the step `first` on."""
    found = []
    now = time.thread_time_ns
    for number in range(rounds):
        spent = 0
        for step in range(first + number * batch, first + (number + 1) * batch):
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
    print(f"# {platform.machine()}, Python {interpreter()}, CPU µs per page, medians of {arguments.rounds}")
    times = arguments.rounds * arguments.batch
    first = WARMING + ADDRESSES
    # Nobody comes twice: whoever is known by their cookie is checked anew.
    who = first + 2 * times
    with worker_in(folder, job=arguments.of, seed=arguments.seed, tokens=arguments.tokens, known=who) as worker:
        for number in range(WARMING):
            worker.exchange(worker.request(number), worker.page())
        if arguments.of == "page":
            for number in range(WARMING, first):
                worker.check(number)
        gc.collect()
        gc.freeze()  # as the data plane does when it is ready
        whole = measure(worker, first, arguments.rounds, arguments.batch)
        print(f"{'whole':<20}{median(whole):>8.1f}  (least {min(whole):.1f})")
        if arguments.only_whole:
            return
        clock = Clock()
        clock.install()
        clocked = fmean(measure(worker, first + times, arguments.rounds, arguments.batch))  # as the stages are told
        for stage in NAMES:
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
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(arguments, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(ended(main))
