"""Pages that pass: nothing is kept of a body whose like does not come again, and it says what a parse of it says."""

from collections.abc import Hashable
from random import Random

import pytest

from bench.corpus.mutating import mutated, repeated
from tests.fixtures.held import is_held
from transforms.page import surroundings
from transforms.page.anatomy import NOWHERE
from transforms.page.charset import Encoding
from transforms.page.edits import Edit, Insert, Markup, Refused, Remove, Reorder, SetText, Target, Text
from transforms.page.engine import Engine, Page, TemplateKey
from transforms.page.forms import Forms
from transforms.page.locate import locate
from transforms.page.passing import Passing
from transforms.page.plan import Plan, plan
from transforms.page.query import Field, Query
from transforms.page.readings import Readings

UTF8 = Encoding("utf-8", "utf-8")
KEY = TemplateKey("shop.test", "/c", False, "1", "category")
CARD = (Field("name", "h3", "text"), Field("price", ".price", "text"), Field("url", "a", "href"), Field("x", "p", "id"))
QUERIES = (
    Query("card", "div.card", CARD),
    Query("same", "#grid > div.card", CARD, editable=False),
    Query("line", "ul.menu > li", (Field("text", "", "text"), Field("url", "a", "href"))),
    Query("row", "table.tracks tr", (Field("title", "td.t", "text"),)),
    Query("title", "h1", (Field("text", "", "text"),)),
    Query("review", "p.review"),
    Query("box", "#box"),
    Query("body", "body"),
)


def card(number: int, random: Random) -> str:
    """A product, with a token of its own; some are on offer, some sold out."""
    side = "left" if number % 2 else "right"
    old = f"<s>{number + 9},95</s> " if number % 3 == 0 else ""
    stock = "<i>Agotado</i>" if number % 5 == 0 else f'<input name="t{number}" value="{random.random()}">'
    return (
        f'<div class="card {side}"><h3>Rock &amp; "{number}"</h3><a href="/p/{number}">ver <b>m&aacute;s</b></a>'
        f'<div class="buy">{old}<span class="price">{number},95 &euro;</span>{stock}</div></div>\n'
    )


def some_page(random: Random) -> bytes:
    """Another composition each time: products, menu (end tags left out), tracks, reviews, notes, adverts, comments."""
    cards = "".join(card(number, random) for number in random.sample(range(1, 30), random.randrange(1, 9)))
    menu = "".join(f'<li><a href="/c/{n}">Nombre {n}</a>\n' for n in random.sample(range(9), random.randrange(1, 5)))
    rows = "".join(f'<tr><td>{n}.</td><td class="t">Pista {n}</td></tr>\n' for n in range(random.randrange(1, 5)))
    odd = (
        '<p class="note">hola',
        "<hr>",
        "<!-- </b> -->",
        "<h2>a<i>b</i></h2>",
        '<img alt="x" src="/a">',
        "<div><b>z</b></div>",
    )
    said = [f"<p class='review'>{random.random()} bien &iexcl;s&iacute;!</p>\n" for _ in range(random.randrange(9))]
    for _ in range(random.randrange(3)):
        each = random.choice(odd)
        said.insert(random.randrange(len(said) + 1), each + ("</p>" if each.startswith("<p") else ""))
    return (
        f"<!DOCTYPE html><html><head><title>t</title></head><body><h1>Disco {random.randrange(9)}</h1>\n"
        f'<ul class="menu">{menu}</ul><table class="tracks">\n{rows}</table><div id="grid">\n{cards}</div>'
        f'<div id="box">{"".join(said)}</div><p id="end">fin</p></body></html>\n'
    ).encode()


def taught(*, is_private: bool = False) -> Forms:
    """The structure of such pages, learnt from some of them."""
    engine, random = Engine(QUERIES), Random(3)
    key = KEY._replace(signed_in=is_private)
    for number in range(60):
        engine.open(some_page(random), UTF8, key._replace(path=f"/c/{number}"), f"v{number % 5}")
    return next(iter(engine._forms.values()))


@pytest.fixture(scope="module", name="forms")
def taught_once() -> Forms:
    """One for all tests that do not teach it anything."""
    return taught()


def passed(forms: Forms, body: bytes, readings: Readings | None = None, visitor: str = "v") -> Page | None:
    """The page, if all of its structure is known."""
    forms._missed = 0
    tags, readings = body.count(b"<"), Readings() if readings is None else readings
    found = forms.pass_by(body, tags, UTF8, visitor, readings, keep=True)
    if found is None:
        return None
    by_name = {query.name: query for query in QUERIES}
    limits = Engine(QUERIES).limits
    return Page(body, "hit", UTF8, by_name, limits, forms._asked.verdicts, found[0], None, None, found[1])


def said(page: Page, query: Query) -> object:
    """All that a page says of a query."""
    edges = [
        (
            unit.tag,
            *(NOWHERE if edge == NOWHERE else page.at(edge) for edge in unit[1:5]),
            unit.closed,
            unit.void,
            unit.in_select,
            unit.left_open,
            {name: (page.at(start), page.at(end)) for name, (start, end) in unit.attributes.items()},
        )
        for unit in page.units(query.name) or ()
    ]
    kin = [unit.parent for unit in page.units(query.name) or ()]
    return page.count(query.name), [dict(row) for row in page.rows(query.name)], edges, [kin.index(one) for one in kin]


