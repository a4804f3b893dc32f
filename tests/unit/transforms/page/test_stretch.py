"""Long runs of bytes that all bodies of a template have: told where they lie on what goes out, and of nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.page.charset import Encoding
from transforms.page.edits import Insert, Markup, Reorder, SetText, Spliced, Target, Text
from transforms.page.engine import Engine, Page, TemplateKey
from transforms.page.layout import Layout
from transforms.page.query import Query
from transforms.page.stretch import LONGEST_BYTES, SHORTEST_BYTES, Stretch, Stretches

UTF8 = Encoding("utf-8", "utf-8")
KEY = TemplateKey("shop.test", "/c", False, "1")
QUERIES = (Query("hi", ".hi"), Query("li", "li"), Query("body", "body"))
REVIEWS = "".join(f"<p>Reseña {n} de un disco de {1950 + n}</p>\n" for n in range(SHORTEST_BYTES // 36))


def body(token: str, *, above: str = REVIEWS, below: str = REVIEWS * 7, own: str = "") -> bytes:
    """With an `own` class the blocks differ in their start tags, each in its length."""
    items = "".join(
        f'<li class="{"odd" if n % 2 else "even"} box {own * n}"><a href="?t={token}">{n}</a></li>' for n in range(4)
    )
    return (
        f'<!DOCTYPE html><html><body>{above}<div class="hi">Hola</div><ul>{items}</ul><i title="{token}"></i>{below}'
        f"<p>last {token}</p></body></html>"
    ).encode()


def spliced(engine: Engine, sent: bytes, name: str, order: tuple[int, ...], key: TemplateKey = KEY) -> Spliced:
    page = engine.open(sent, UTF8, key, name)
    assert isinstance(page, Page), page
    edits = [
        SetText(Target("hi"), Text(f"Hola, {name}")),
        Reorder("li", order, ("odd", "even")),
        Insert(Target("body"), "end", Markup("<i></i>")),
    ]
    made = page.splice(edits)
    assert not made.refused
    return made


@given(
    st.lists(st.from_regex(r"[a-z0-9]{1,30}", fullmatch=True), min_size=3, max_size=6, unique=True),
    st.permutations(range(4)).map(tuple),
    st.sampled_from(["", "a"]),
)
@settings(max_examples=20, deadline=None)
def test_a_stretch_is_the_same_bytes_on_every_page(tokens: list[str], order: tuple[int, ...], own: str) -> None:
    engine = Engine(QUERIES)
    found: dict[Stretch, bytes] = {}
    for number, token in enumerate(["first", "other", *tokens]):
        made = spliced(engine, body(token, own=own), f"V{number}", order if order != (0, 1, 2, 3) else (3, 2, 1, 0))
        at = 0
        for start, end, stretch in made.stretches:
            assert at <= start
            assert SHORTEST_BYTES <= end - start <= LONGEST_BYTES
            assert found.setdefault(stretch, made.body[start:end]) == made.body[start:end]
            at = end
    long = len(REVIEWS.encode()) * 8
    assert sum(map(len, found.values())) > long - SHORTEST_BYTES


@pytest.mark.parametrize("below", ["", REVIEWS[: SHORTEST_BYTES // 2]])
def test_short_runs_are_none(below: str) -> None:
    engine = Engine(QUERIES)
    for token in ("first", "other", "third"):
        assert not spliced(engine, body(token, above="", below=below), "V", (3, 2, 1, 0)).stretches


def test_of_a_page_that_is_somebodys_there_are_none_until_three_visitors_were_sent_it() -> None:
    engine = Engine(QUERIES)
    member = KEY._replace(signed_in=True)
    told = [
        bool(spliced(engine, body(f"k{number}"), name, (3, 2, 1, 0), member).stretches)
        for number, name in enumerate(("ana", "ana", "luis", "luis", "eva", "eva", "noa"))
    ]
    assert told[:4] == [False] * 4
    assert told[-1]


def test_nothing_is_told_of_a_page_that_is_parsed() -> None:
    assert not spliced(Engine(QUERIES), body("first"), "V", (3, 2, 1, 0)).stretches


def test_where_edits_cut_elsewhere_each_time_the_oldest_stretches_are_forgotten() -> None:
    text = bytes(4 * SHORTEST_BYTES)
    known = Stretches()
    for cut in range(100):
        known.between([text], Layout([0]), cut, len(text))
    assert sorted(known._known) == [(0, 98, len(text)), (0, 99, len(text))]
