"""Compile processes for real: killed, hung, out of memory; one page loses its personalisation and nothing else."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clicks.click import Click
from config.platform import ProductRule
from config.settings import Experience, Placement
from proxy.compiling import CompileLimits, CompilePool
from proxy.tasks import Tasks
from tests.integration.proxy.conftest import PLATFORM, Request
from tests.integration.proxy.pages import cookie, html, likes, opens
from transforms.page.charset import Encoding
from transforms.page.engine import Engine, Page, PageLimits, Refusal, TemplateKey
from transforms.page.query import Query

Start = Callable[..., Any]
UTF8 = Encoding("utf-8", "utf-8")
QUERIES = (Query("box", "li.box"), Query("body", "body"))
FILLING = b"<div><p>lorem ipsum</p></div>" * 14_000
LARGE = (
    b"<!DOCTYPE html><html><body><p id=hello>Welcome</p><ul id=grid>"
    b"<li class=box><a href=/product.php?id=1>One</a></li><li class=box><a href=/product.php?id=2>Two</a></li></ul>"
    + FILLING
    + b"</body></html>"
)


@asynccontextmanager
async def pool(**limits: Any) -> AsyncIterator[CompilePool]:
    """A pool that a busy machine does not make impatient."""
    tasks = Tasks()
    try:
        yield CompilePool(tasks, CompileLimits(timeout_s=60.0, **limits))
    finally:
        await tasks.cancel()


@contextmanager
def impatient(compiler: CompilePool) -> Iterator[None]:
    """Jobs that begin now have next to no time."""
    before = compiler._limits
    compiler._limits = replace(before, timeout_s=0.2)
    yield
    compiler._limits = before


def key(path: str) -> TemplateKey:
    return TemplateKey("shop.test", path, False, "1")


def outcome(engine: Engine, path: str, body: bytes = LARGE) -> str:
    found = engine.open(body, UTF8, key(path), None)
    return found.outcome if isinstance(found, Page) else found.reason


async def until(holds: Callable[[], Any]) -> Any:
    """Wait until a condition holds; its value."""
    async with asyncio.timeout(60):
        while not (value := holds()):  # noqa: ASYNC110 (it is about another process)
            await asyncio.sleep(0.01)
    return value


async def compiled(engine: Engine, path: str, body: bytes = LARGE) -> str:
    """The page's outcome once nothing is under way for it."""
    await until(lambda: outcome(engine, path, body) != "COMPILING")
    return outcome(engine, path, body)


