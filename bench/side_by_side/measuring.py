"""One workload: its origin, its candidates checked, and rounds of load in turns.

Invariant: nothing is timed before its answers were looked at, for several visitors.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load import LoadResult, answer_to, even_load, wrk
from bench.pages.record_shop import (
    RECORDS,
    SIGN_IN,
    SIGN_OUT,
    category_pieces,
    collection_page,
    cover,
    encoded,
    product_page,
    records,
)
from bench.servers import Server, cpu_seconds, resident_mb, static_origin, varying_origin
from bench.side_by_side.candidate import Candidate, Place
from bench.side_by_side.results import Sample
from bench.side_by_side.visitors import Walk, check_inserted, check_kept, check_ordered, visitors, walk
from bench.side_by_side.workload import Workload
from visitors.cookie import Keyring

CONNECTIONS = 64
LOADS = 3
"""Of a round."""
EVEN = "even"
STRIDE = 15_013
"""Steps between the first ones of two loads: whoever came before comes to another address, where no order is kept."""
PERSONALISED = 0.99
"""Share of the pages that must be changed, or the round is void."""
DIRECT = "origin"
"""The origin itself, without anything before it: only for what is added to latency."""
_TOKEN = re.compile(rb"(?<=t=)[0-9a-f]{16}|(?<=value=\")[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Load:
    """A way of asking: each connection as fast as it goes, or all together at `rate` requests a second."""

    name: str
    place: int
    """Among the loads of a round."""
    connections: int
    rate: float | None = None


SATURATED, ALONE = Load("saturated", 0, CONNECTIONS), Load("alone", 1, 1)


def even(rate: float) -> Load:
    """For latency, as wrk asks in bursts: an answer is waited for from when its request was due."""
    return Load(EVEN, 2, CONNECTIONS, rate)


@dataclass(frozen=True, slots=True)
class Started:
    """A candidate that runs, and what it is asked: the same as a script for wrk."""

    name: str
    server: Server
    requests: Walk
    script: Path
    changes_pages: bool
    """Whether it counts the pages that it changed, which then must be all."""


@contextmanager
def started(
    workload: Workload, candidates: Sequence[Candidate], seed: int, folder: Path, packages: Path
) -> Iterator[list[Started]]:
    """All candidates of a workload before one origin, each checked."""
    keyring = Keyring((("1", b"a key for benches, which guards nothing"),))
    shop = records(seed, max(workload.blocks, RECORDS))
    *who, teacher = visitors(seed, workload.visitors + 1, keyring, shop, workload.who)
    requests = walk(workload, who)
    script = requests.write(folder / "requests.lua")
    with ExitStack() as stack:
        origin = stack.enter_context(_origin(workload, seed, folder))
        every = [Started(DIRECT, origin, requests, script, False)]
        for candidate in candidates:
            place = Place(folder / candidate.name, origin.port, workload, seed, shop, who, teacher, keyring, packages)
            server = stack.enter_context(candidate.start(place))
            _check(candidate, server, origin, place, requests)
            changes_pages = candidate.job == "whole job" and server.control is not None and not workload.is_image
            every.append(Started(candidate.name, server, requests, script, changes_pages))
        yield every


@contextmanager
def _origin(workload: Workload, seed: int, folder: Path) -> Iterator[Server]:
    if workload.is_varying:
        with varying_origin(
            folder / "origin",
            seed,
            workload.page_bytes,
            workload.tokens,
            is_reshaped=workload.is_reshaped,
            is_packed=workload.is_packed,
        ) as server:
            yield server
        return
    shop = records(seed, max(workload.blocks, RECORDS))
    files = {f"product-{record.number}.html": product_page(record) for record in shop}
    files["images/cover.jpg"] = cover(seed, workload.page_bytes)
    shown = shop[: workload.blocks]
    offered = SIGN_IN if workload.who == "strangers" else SIGN_OUT
    files["category.html"] = encoded(category_pieces(seed, workload.page_bytes, shown, offered).text())
    for number in range(workload.paths):
        files[f"coleccion/{number}.html"] = collection_page(seed, number, workload.page_bytes)
    with static_origin(folder / "origin", files) as server:
        yield server


def _check(candidate: Candidate, server: Server, origin: Server, place: Place, requests: Walk) -> None:
    for number in requests.checked:
        request, visitor = requests.request(number), place.who[number % len(place.who)]
        body, plain = answer_to(server.port, request), answer_to(origin.port, request)
        try:
            if place.workload.is_image or candidate.job == "passes":
                if _TOKEN.sub(b"", body) != _TOKEN.sub(b"", plain) and not place.workload.is_reshaped:
                    raise RuntimeError("not the very bytes of the origin")
            elif candidate.job != "the same insert for all":
                check_inserted(body, visitor)
            elif b"VUELVE10" not in body:
                raise RuntimeError("nothing is inserted")
            if not place.workload.is_ordered:
                check_kept(body, plain)
            elif candidate.job == "whole job" and not place.workload.is_image:
                check_ordered(body, visitor, b"" if place.workload.is_varying else plain, place.shop)
        except RuntimeError as error:
            at = body.find(b"welcome")
            counters = {name: value for name, value in server.totals().items() if value}
            where = f"{candidate.name}, {place.workload.name}, request {number}"
            raise RuntimeError(f"{where}: {error}\n{body[at - 100 : at + 300]!r}\n{counters}") from None


def measure(workload: Workload, one: Started, load: Load, number: int, seconds: float) -> Sample:
    """One round of one candidate under one load."""
    server = one.server
    before = server.totals()
    spent = {name: -cpu_seconds(pid) for name, pid in server.beside.items()}
    in_path = -sum(map(cpu_seconds, server.path))
    result = _loaded(one, load, number, seconds)
    if not result.requests:
        raise RuntimeError(f"{one.name}, {workload.name}: nothing was answered within {seconds:g} s")
    in_path += sum(map(cpu_seconds, server.path))
    server.settle()  # what is done beside is done for these requests, though a little later
    after = server.totals()
    counters = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    # The first round warms up: pages whose edits a compile process has to prove go out as they came meanwhile.
    if number and one.changes_pages and counters.get("personalised", 0) < PERSONALISED * result.requests:
        raise RuntimeError(f"{one.name}, {workload.name}: of {result.requests} pages only: {counters}")
    for name, pid in server.beside.items():
        spent[name] += cpu_seconds(pid)
    return Sample(
        workload=workload.name,
        candidate=one.name,
        load=load.name,
        round=number,
        requests=result.requests,
        cpu_us=in_path / result.requests * 1e6,
        beside_us={name: used / result.requests * 1e6 for name, used in spent.items()},
        per_second=result.per_second,
        p50_us=result.p50_us,
        p99_us=result.p99_us,
        resident_mb=sum(map(resident_mb, server.path)),
        counters=counters,
    )


def _loaded(one: Started, load: Load, number: int, seconds: float) -> LoadResult:
    begin = (number * LOADS + load.place) * STRIDE
    if load.rate is None:
        return wrk(one.server.port, one.script, load.connections, seconds, begin)
    count = load.connections + round(load.rate * seconds)
    asked = [one.requests.request(begin + step) for step in range(1, count + 1)]
    return even_load(one.server.port, asked, rate=load.rate, connections=load.connections, seed=number)


def rounds(
    workload: Workload, all_started: Sequence[Started], loads: Sequence[Load], count: int, seconds: float
) -> Iterator[Sample]:
    """All rounds of a workload: the candidates in turns, another first each time; the first round only warms up."""
    for number in range(count + 1):
        for load in loads:
            for each in _rotated(all_started, number):
                if load.rate is None and each.name == DIRECT:
                    continue
                sample = measure(workload, each, load, number, seconds if number else min(seconds, 1.0))
                if number:
                    yield sample


def _rotated(every: Sequence[Started], number: int) -> list[Started]:
    at = number % len(every)
    return [*every[at:], *every[:at]]
