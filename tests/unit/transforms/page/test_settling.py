"""A signed-in page that came by its shape: what three visitors were sent alike there is fixed text again."""

from random import Random

from bench.corpus.mutating import mutated
from tests.fixtures.held import is_held
from tests.unit.transforms.page.test_forms import MEMBER, UTF8, assert_as_parsed, opened, page, taught
from transforms.page.engine import Engine, Page
from transforms.page.template import Template
from transforms.page.witnesses import EVERYBODY

ELSEWHERE = MEMBER._replace(path="/p/elsewhere")
CARDS = [2, 4, 7, 8]


def body(title: str = "Otro disco", token: str = "t9", note: str = "nadie", price: str = "7,95") -> bytes:
    return page(CARDS, [3], title=title, token=token, note=note).replace(b">7,95 ", f">{price} ".encode())


def visited(engine: Engine, *bodies: bytes) -> list[Page]:
    """Each by a visitor of its own; none is parsed."""
    pages = [opened(engine, each, ELSEWHERE, f"visitor {number}") for number, each in enumerate(bodies)]
    assert [each.outcome for each in pages] == ["hit"] * len(bodies)
    return pages


def template(found: Page) -> Template:
    known = found._template
    assert isinstance(known, Template)
    return known


def test_what_is_the_same_for_three_visitors_is_read_once() -> None:
    engine = taught(MEMBER)
    visited(engine, body(), body(), body())
    fourth, fifth = visited(engine, body(), body())
    assert not template(fourth).gaps
    assert fourth.facts_token is fifth.facts_token
    assert fourth.has_lasting_facts


def test_what_varies_stays_a_gap_and_the_rest_does_not() -> None:
    engine = taught(MEMBER)
    first, _, _ = visited(engine, *(body(token=f"t{n}") for n in range(3)))
    fourth, fifth = visited(engine, body(token="tx"), body(token="a longer one"))
    assert len(template(first).gaps) > len(template(fourth).gaps) == 1
    assert template(fourth) is template(fifth)
    assert fourth.facts_token is fifth.facts_token


def test_what_varies_later_is_a_gap_from_then_on() -> None:
    engine = taught(MEMBER)
    visited(engine, *(body(token=f"t{n}") for n in range(4)))
    size = engine.families.templates
    changed, back, other = visited(engine, body(price="9,95"), body(), body(price="1,50"))
    assert [each.rows("card")[2]["price"] for each in (changed, back, other)] == ["9,95 €", "7,95 €", "1,50 €"]
    assert template(changed) is template(back) is template(other)
    assert len(template(other).gaps) == 2
    assert engine.families.templates == size, "the one that was too tight is gone"


def test_a_visitor_is_counted_once_and_somebody_unknown_never() -> None:
    engine = taught(MEMBER)
    for visitor in ("v1", "v2", "v1", None, "v2", None):
        assert template(opened(engine, body(), ELSEWHERE, visitor)).gaps
    opened(engine, body(), ELSEWHERE, "v3", learn=False)
    assert template(opened(engine, body(), ELSEWHERE, None)).gaps
    opened(engine, body(), ELSEWHERE, "v3")
    assert not template(opened(engine, body(), ELSEWHERE, None)).gaps


def test_nothing_is_kept_that_three_visitors_were_not_sent_alike() -> None:
    engine = taught(MEMBER)
    for number in range(2):
        visited(engine, body(note="canario gris"))
        opened(engine, body(note="canario rojo", title="canario verde"), ELSEWHERE, f"visitor {number + 1}")
    opened(engine, body(note="canario azul", title="canario verde"), ELSEWHERE, "visitor 8")
    opened(engine, body(note="canario negro", title="canario pardo"), ELSEWHERE, "visitor 9")
    for colour in ("gris", "rojo", "verde", "azul", "negro", "pardo"):
        assert not is_held(engine, f"canario {colour}"), colour


def test_what_nobody_in_particular_was_sent_settles_at_once_but_for_what_others_were_sent() -> None:
    engine = taught(MEMBER)
    opened(engine, body(note="canario gris", token="t1"), ELSEWHERE, "v1")
    opened(engine, body(token="t2"), ELSEWHERE, EVERYBODY)
    others = [opened(engine, body(token=f"t{number}"), ELSEWHERE, None) for number in (3, 4)]
    assert len(template(others[0]).gaps) == 2
    assert template(others[0]) is template(others[1])
    opened(engine, body(note="canario rojo", title="canario verde"), ELSEWHERE, "v1")
    del others
    assert not is_held(engine, "canario")


def test_a_page_says_what_a_parse_says_whatever_has_settled() -> None:
    """Tokens, prices, notes and empty values change at their own pace, and now and then somebody breaks a tag."""
    engine, random = taught(MEMBER), Random(1)
    gaps = set()
    for number in range(60):
        token = "" if number % 13 == 7 else f"t{number % 5}"
        each = body(token=token, price=f"{number // 9},00", note=f"nota {number // 20}", title=f"Disco {number // 30}")
        if number % 4 == 3:
            each = mutated(each, random)
        found = opened(engine, each, ELSEWHERE, f"visitor {number % 7}")
        assert_as_parsed(found)
        if number % 4 != 3:
            gaps.add(len(template(found).gaps))
    assert min(gaps) <= 6 < 20 < max(gaps)


def test_a_page_that_waits_for_visitors_is_no_hit_for_who_cannot_be_counted_yet() -> None:
    """`Engine.hit` is not told who comes: what is to be counted goes through `Engine.open`."""
    engine = taught(MEMBER)
    visited(engine, body(), body())
    assert engine.hit(body(), UTF8, ELSEWHERE, lambda _: True) is None
    visited(engine, body(), body(), body())
    assert engine.hit(body(), UTF8, ELSEWHERE, lambda _: True) is not None
