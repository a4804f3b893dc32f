"""Templates of signed-in pages: fingerprints alone, until three visitors were sent the same."""

import pytest

from tests.fixtures.held import is_held
from tests.unit.transforms.page.test_templates import ANON, QUERIES, UTF8, opened, page
from transforms.page.edits import Insert, Markup, Reorder, SetAttribute, Target, Text
from transforms.page.engine import Engine
from transforms.page.witnesses import EVERYBODY

MEMBER = ANON._replace(signed_in=True)

STRUCTURE = '" value="'
"""Bytes of every page that are no text of anybody's."""


def member(name: str, token: str = "t") -> bytes:
    return page(cart=f"Hola {name}", token=token)


def test_signed_in_pages_hit_by_fingerprints_and_are_learnt_from_three_visitors() -> None:
    engine = Engine(QUERIES)
    for n, outcome in enumerate(["compiled", "hit", "hit", "hit", "hit"]):
        found = opened(engine, member(f"V{n}", f"k{n}"), MEMBER, f"visitor-{n}")
        assert found.outcome == outcome
        assert found.rows("cart")[0]["text"] == f"Hola V{n}"
        assert is_held(engine, STRUCTURE) is (n >= 2)


@pytest.mark.parametrize("visitor", ["ana", None], ids=["one visitor", "visitors who cannot be told apart"])
def test_less_than_three_visitors_leave_fingerprints_only(visitor: str | None) -> None:
    engine = Engine(QUERIES)
    edits = [
        Insert(Target("end"), "after", Text("canary")),
        SetAttribute(Target("end"), "title", "canary"),
        Reorder("item", (1, 0)),
    ]
    bodies = [
        member("Canary", f"k{n}").replace(b'"item"', b'"item canary"').replace(b"<b>", b"<b title='canary'>")
        for n in range(5)
    ]
    known = [opened(engine, body, MEMBER, visitor) for body in bodies]
    assert [found.outcome for found in known] == ["compiled", "hit", "hit", "hit", "hit"]
    for found in known:
        assert found.rows("cart")[0]["text"] == "Hola Canary"
        assert len(found.splice(edits).changes) == 3
    del known, found
    assert not is_held(engine, "anary")
    assert not is_held(engine, STRUCTURE)


def test_what_nobody_in_particular_was_sent_is_known_in_clear_and_nothing_else() -> None:
    engine = Engine(QUERIES)
    for visitor, name in (("ana", "Canary"), (None, "Canary"), (EVERYBODY, "desconocido"), (None, "canary")):
        assert not is_held(engine, STRUCTURE) or name == "canary"
        assert opened(engine, member(name, f"k{name}"), MEMBER, visitor).rows("cart")[0]["text"] == f"Hola {name}"
    assert is_held(engine, STRUCTURE)
    assert not is_held(engine, "anary")


@pytest.mark.parametrize(
    ("comment", "sameness"),
    [
        ("<!-- made {} by node 1 -->", ["compiled", "hit", "hit", "hit"]),
        ("<!--{}\n-->", ["compiled", "hit", "hit", "hit"]),
        ("<!-- {}-->", ["compiled", "relocated", "relocated", "relocated"]),
    ],
    ids=["a clock", "at a line of its own", "up to the very end mark"],
)
def test_a_comment_that_varies_on_signed_in_pages_is_a_gap(comment: str, sameness: list[str]) -> None:
    engine = Engine(QUERIES)
    pages = [member("Ana") + comment.format(f"04:05:0{n}").encode() for n in range(4)]
    assert [opened(engine, body, MEMBER, "ana").outcome for body in pages] == sameness


@pytest.mark.parametrize("content", [" x -->y<!-- ", "-", " ", " a --!>"])
def test_a_crafted_comment_does_not_match(content: str) -> None:
    engine = Engine(QUERIES)
    for n in range(3):
        opened(engine, member("Ana") + b"<!-- %d -->" % n, MEMBER, "ana")
    found = opened(engine, member("Ana") + b"<!--%b-->" % content.encode(), MEMBER, "ana")
    assert found.outcome == "relocated"


def test_words_of_a_comment_vary_in_fingerprints_too() -> None:
    engine = Engine(QUERIES)
    bodies = [page(cart="Hola Ana", token=f"t{n}", took=f"{n}.5") for n in range(5)]
    assert [opened(engine, body, MEMBER, "ana").outcome for body in bodies] == ["compiled", *["hit"] * 4]
    for attack in ("1 2", "", "--", "-->", "1 --> <p id=end>", "\0"):
        body = page(cart="Hola Ana", token="t", took=attack)
        found, fresh = opened(engine, body, MEMBER, "ana"), opened(Engine(QUERIES), body)
        assert list(found.extents("end")) == list(fresh.extents("end"))
    assert not is_held(engine, "Ana")


def test_another_text_is_read_on_a_page_of_fingerprints() -> None:
    engine = Engine(QUERIES)
    for n in range(3):
        opened(engine, member("Ana", f"k{n}"), MEMBER, "ana")
    for name in ("Bea", "Cea"):
        other = opened(engine, member(name, "k"), MEMBER, "bea")
        assert other.outcome == "hit"
        assert other.rows("cart")[0]["text"] == f"Hola {name}"
        del other
    assert not is_held(engine, STRUCTURE)
    assert not any(is_held(engine, name) for name in ("Ana", "Bea", "Cea", "Two"))


def test_no_private_text_is_in_a_template() -> None:
    """The canary: after many visitors, nothing that the engine holds contains the text of one of them."""
    engine = Engine(QUERIES)
    canaries = [f"CANARY{n}x{n * 7919}" for n in range(6)]
    for n, canary in enumerate(canaries):
        found = opened(engine, member(canary, f"SECRET{canary}"), MEMBER, f"visitor-{canary}")
        assert found.rows("cart")[0]["text"] == f"Hola {canary}"
        found.splice(
            [
                Insert(Target("end"), "after", Text(canary)),
                Insert(Target("end"), "start", Markup(f"<i title='{canary}'>{n}</i>")),
            ]
        )
        del found
        assert not is_held(engine, "CANARY")
    assert engine.counters["hit"] == 5
    assert is_held(engine, STRUCTURE)


def test_what_is_the_same_for_three_may_differ_for_the_fourth() -> None:
    engine = Engine(QUERIES)
    for n in range(3):
        opened(engine, page(cart="same for three"), MEMBER, f"v{n}")
    for text in ("another", "yet another"):
        found = opened(engine, page(cart=text), MEMBER, "v4")
        assert found.outcome == "hit"
        assert found.rows("cart")[0]["text"] == text


def test_what_is_known_by_fingerprints_alone_is_no_hit() -> None:
    engine = Engine(QUERIES)
    for n in range(2):
        opened(engine, page(), MEMBER, f"v{n}")
        assert engine.hit(page(), UTF8, MEMBER, lambda found: True) is None
    opened(engine, page(), MEMBER, "v2")
    assert engine.hit(page(), UTF8, MEMBER, lambda found: True) is not None
