"""Vitrina is killed, or stopped, while people shop: each front serves the shop, and goes back to Vitrina later.

All fronts live through one kill and one stop; the tests look at what each made of it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from tests.fixtures.fronts import FRONTS, Front, missing
from tests.fixtures.processes import wait_until
from tests.integration.recipes.conftest import Town, visitor

BYPASS_S = 1.0
"""Page loads and orders that begin this long after a kill all succeed; after a stop, all do."""


@dataclass(frozen=True, slots=True)
class Load:
    """One page load: when it began and ended, what came (0: nothing whole), by which way."""

    began: float
    ended: float
    status: int
    way: str


@dataclass(frozen=True, slots=True)
class Order:
    """One order: when it was sent, and what came of it (0: no answer)."""

    number: int
    began: float
    status: int


@dataclass
class Life:
    """What people saw at one front. Moments: the signal, no process left, the new start, ready again."""

    front: Front
    client: aiohttp.ClientSession
    how: str
    loads: list[Load] = field(default_factory=list)
    ordered: list[Order] = field(default_factory=list)
    under_way: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """By method, what came of requests that the shop was still working on at the signal: status and way."""
    said: list[str] = field(default_factory=list)
    """Answers of a WebSocket opened while Vitrina was gone."""
    killed: float = 0.0
    gone: float = 0.0
    starting: float = 0.0
    back: float = 0.0
    is_over: bool = False

    async def browse(self) -> None:
        """Open a page over a connection of its own, as a new visitor does, again and again."""
        while not self.is_over:
            self.loads.append(await self._load())
            await asyncio.sleep(0.03)

    async def order(self) -> None:
        """Order a record, then the next."""
        number = 0
        while not self.is_over:
            number += 1
            began = time.monotonic()
            try:
                async with self.client.post(f"{self.front.url}/order/{self.front.name}-{self.how}-{number}") as answer:
                    await answer.read()
                    status = answer.status
            except aiohttp.ClientError:
                status = 0
            self.ordered.append(Order(number, began, status))
            await asyncio.sleep(0.03)

    async def wait(self, method: str) -> None:
        """Ask for something that the shop takes its time for."""
        url = f"{self.front.url}/patient/{self.front.name}-{self.how}-patient"
        async with self.client.request(method, url) as answer:
            is_whole = (await answer.text()).endswith("</html>\n")
            came = (answer.status, answer.headers.get("Shop-Via", "") if is_whole else "")
        self.under_way.setdefault(method, []).append(came)

    async def talk(self) -> None:
        """Over a WebSocket of its own."""
        try:
            async with self.client.ws_connect(f"{self.front.url}/socket") as socket:
                await socket.send_str("still there?")
                self.said.append(await socket.receive_str(timeout=10))
        except aiohttp.ClientError as error:
            self.said.append(str(error))

    async def until(self, way: str) -> None:
        """Wait for a page that begins from now on and comes by that way."""
        began = time.monotonic()
        async with asyncio.timeout(30):
            while not any(load.way == way and load.began >= began for load in self.loads[-20:]):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    def after(self, moment: float) -> list[Load]:
        """Page loads that began then."""
        return [load for load in self.loads if load.began >= moment]

    async def _load(self) -> Load:
        began = time.monotonic()
        status, way = 0, ""
        try:
            async with self.client.get(f"{self.front.url}/record", timeout=aiohttp.ClientTimeout(10)) as answer:
                if (await answer.text()).endswith("</html>\n") or answer.status != 200:
                    status, way = answer.status, answer.headers.get("Shop-Via", "")
        except (aiohttp.ClientError, TimeoutError):
            pass
        return Load(began, time.monotonic(), status, way)


@asynccontextmanager
async def _busy(town: Town, how: str) -> AsyncIterator[list[Life]]:
    lives = [Life(front, visitor(front), how) for front in town.fronts.values()]
    work: list[Callable[[], Coroutine[Any, Any, None]]] = []
    for life in lives:
        work += [life.browse, life.browse, life.order]
    tasks = [asyncio.get_running_loop().create_task(each()) for each in work]
    try:
        yield lives
    finally:
        for life in lives:
            life.is_over = True
        await asyncio.gather(*tasks)
        for life in lives:
            await life.client.close()
        await asyncio.sleep(0.05)  # aborted transports' callbacks


async def _ended_and_started_again(town: Town, how: str) -> dict[str, Life]:
    async with _busy(town, how) as lives:
        for life in lives:
            await life.until("vitrina")
        shop = town.shop
        shop.waiting.clear()
        shop.let_go.clear()
        async with asyncio.TaskGroup() as patient:
            for life in lives:
                for method in ("GET", "GET", "POST"):
                    patient.create_task(life.wait(method))
            await asyncio.to_thread(wait_until, lambda: shop.waiting.total() == 3 * len(lives))
            killed = time.monotonic()
            asyncio.get_running_loop().call_later(0.5, shop.let_go.set)
            await asyncio.to_thread(town.vitrina.kill if how == "killed" else town.vitrina.end)
            gone = time.monotonic()
        await asyncio.sleep(BYPASS_S)
        for life in lives:
            await life.talk()
        await asyncio.sleep(0.5)
        starting = time.monotonic()
        await asyncio.to_thread(town.vitrina.start)
        back = time.monotonic()
        for life in lives:
            life.killed, life.gone, life.starting, life.back = killed, gone, starting, back
            await life.until("vitrina")
        await asyncio.sleep(0.3)
    return {life.front.name: life for life in lives}


@pytest.fixture(scope="module", params=["killed", "stopped"])
def lives(request: pytest.FixtureRequest, town: Town) -> dict[str, Life]:
    """What each front made of it, by name."""
    with asyncio.Runner() as runner:
        return runner.run(_ended_and_started_again(town, request.param))


@pytest.fixture(params=FRONTS)
def life(request: pytest.FixtureRequest, lives: dict[str, Life]) -> Life:
    """Each front in turn."""
    if (why := missing(FRONTS[request.param])) is not None:
        pytest.skip(why)
    return lives[request.param]


def test_no_page_load_fails(life: Life) -> None:
    since = life.gone + BYPASS_S if life.how == "killed" else 0.0
    assert [load for load in life.after(since) if load.status != 200] == []
    without = [load for load in life.after(life.gone + BYPASS_S) if load.ended < life.starting]
    assert without
    assert {load.way for load in without} == {"direct"}


def test_what_is_under_way(life: Life, town: Town) -> None:
    if life.how == "stopped":  # answered before the end
        assert life.under_way == {"GET": [(200, "vitrina")] * 2, "POST": [(200, "vitrina")]}
        return
    again = (502, "") if life.front.name == "apache" else (200, "direct")  # nothing of an answer had come
    assert life.under_way["GET"] == [again] * 2
    assert life.under_way["POST"][0][0] in (502, 503), "told, and not sent again"
    assert town.shop.orders[f"{life.front.name}-{life.how}-patient"] == 1


def test_websockets_go_around_too(life: Life) -> None:
    assert life.said == ["still there?"]


def test_no_order_is_sent_twice(life: Life, town: Town) -> None:
    mine = {
        number: count
        for number, count in town.shop.orders.items()
        if number.startswith(f"{life.front.name}-{life.how}-")
    }
    assert len(mine) > 10
    assert [number for number, count in mine.items() if count > 1] == []


def test_no_order_fails_but_at_the_very_moment(life: Life) -> None:
    has_gap = life.how == "killed" or life.front.name == "varnish"  # which passes on only GET and HEAD until it noticed
    since = life.gone + BYPASS_S if has_gap else 0.0
    assert [order for order in life.ordered if order.began >= since and order.status != 200] == []
    without = [order for order in life.ordered if life.gone + BYPASS_S <= order.began < life.starting]
    assert len(without) > 3, "the shop itself took orders"
    assert {order.status for order in life.ordered} <= {200, 502, 503}, "whoever ordered in the gap was told"


def test_the_front_goes_back_to_vitrina(life: Life, record_property: Callable[[str, object], None]) -> None:
    assert life.loads[-1].way == "vitrina"
    early = [load for load in life.loads if load.ended >= life.killed and load.began < life.gone + BYPASS_S]
    first = min(load.ended for load in life.loads if load.way == "direct")
    returned = min(load.ended for load in life.after(life.starting) if load.way == "vitrina")
    figures = {
        "page loads": len(life.loads),
        "failed of those under way at the kill": sum(load.status != 200 for load in early if load.began < life.gone),
        "failed in the second after it": sum(load.status != 200 for load in early if load.began >= life.gone),
        "first page of the shop, ms after the kill": round((first - life.killed) * 1000),
        "slowest page, ms": round(max(load.ended - load.began for load in life.loads) * 1000),
        "first page by Vitrina again, ms after its new start": round((returned - life.starting) * 1000),
        "of which its start took, ms": round((life.back - life.starting) * 1000),
    }
    for name, value in figures.items():
        record_property(name, value)


@pytest.mark.parametrize("name", ["haproxy", "varnish"])
async def test_those_that_ask_go_around_a_vitrina_that_hangs(town: Town, name: str) -> None:
    if (why := missing(FRONTS[name])) is not None:
        pytest.skip(why)
    front = town.fronts[name]
    async with visitor(front) as client:

        async def ways_until(wanted: str) -> list[str]:
            ways: list[str] = []
            async with asyncio.timeout(20):
                while ways[-1:] != [wanted]:
                    try:
                        async with client.get(f"{front.url}/record", timeout=aiohttp.ClientTimeout(0.5)) as answer:
                            ways.append(answer.headers["Shop-Via"])
                    except (aiohttp.ClientError, TimeoutError):
                        ways.append("")
            return ways

        with town.vitrina.hung():
            assert len(await ways_until("direct")) <= 4, "half a second for each that hung"
        await ways_until("vitrina")
    await asyncio.sleep(0.01)  # aborted transports' callbacks