def parsed(body: bytes) -> Page:
    """The same body by a parse."""
    page = Engine(QUERIES).open(body, UTF8, KEY, None)
    assert isinstance(page, Page)
    return page


def test_a_page_that_passes_says_what_a_parse_says(forms: Forms) -> None:
    random, readings, outcomes = Random(8), Readings(), 0
    for number in range(250):
        body = some_page(random)
        for _ in range(number % 3):
            body = repeated(body, random) if random.random() < 0.5 else mutated(body, random)
        page = passed(forms, body, readings)
        if page is not None:
            outcomes += 1
            fresh = parsed(body)
            for query in QUERIES:
                assert said(page, query) == said(fresh, query), query.name
    assert outcomes > 80


EDITS: tuple[tuple[Edit, ...], ...] = tuple(
    edits
    for name in ("card", "line", "row", "review", "box", "title")
    for at in (0, 1, 2)
    for edits in (
        (Insert(Target(name, at), "before", Markup("<p>x")),),
        (Insert(Target(name, at), "after", Markup("<b>x</b>")), Insert(Target("body"), "end", Markup("<i>e</i>"))),
        (SetText(Target(name, at), Text("José")), Remove(Target("title"))),
    )
)


def test_a_verdict_is_taken_from_a_page_only_that_is_the_same_around_the_edits(forms: Forms) -> None:
    """Equal keys mean equal surroundings in the parsed trees; and the keys are few enough to be met again."""
    random = Random(2)
    told: dict[Hashable, Hashable] = {}
    asked = 0
    for _ in range(60):
        body = some_page(random)
        page = passed(forms, body)
        if page is None:
            continue
        located = locate(body, QUERIES)
        orders = [(Reorder(name, tuple(range(page.count(name)))[::-1]),) for name in ("card", "line", "row")]
        for edits in (*EDITS, *orders):
            plans = [plan(number, edit, page) for number, edit in enumerate(edits)]
            if any(isinstance(made, Refused) for made in plans):
                continue
            made = [one for one in plans if isinstance(one, Plan)]
            passing = page._template
            assert isinstance(passing, Passing)
            key = passing._key(tuple(one.shape for one in made))
            if key is None:
                continue
            asked += 1
            around = surroundings.of_page(located), *(surroundings.of_plan(located, one) for one in made)
            assert told.setdefault(key, around) == around
    assert asked > 1000
    assert len(told) < asked * 0.6


def test_a_verdict_is_found_again_on_another_page_that_is_the_same_around_the_edits() -> None:
    forms, random = taught(), Random(11)
    pages = [page for _ in range(60) if (page := passed(forms, some_page(random))) is not None]
    first, *others = [passing for page in pages if isinstance(passing := page._template, Passing)]
    edit = plan(0, SetText(Target("title"), Text("José")), pages[0])
    assert isinstance(edit, Plan)
    key = first._key((edit.shape,))
    assert key is not None
    first.put((edit.shape,), (True,))
    found = {(other._key((edit.shape,)) == key, other.get((edit.shape,))) for other in others}
    assert found == {(True, (True,)), (False, None)}


def test_edits_are_those_of_a_parsed_page(forms: Forms) -> None:
    random, made = Random(4), 0
    for _ in range(25):
        body = some_page(random)
        page = passed(forms, body)
        if page is None:
            continue
        for edits in random.sample(EDITS, 12):
            outcome, fresh = page.splice(edits), parsed(body).splice(edits)
            assert outcome.body == fresh.body
            assert [no.reason for no in outcome.refused] == [no.reason for no in fresh.refused]
            made += outcome.body != body
        order = tuple(random.sample(range(page.count("card")), page.count("card")))
        cards = [Reorder("card", order, ("left", "right"))]
        assert page.splice(cards).body == parsed(body).splice(cards).body
    assert made > 50


def test_rows_of_signed_in_pages_are_kept_once_three_visitors_were_sent_them() -> None:
    forms, readings = taught(is_private=True), Readings()
    body = next(body for body in map(some_page, map(Random, range(40))) if passed(forms, body) is not None)
    name = 'Rock & "'
    for visitor in ("v1", "v2", "v1", "v2"):
        assert passed(forms, body, readings, visitor) is not None
        assert not is_held(readings, name)
        assert not is_held(readings, "/p/")
    page = passed(forms, body, readings, "v3")
    assert is_held(readings, name)
    again = passed(forms, body, readings, "v4")
    assert page is not None
    assert again is not None
    assert again.rows("card")[0] is page.rows("card")[0]
    assert again.rows("card")[0] is again.rows("same")[0]


def test_a_path_that_is_never_alike_passes_and_is_learnt_from_when_it_is_alike_again() -> None:
    engine, random = Engine(QUERIES), Random(6)
    for _ in range(200):
        engine.open(some_page(random), UTF8, KEY, "v1")
    family = engine.families.get((1, KEY))
    assert family is not None
    assert family.is_never_alike
    kinds = []
    for _ in range(40):
        page = engine.open(some_page(random), UTF8, KEY, "v1")
        assert isinstance(page, Page)
        kinds.append(type(page._template).__name__)
    assert kinds.count("Passing") > 20
    body = page.body
    for _ in range(4):
        page = engine.open(body, UTF8, KEY, "v1")
    assert isinstance(page, Page)
    assert page.has_lasting_facts, "a template again"
