"""What the page engine costs, by body size and number of gaps: medians of CPU time in microseconds.

`python -m bench.page [--rounds N]`. The page is generated here: a category page of 40 products, padded with text to
the size, with session tokens in as many places as there shall be gaps; three bodies take turns, one of them with
longer tokens. "3 edits" are a text, an insertion and a new order of the 40 products that keeps their first and last
classes where they are, another one each time; "5 edits" are an insertion, a text, an attribute, another insertion and
one before `</body>`. "private" is the hit, with facts, of a signed-in page that fewer than three visitors were sent;
"relocate" a page of new structure of which nothing is learnt.
"""

import argparse
import platform
import sys
import time
from collections.abc import Callable
from itertools import cycle
from statistics import median

from bench.ending import ended
from bench.machine import interpreter
from transforms.page.charset import Encoding
from transforms.page.edits import Edit, Insert, Markup, Reorder, SetAttribute, SetText, Target, Text
from transforms.page.engine import Engine, Page, PageLimits, TemplateKey
from transforms.page.query import Field, Query

UTF8 = Encoding("utf-8", "utf-8")
KEY = TemplateKey("shop.test", "/category", False, "1")
SIGNED_IN = KEY._replace(signed_in=True)
PRODUCTS = 40
PLACEHOLDER = "_token__"
LIMITS = PageLimits(inline_compile_ms=10_000)
QUERIES = (
    Query(
        "grid",
        "ul.products > li",
        (Field("name", "h3", "text"), Field("url", "a.link", "href"), Field("price", ".price", "text")),
    ),
    Query("greeting", "#header .welcome"),
    Query("title", "h1"),
    Query("footer", "#footer"),
    Query("body", "body"),
)
FIVE: tuple[Edit, ...] = (
    Insert(Target("greeting"), "end", Text(", José")),
    SetText(Target("title"), Text("Para ti")),
    SetAttribute(Target("title"), "title", "Elegido para ti"),
    Insert(Target("footer"), "before", Markup('<div class="offer">Vuelve</div>')),
    Insert(Target("body"), "end", Markup("<div></div>")),
)
ORDERS = [Reorder("grid", tuple((n * step) % PRODUCTS for n in range(PRODUCTS))) for step in (3, 7, 9, 11, 13, 17, 19)]
THREE: tuple[tuple[Edit, ...], ...] = tuple(
    (
        SetText(Target("greeting"), Text("Hola, José")),
        Insert(Target("footer"), "before", Markup('<div class="offer">Vuelve</div>')),
        order,
    )
    for order in ORDERS
)


def page(size: int, gaps: int, token: str) -> bytes:
    """A category page of about `size` bytes with `gaps` places that hold `token`."""
    places = iter([PLACEHOLDER] * gaps)

    def varying() -> str:
        return next(places, "static")

    items = "".join(
        f'<li class="product{" first" if n % 4 == 0 else " last" if n % 4 == 3 else ""}">\n'
        f'<a class="link" href="/product.php?id={n}&amp;sid={varying()}"><img src="/i/{n}.jpg" alt="Product {n}"></a>\n'
        f'<h3><a href="/product.php?id={n}">Product number {n}</a></h3><p class="price">${n}.99</p>\n'
        f'<form action="/cart" method="post"><input type="hidden" name="t" value="{varying()}">'
        "<button>Add</button></form>"
        "</li>\n"
        for n in range(PRODUCTS)
    )
    head = (
        '<!DOCTYPE html>\n<html lang="es"><head><meta charset="utf-8"><title>Shop</title></head><body>\n'
        '<div id="header"><span class="welcome">Hola</span></div>\n<div id="main"><h1>Category</h1>'
    )
    pieces = [head, '<ul class="products">', items, "</ul></div>"]
    rows = max(1, (size - sum(map(len, pieces))) // 85)
    pieces += [
        f'<p class="c{n}">Lorem ipsum dolor sit <a href="/x/{n}?s={varying()}">amet</a> adipiscing elit.</p>\n'
        for n in range(rows)
    ]
    whole = "".join(pieces) + '<div id="footer">f</div></body></html>\n'
    return whole.replace(PLACEHOLDER, token).encode()


def microseconds(work: Callable[[], object], rounds: int) -> float:
    """The median CPU time of `work`, of batches long enough to be measured."""
    work()
    start = time.process_time_ns()
    work()
    batch = max(1, 500_000 // max(1, time.process_time_ns() - start))
    spent = []
    for _ in range(rounds):
        start = time.process_time_ns()
        for _ in range(batch):
            work()
        spent.append((time.process_time_ns() - start) / batch / 1000)
    return median(spent)


def opened(engine: Engine, body: bytes, key: TemplateKey = KEY, *, learn: bool = True) -> Page:
    """A page, or the end of this run."""
    found = engine.open(body, UTF8, key, None, learn=learn)
    if not isinstance(found, Page):
        sys.exit(f"the engine refused its own bench page: {found}")
    return found


def run(size: int, gaps: int, rounds: int) -> dict[str, float]:
    """All measures for one size and number of gaps."""
    engine = Engine(QUERIES, LIMITS)
    for token in ("aaaaaaaa", "bbbbbbbb"):
        opened(engine, page(size, gaps, token))
    bodies = cycle([page(size, gaps, token) for token in ("01234567", "89abcdef", "0123456789abcdef")])
    hit = opened(engine, next(bodies))
    for edits in (FIVE, *THREE):
        refused = hit.splice(edits).refused
        if hit.outcome != "hit" or refused:
            sys.exit(f"not a clean hit: {hit.outcome}, {refused}")
    body = next(bodies)
    other = body.replace(b"<h1>", b"<br><h1>")
    fewer = max(3, rounds // 4)
    three = cycle(THREE)
    private = Engine(QUERIES, LIMITS)
    for token in ("aaaaaaaa", "bbbbbbbb"):
        opened(private, page(size, gaps, token), SIGNED_IN)

    def cold() -> None:
        opened(Engine(QUERIES, LIMITS), body).splice(FIVE)

    return {
        "hit": microseconds(lambda: opened(engine, next(bodies)), rounds),
        "3 edits": microseconds(lambda: hit.splice(next(three)), rounds),
        "5 edits": microseconds(lambda: hit.splice(FIVE), rounds),
        "hit+3": microseconds(lambda: opened(engine, next(bodies)).splice(next(three)), rounds),
        "hit+5": microseconds(lambda: opened(engine, next(bodies)).splice(FIVE), rounds),
        "private": microseconds(lambda: opened(private, next(bodies), SIGNED_IN).rows("grid"), rounds),
        "relocate": microseconds(lambda: opened(engine, other, learn=False), fewer),
        "cold+gate": microseconds(cold, fewer),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    print(f"# {platform.machine()}, Python {interpreter()}, medians of {rounds} rounds, CPU µs")
    cases = [(10, 36), (64, 36), (64, 180), (300, 866), (1024, 2854)]
    columns: list[str] = []
    for kilobytes, gaps in cases:
        found = run(kilobytes * 1024, gaps, rounds)
        if not columns:
            columns = list(found)
            print(f"{'KB':>6}{'gaps':>6}" + "".join(f"{name:>12}" for name in columns))
        print(f"{kilobytes:>6}{gaps:>6}" + "".join(f"{found[name]:>12.1f}" for name in columns), flush=True)


if __name__ == "__main__":
    raise SystemExit(ended(main))