def children() -> set[int]:
    """The compile processes that this process started."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text().rpartition(")")[2].split()
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if int(status[1]) == os.getpid() and b"proxy.compile_process" in command and status[0] != "Z":
                found.add(int(entry.name))
    return found


def failed(engine: Engine) -> int:
    """Jobs that a process failed at."""
    return 0 if engine._offloading is None else engine._offloading.failed


async def the_process() -> int:
    return (await until(children)).pop()


async def test_a_large_page_is_compiled_elsewhere() -> None:
    async with pool() as compiler:
        engine = Engine(QUERIES, compiler=compiler)
        assert outcome(engine, "/") == "COMPILING"
        assert await compiled(engine, "/") == "hit"
        assert await compiled(engine, "/other") == "hit"
        assert len(children()) == 1
    assert not children()


async def test_a_killed_process_costs_its_page_only() -> None:
    async with pool() as compiler:
        engine = Engine(QUERIES, compiler=compiler)
        assert outcome(engine, "/a") == "COMPILING"
        first = await the_process()
        os.kill(first, signal.SIGKILL)
        await until(lambda: failed(engine))
        assert await compiled(engine, "/b") == "hit"
        assert children() != {first}
        # It was no fault of the page: its next visit compiles it.
        assert await compiled(engine, "/a") == "hit"


async def test_a_process_killed_while_it_waits_costs_nothing() -> None:
    async with pool() as compiler:
        engine = Engine(QUERIES, compiler=compiler)
        assert await compiled(engine, "/a") == "hit"
        first = await the_process()
        os.kill(first, signal.SIGKILL)
        await until(lambda: first not in children())
        assert await compiled(engine, "/b") == "hit"


async def test_a_hanging_process_is_killed_in_time() -> None:
    async with pool() as compiler:
        engine = Engine(QUERIES, compiler=compiler)
        assert await compiled(engine, "/warm") == "hit"
        first = await the_process()
        os.kill(first, signal.SIGSTOP)
        with impatient(compiler):
            assert outcome(engine, "/a") == "COMPILING"
            # Meanwhile the loop serves everybody else.
            await until(lambda: failed(engine) if outcome(engine, "/warm") == "hit" else False)
        assert first not in children()
        assert await compiled(engine, "/b") == "hit"


async def test_a_page_that_eats_memory_is_refused() -> None:
    # Enough for the interpreter and small pages, too little for this one's tree; its tags are not the limit here.
    limits = PageLimits(max_html_bytes=2**24, inline_html_bytes=1000, max_tags=2**24)
    async with pool(memory_bytes=200 * 1024 * 1024) as compiler:
        engine = Engine(QUERIES, limits, compiler)
        hungry = b"<!DOCTYPE html><body>" + b"<br>" * 2_000_000
        assert outcome(engine, "/hungry", hungry) == "COMPILING"
        assert await compiled(engine, "/small", b"<p>x</p>" * 200) == "hit"
        assert failed(engine) == 1


LESSONS = PageLimits(inline_compile_ms=0.05)
"""Enough to parse `varied` pages here, too little to learn their structure here."""


def varied(lines: int, boxes: int = 2) -> bytes:
    """A page with lists of some length."""
    held = "".join(f"<li class=line>{n} x <b>Disco</b></li>" for n in range(lines)) or "<p>Nada</p>"
    shown = "".join(f"<li class=box><a href='/p/{n}'>Disco {n}</a></li>" for n in range(boxes))
    return f"<!DOCTYPE html><body><div id=cart>{held}</div><ul id=grid>{shown}</ul><p id=end>fin</p></body>".encode()


async def learnt(engine: Engine, *, pages: int = 12) -> None:
    """Open pages of one kind, and wait until what each of them teaches is known."""
    for n in range(pages):
        engine.open(varied(n % 4, 1 + n % 3), UTF8, key("/shop"), None)
        await until(lambda: engine._offloading is None or not engine._offloading._pending)


async def test_structure_is_learnt_elsewhere() -> None:
    async with pool() as compiler:
        engine = Engine(QUERIES, LESSONS, compiler)
        await learnt(engine)
        assert len(children()) == 1
        assert outcome(engine, "/shop", varied(9, 8)) == "hit"


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hanging"])
async def test_a_killed_or_hanging_process_costs_its_lesson_only(sent: signal.Signals) -> None:
    async with pool() as compiler:
        engine = Engine(QUERIES, LESSONS, compiler)
        await learnt(engine, pages=3)
        stopped = await the_process()
        os.kill(stopped, signal.SIGSTOP)
        with nullcontext() if sent is signal.SIGKILL else impatient(compiler):
            assert outcome(engine, "/shop", varied(0, 30) + b"<br>") == "relocated"
            # A process that dies before it is asked would be replaced, and cost nothing.
            await until(lambda: not compiler._idle)
            if sent is signal.SIGKILL:
                os.kill(stopped, sent)
            await until(lambda: failed(engine))
        await learnt(engine)
        assert failed(engine) == 1
        assert outcome(engine, "/shop", varied(9, 8)) == "hit"


async def test_a_full_queue_turns_jobs_away() -> None:
    async with pool(queued=2) as compiler:
        engine = Engine(QUERIES, compiler=compiler)
        found = [engine.open(LARGE, UTF8, key(f"/{n}"), None) for n in range(4)]
        busy = [page for page in found if isinstance(page, Refusal) and "busy" in page.detail]
        assert len(busy) == 2


async def test_a_process_that_does_not_start_fails_its_jobs() -> None:
    tasks = Tasks()
    results: list[bytes | None] = []
    compiler = CompilePool(tasks, CompileLimits(), ("/nonexistent/python",))
    assert compiler.compile(b"job", results.append)
    await until(lambda: results)
    assert results == [None]
    await tasks.cancel()


BABBLING = (
    "import sys; sys.stdout.buffer.write(b'\\xff\\xff\\xff\\xfe' * 9); sys.stdout.flush(); sys.stdin.read()",
    "x",
)


@pytest.mark.parametrize("program", [*BABBLING, "import os; os._exit(3)", "print('hello', flush=True)"])
async def test_what_a_process_says_is_not_trusted(program: str) -> None:
    tasks = Tasks()
    compiler = CompilePool(tasks, CompileLimits(timeout_s=5), (sys.executable, "-c", program))
    engine = Engine(QUERIES, compiler=compiler)
    assert outcome(engine, "/") == "COMPILING"
    await until(lambda: failed(engine))
    await tasks.cancel()


async def test_processes_are_replaced_after_their_number_of_jobs() -> None:
    async with pool(jobs_per_process=1) as compiler:
        engine = Engine(QUERIES, compiler=compiler)
        assert await compiled(engine, "/a") == "hit"
        assert await compiled(engine, "/b") == "hit"


async def test_a_large_page_goes_out_untouched_until_it_is_compiled(shop: Start) -> None:
    placements = {"grid": Placement("grid", ("home",), items="#grid > .box")}
    experiences = (Experience("portada", "grid", settings={"reorder": {"by": "affinity"}}),)
    site = {"mode": "live"}
    async with shop(html(LARGE), site=site, placements=placements, experiences=experiences) as s:
        visitor = "visitor00000000000000"
        s.profiles.stored[visitor] = likes(visitor, "2")
        head, body = await s.ask(opens("/", cookie(visitor)))
        assert body == LARGE
        assert b"max-age=60" in head
        click = await s.click()
        assert click.outcome == "COMPILING"
        assert [reason.code for reason in click.reasons] == ["OVER_BUDGET"]
        async with asyncio.timeout(20):
            while body == LARGE:
                await asyncio.sleep(0.05)
                head, body = await s.ask(opens("/", cookie(visitor)))
        assert body.index(b">Two<") < body.index(b">One<")
        assert sorted(body) == sorted(LARGE)
        assert b"private" in head


def product_page(price: bytes, filling: bytes) -> bytes:
    """A product's page with a list beside it."""
    return (
        b"<!DOCTYPE html><html><head><title>Shop</title></head><body><p id=hello>Welcome</p>"
        b"<div class=crumbs><a href=/>Home</a> <a href=/category.php?c=4>Jazz</a></div>"
        b'<h1>Kind of&nbsp;Blue</h1><p class="price">$<b>' + price + b"</b></p><ul id=grid>"
        b"<li class=box><a href=/product.php?id=2>Two</a></li><li class=box><a href=/product.php?id=3>Three</a></li>"
        b"</ul>" + filling + b"</body></html>"
    )


