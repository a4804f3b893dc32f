"""Recipes: what they make is what planning anew makes; where it may not be, the edits are planned."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.page.charset import Encoding
from transforms.page.edits import (
    Edit,
    Insert,
    Markup,
    Remove,
    Reorder,
    Replace,
    SetAttribute,
    SetText,
    Spliced,
    Target,
    Text,
)
from transforms.page.engine import Engine, Page, PageLimits, TemplateKey
from transforms.page.query import Query
from transforms.page.recipe import Recipe, prepared
from transforms.page.template import Template

UTF8 = Encoding("utf-8", "utf-8")
KEY = TemplateKey("shop.test", "/c", False, "1")
QUERIES = (Query("hi", ".hi"), Query("p", "p"), Query("li", "li"), Query("body", "body"), Query("pre", "pre"))
COUNT = 5


def body(token: str, *, text: str = "Hola", is_list_fixed: bool = False) -> bytes:
    own = "" if is_list_fixed else token
    items = "".join(
        f'<li class="box {"odd" if n % 2 else "even"}"><a href="?t={own}">{n}</a></li>\n' for n in range(COUNT)
    )
    return (
        f'<!DOCTYPE html><html><body><div class="hi" title="{token}">{text} x{token}y</div><p>a</p><p>b</p>'
        f"<pre>{token}</pre><ul>{items}</ul><p>last {token}</p></body></html>"
    ).encode()


def engine(limits: PageLimits | None = None, *, is_list_fixed: bool = False) -> Engine:
    """One that knows the page, and that its tokens vary."""
    learnt = Engine(QUERIES, limits)
    for token in ("first", "other", "third"):
        opened(learnt, body(token, is_list_fixed=is_list_fixed))
    return learnt


def opened(where: Engine, page: bytes) -> Page:
    found = where.open(page, UTF8, KEY, None)
    assert isinstance(found, Page), found
    return found


def recipes(page: Page) -> list[Recipe]:
    template = page._template
    return list((template.recipes or {}).values()) if isinstance(template, Template) else []


def forgotten(page: Page) -> Page:
    """The same page of a template that has no recipe."""
    if isinstance(page._template, Template) and page._template.recipes:
        page._template.recipes.clear()
    return page


texts = st.text(max_size=12) | st.sampled_from(["", " ", "&", "<b>", ";x", "José", "\x00", "=", "'"])
payloads = st.builds(Text, texts) | st.sampled_from(
    [Markup("<b>ñ</b>"), Markup("amp;"), Markup(""), Markup("<i>x</i>")]
)
targets = st.builds(Target, st.sampled_from(["hi", "p", "li", "body", "pre"]), st.integers(0, 2))
orders = st.permutations(range(COUNT)).map(tuple)
positional = st.sampled_from([("odd", "even"), ("box",), ()])
edits = (
    st.builds(Insert, targets, st.sampled_from(["before", "after", "start", "end"]), payloads)
    | st.builds(SetText, targets, st.builds(Text, texts))
    | st.builds(Replace, targets, payloads)
    | st.builds(Remove, targets)
    | st.builds(SetAttribute, targets, st.sampled_from(["title", "lang", "href"]), texts)
    | st.builds(Reorder, st.just("li"), orders, positional)
)


@given(
    forms=st.lists(edits, min_size=1, max_size=4),
    again=st.lists(texts, min_size=4, max_size=4),
    order=orders,
    tokens=st.lists(st.from_regex(r"[a-z0-9]{1,9}", fullmatch=True), min_size=3, max_size=3),
    is_list_fixed=st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_a_recipe_makes_what_planning_makes(
    forms: list[Edit], again: list[str], order: tuple[int, ...], tokens: list[str], is_list_fixed: bool
) -> None:
    learnt, plain = engine(is_list_fixed=is_list_fixed), engine(is_list_fixed=is_list_fixed)
    for token, texts_now in zip(tokens, (None, None, again), strict=True):
        wanted = [_with(edit, text, order) for edit, text in zip(forms, texts_now or again, strict=False)]
        wanted = wanted if texts_now else list(forms)
        page = body(token, is_list_fixed=is_list_fixed)
        made = opened(learnt, page).splice(wanted)
        planned = forgotten(opened(plain, page)).splice(wanted)
        assert (made.body, made.refused) == (planned.body, planned.refused)
        assert made.changes == planned.changes


def _with(edit: Edit, text: str, order: tuple[int, ...]) -> Edit:
    """An edit of the same kind and place with another text or order."""
    match edit:
        case Insert(target=target, position=position, payload=Text()):
            return Insert(target, position, Text(text))
        case SetText(target=target):
            return SetText(target, Text(text))
        case Replace(target=target, payload=Text()):
            return Replace(target, Text(text))
        case Reorder(query=query, positional=tokens):
            return Reorder(query, order, tokens)
        case _:
            return edit


USUAL: tuple[Edit, ...] = (
    SetText(Target("hi"), Text("Hola, José")),
    Insert(Target("hi"), "after", Markup('<p class="offer">-10 %</p>')),
    SetAttribute(Target("p", 0), "title", "Para ti"),
    Reorder("li", (4, 3, 2, 1, 0), ("odd", "even")),
    Insert(Target("body"), "end", Markup("<i></i>")),
)


def test_edits_that_were_proven_are_made_by_a_recipe_whatever_varies(
    rebuilt: Callable[[bytes, Spliced], bytes],
) -> None:
    learnt = engine()
    opened(learnt, body("zz")).splice(USUAL)
    [recipe] = recipes(opened(learnt, body("zz")))
    for token in ("aa", "bbbbbbbb", "c", "aa"):
        page = opened(learnt, body(token))
        made = recipe.make(page, prepared(USUAL), learnt.limits)
        assert made is not None
        spliced = page.splice(USUAL)
        assert spliced.body == made.body == rebuilt(body(token), spliced)
        assert [change.kind for change in spliced.changes] == [
            "set_text",
            "insert",
            "set_attribute",
            "reorder",
            "insert",
        ]


TAGS: list[tuple[str, str]] = [
    ("all alike but for their places", '<li class="box {side}">'),
    ("no class", "<li>"),
    ("one class", '<li class="box">'),
    ("another class each", '<li class="box{number} {side}">'),
    ("an id that stays with its block", '<li id="i{number}" class="{side}">'),
    ("an id that varies", '<li id="{token}{number}" class="{side}">'),
    ("a class without quotes", "<li class={side}>"),
    ("a name that varies behind it", '<li class="{side}" data-t="{token}">'),
    ("places before a class", '<li class="{side} box{number}">'),
]


@pytest.mark.parametrize("tag", [tag for _, tag in TAGS], ids=[name for name, _ in TAGS])
@given(order=orders, token=st.from_regex(r"[a-z0-9]{1,9}", fullmatch=True))
@settings(max_examples=12)
def test_any_blocks_are_shuffled_as_they_are_planned(tag: str, order: tuple[int, ...], token: str) -> None:
    def listing(token: str) -> bytes:
        items = "".join(
            f"{tag.format(number=n, side='odd' if n % 2 else 'even', token=token)}{n} x{token}y</li>{' ' * n}"
            for n in range(COUNT)
        )
        return f"<!DOCTYPE html><html><body><p>{token}</p><ul>{items}</ul></body></html>".encode()

    learnt, plain = Engine(QUERIES), Engine(QUERIES)
    for known in ("first", "other", "third"):
        opened(plain, listing(known))
        opened(learnt, listing(known)).splice([Reorder("li", (1, 0, 2, 4, 3))])
    for page in (listing(token), listing(token), listing("zz")):
        made = opened(learnt, page).splice([Reorder("li", order)])
        planned = forgotten(opened(plain, page)).splice([Reorder("li", order)])
        assert (made.body, made.refused, made.changes) == (planned.body, planned.refused, planned.changes)


@pytest.mark.parametrize(
    ("edits", "name"),
    [
        ([Insert(Target("hi"), "start", Text(""))], "nothing to insert"),
        ([SetText(Target("hi"), Text(""))], "no text"),
        ([Reorder("li", (0, 1, 2, 3, 4))], "the order that is there"),
        ([Reorder("li", (0, 0, 2, 3, 4))], "no permutation"),
        ([Reorder("li", (1, 0))], "not all of the list"),
        ([SetText(Target("hi"), Text("x" * 300))], "more bytes than are put on one page"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_may_be_refused_is_planned(edits: Sequence[Edit], name: str) -> None:
    learnt = engine(PageLimits(max_payload_bytes=200))
    usual = [_with(edit, "Hola" if not isinstance(edit, Insert) else "x", (1, 0, 2, 3, 4)) for edit in edits]
    opened(learnt, body("zz")).splice(usual)
    page = opened(learnt, body("yy"))
    for recipe in recipes(page):
        assert recipe.make(page, prepared(edits), learnt.limits) is None, name
    planned = forgotten(opened(engine(PageLimits(max_payload_bytes=200)), body("yy"))).splice(edits)
    assert page.splice(edits) == planned


@pytest.mark.parametrize(
    ("edits", "name"),
    [
        ([Reorder("li", (1, 0, 2, 3, 4)), SetText(Target("li", 4), Text("x"))], "an edit inside of a list"),
        ([Insert(Target("pre"), "start", Text("x"))], "the body tells where content starts"),
        ([SetText(Target("hi"), Text("x")), SetText(Target("nowhere"), Text("x"))], "an edit is refused"),
        ([SetText(Target("hi"), Text("x")), Remove(Target("hi"))], "edits that overlap"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_some_edits_have_no_recipe(edits: Sequence[Edit], name: str) -> None:
    learnt = engine()
    page = opened(learnt, body("zz"))
    page.splice(edits)
    assert recipes(page) == [], name


def test_a_template_remembers_so_many_recipes_and_no_more() -> None:
    learnt = engine()
    page = opened(learnt, body("zz"))
    for number in range(200):
        assert page.splice([SetAttribute(Target("hi"), "title", f"visitor {number}")]).changes
    assert len(recipes(page)) <= 64


def test_a_recipe_remembers_so_many_layouts_and_no_more() -> None:
    learnt = engine()
    opened(learnt, body("zz")).splice(USUAL)
    [recipe] = recipes(opened(learnt, body("zz")))
    for number in range(100):
        assert opened(learnt, body("z" * (number % 50 + 1), text="Hola")).splice(USUAL).changes
    assert 1 < len(recipe._stands) <= 64


def test_a_list_that_is_the_same_on_all_pages_is_cut_once() -> None:
    for is_list_fixed in (True, False):
        learnt = engine(is_list_fixed=is_list_fixed)
        for token, order in (("a", (4, 3, 2, 1, 0)), ("bb", (1, 0, 2, 3, 4)), ("ccc", (0, 1, 2, 4, 3))):
            page = opened(learnt, body(token, is_list_fixed=is_list_fixed))
            page.splice([Reorder("li", order, ("odd", "even"))])
        cuts = [known for key, known in page.memo.items() if key[0] == ""]
        assert len(cuts) == is_list_fixed
