"""Lists of many different blocks, and pages that are never built alike twice."""

from random import Random

import pytest

from transforms.page.charset import Encoding
from transforms.page.edits import Reorder
from transforms.page.engine import Engine, Page, TemplateKey
from transforms.page.query import Field, Query
from transforms.page.shape import MAX_BLOCKS, Alternatives, Blocks, Shape

UTF8 = Encoding("utf-8", "utf-8")
KEY = TemplateKey("shop.test", "/list", False, "1", "category")
QUERIES = (
    Query("record", ".record", (Field("name", "a", "text"), Field("token", "input", "value"))),
    Query("end", "#end"),
)


def page(numbers: list[int], token: int) -> bytes:
    """Each record has a form of its own name, which may not vary."""
    records = "".join(
        f'<div class="record"><a href="/p/{number}">Disco {number}</a>'
        f'<form name="buy{number}" method="post"><input name="t" value="{token}"></form></div>\n'
        for number in numbers
    )
    return f'<!DOCTYPE html><html><body><h1>x</h1><div>\n{records}</div><p id="end">fin</p></body></html>\n'.encode()


def opened(engine: Engine, body: bytes, key: TemplateKey, visitor: str | None) -> Page:
    found = engine.open(body, UTF8, key, visitor)
    assert isinstance(found, Page), found
    return found


@pytest.mark.parametrize("is_private", [False, True], ids=["anonymous", "signed in"])
def test_any_of_many_different_blocks_in_any_order_takes_no_parse(is_private: bool) -> None:
    engine, random = Engine(QUERIES), Random(7)
    key = KEY._replace(signed_in=is_private)
    counts = []
    for number in range(200):
        numbers = random.sample(range(100), 40)
        body = page(numbers, number)
        found = opened(engine, body, key, f"v{number % 5}" if is_private else None)
        assert found.rows("record") == tuple({"name": f"Disco {n}", "token": str(number)} for n in numbers)
        spliced = found.splice([Reorder("record", tuple(range(39, -1, -1)))])
        assert [change.kind for change in spliced.changes] == ["reorder"]
        assert spliced.body == page(numbers[::-1], number)
        counts.append(engine.counters["hit"])
    assert counts[-1] - counts[99] == 100
    assert engine.families.templates <= engine.limits.templates_per_key


def block(number: int) -> Shape:
    body = b"<p>%d</p>" % (1000 + number)
    return Shape(body, (0, len(body)), [], [], is_private=False, is_unclosed=False)


def test_the_block_used_longest_ago_gives_way() -> None:
    known, blocks = Alternatives(), Blocks(4096)
    first, second = block(0), block(1)
    known.add(first)
    known.add(second)
    assert known.match(b"<p>1000</p><", 0, blocks) is not None
    for number in range(2, MAX_BLOCKS + 1):
        known.add(block(number))
    assert len(known) == MAX_BLOCKS
    assert first in known
    assert second not in known
    known.drop(second)
    known.drop(first)
    assert known.match(b"<p>1000</p><", 0, blocks) is None
    assert len(known) == MAX_BLOCKS - 1