def product_view(click: Click) -> dict[str, object]:
    return {event.name: dict(event.data) for event in click.events}["product_view"]


async def test_a_page_compiled_elsewhere_tells_the_facts_that_one_compiled_here_does(shop: Start) -> None:
    rule = ProductRule("h1", price_css=".price", breadcrumb_css=".crumbs a")
    platform = replace(PLATFORM, product=rule, breadcrumb_skip=("Home",))
    sent = [product_page(b"19.90", FILLING)]

    async def answer(request: Request, reader: Any, writer: Any) -> bytes:
        return html(sent[-1])

    async with shop(answer, site={"mode": "live"}, platform=platform) as s:

        async def visit(body: bytes) -> Click:
            sent.append(body)
            before = len(s.clicks.all)
            assert (await s.ask(opens("/product.php?id=1")))[1] == body
            click: Click = await s.click(before + 1)
            return click

        async def compiled_visit(body: bytes) -> Click:
            async with asyncio.timeout(20):
                while (click := await visit(body)).outcome == "COMPILING":  # noqa: ASYNC110 (another process)
                    await asyncio.sleep(0.01)
            return click

        click = await compiled_visit(sent[0])
        here = await visit(product_page(b"19.90", b""))
        assert (click.outcome, here.outcome) == ("hit", "relocated")
        assert (here.product, here.listed) == ("1", {"grid": ("2", "3")})
        viewed = product_view(here)
        assert (viewed["name"], viewed["price_cents"]) == ("Kind of Blue", 1990)
        assert (click.product, click.listed, click.events) == (here.product, here.listed, here.events)
        # On a hit what varies is read again, from this body.
        dearer = await compiled_visit(product_page(b"24.50", FILLING))
        assert product_view(dearer) == {**viewed, "price_cents": 2450}
