"""Properties on generated legacy pages: bytes outside edits, meaning by a third parser, hits against a fresh parse."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.corpus import html5_tree
from transforms.page.charset import Encoding, sniff
from transforms.page.edits import Edit, Insert, Markup, Remove, Reorder, Replace, SetAttribute, SetText, Target, Text
from transforms.page.engine import Engine, Page, Refusal, TemplateKey
from transforms.page.locate import view_of
from transforms.page.query import Field, Query

KEY = TemplateKey("shop.test", "/", False, "1")
QUERIES = (
    Query("t", ".t", (Field("title", "", "title"), Field("text", "", "text"))),
    Query("body", "body"),
    Query("item", "li.t"),
)
UTF8 = Encoding("utf-8", "utf-8")

PIECES = [
    "text ", "<b>", "</b>", "<i>", "</i>", "<p>", "</p>", "<br>", "<br/>", "<div>", "</div>", "<DIV CLASS=t>", "</DIV>",
    "<div class=t>", "<p class=t>", "<p class='t first'>a</p>", "<span class=\"t last\">x</span>", "<ul>", "</ul>",
    "<li class=t>a", "<li class='t odd'>b</li>", "</li>", "<table>", "</table>", "<tr>", "<td class=t>", "<td>",
    "</td>", "</tr>", "<tr class=t><td>1</td></tr>", "<select>", "<option class=t>o", "</select>", "<a href=x>", "</a>",
    "<a class=t href='/a?b=1&amp;c=2'>l</a>", "<form action=/x>", "</form>", "<input class=t value='v'>", "<!-- c -->",
    "<!-->", "<script>var a = '<b class=t>';</script>", "<style>p{}</style>", "<textarea class=t>\nx</textarea>",
    "<pre class=t>\n\nx</pre>", "<h1 class=t>h</h1>", "<h2>", "<font size=1>", "</font>", "<center>", "</center>",
    "&amp;", "&no", "< ", "<3", "</ x>", "<?php?>", "<svg class=t><g/></svg>", "<button class=t>", "</button>", "\r\n",
    "<noscript><p class=t></noscript>", "<img class=t src=x>", "<body class=q>", "</body>", "</html>",
    "<dl><dt class=t>", "<dd class=t>", "<iframe class=t></iframe>", "<label class=t title=a title=b>",
    "</label>", "<nobr>", "<marquee>",
]  # fmt: skip
PAGES = st.tuples(
    st.sampled_from(["", "<!DOCTYPE html>", "<!DOCTYPE HTML PUBLIC '-//W3C//DTD HTML 3.2//EN'>\n<html><body>"]),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=25),
    st.sampled_from(["", "</body></html>", "</body>\n</html>\n"]),
).map(lambda parts: (parts[0] + "<p>" + "".join(parts[1]) + parts[2]).encode())

PAYLOADS = st.sampled_from(
    [Text("a"), Text("<&"), Markup("<i data-x='1'>m</i>"), Markup("<div>d</div>"), Markup("<p>")]
)
TARGETS = st.integers(0, 3).map(lambda index: Target("t", index))
EDITS = st.one_of(
    st.builds(Insert, TARGETS, st.sampled_from(["before", "after", "start", "end"]), PAYLOADS),
    st.builds(Insert, st.just(Target("body")), st.just("end"), PAYLOADS),
    st.builds(Replace, TARGETS, PAYLOADS),
    st.builds(Remove, TARGETS),
    st.builds(SetText, TARGETS, st.just(Text("new"))),
    st.builds(SetAttribute, TARGETS, st.sampled_from(["title", "data-x"]), st.just("é\"'")),
)
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def opened(body: bytes) -> Page:
    page = Engine(QUERIES).open(body, UTF8, KEY, None)
    assert isinstance(page, Page), page
    return page


@QUICK
@given(st.binary(max_size=300), st.sampled_from([None, b"text/html", b"text/html; charset=gbk"]))
def test_any_bytes_give_an_answer(body: bytes, content_type: bytes | None) -> None:
    encoding = sniff(body, content_type)
    if isinstance(encoding, Refusal):
        return
    page = Engine(QUERIES).open(body, encoding, KEY, None)
    assert not (isinstance(page, Refusal) and page.reason == "ERROR"), page
    if isinstance(page, Page):
        assert page.splice([]).body is body
        for query in QUERIES:
            assert len(page.rows(query.name)) == page.count(query.name)
        spliced = page.splice([Insert(Target("body"), "end", Text("x"))])
        assert all(refused.reason != "ERROR" for refused in spliced.refused)


@QUICK
@given(body=PAGES, edits=st.lists(EDITS, max_size=5))
def test_bytes_outside_of_edits_stay(body: bytes, edits: list[Edit], rebuilt: Callable[..., bytes]) -> None:
    spliced = opened(body).splice(edits)
    assert rebuilt(body, spliced) == spliced.body
    assert all(refused.reason != "ERROR" for refused in spliced.refused), spliced.refused
    if not spliced.changes:
        assert spliced.body is body


@settings(QUICK, max_examples=300)
@given(PAGES, EDITS)
def test_a_third_parser_agrees(body: bytes, edit: Edit) -> None:
    page = opened(body)
    spliced = page.splice([edit])
    if not spliced.changes:
        return
    try:
        tree, got = html5_tree.parse(view_of(body)), html5_tree.parse(view_of(spliced.body))
    except html5_tree.KnownDefect:
        return
    targets = _targets(tree)
    if len(targets) != page.count("t"):
        return
    html5_tree.make(tree, edit, {"t": targets, "body": [node for node in tree.elements() if node.tag == "body"]})
    # White space after </body> belongs before it in the tree, so only the order of the rest is comparable.
    is_spaced = not (isinstance(edit, Insert) and edit.target.query == "body")
    assert got.shown(is_spaced=is_spaced) == tree.shown(is_spaced=is_spaced)


def _targets(tree: html5_tree.Node) -> list[html5_tree.Node]:
    return [node for node in tree.elements() if "t" in node.attributes.get("class", "").split()]


@QUICK
@given(st.permutations(range(5)), st.lists(st.sampled_from(["", " first", " last odd", " x"]), min_size=5, max_size=5))
def test_a_third_parser_agrees_on_order(order: list[int], classes: list[str]) -> None:
    items = "".join(f"<li class='t{extra}'><b>{n}</b> \n" for n, extra in enumerate(classes))
    body = f"<!DOCTYPE html><ul>{items}</ul>".encode()
    spliced = opened(body).splice([Reorder("item", tuple(order))])
    assert not spliced.refused
    shown = _targets(html5_tree.parse(view_of(spliced.body)))
    assert [next(item.elements()).children for item in shown] == [[str(number)] for number in order]
    positional = {"first", "last", "odd", "even"}
    for place, item in enumerate(shown):
        tokens = set(item.attributes["class"].split())
        assert tokens & positional == set(classes[place].split()) & positional
        assert tokens - positional == {"t", *classes[order[place]].split()} - positional


WORDS = st.text("abcXYZ0189 -_.:;/=()%", min_size=1, max_size=12).filter(lambda word: bool(word.strip()))


@QUICK
@given(PAGES, st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=3, max_size=6))
def test_a_hit_is_what_a_parse_says(page: bytes, values: list[tuple[str, str, str]]) -> None:
    """Whatever stands in gaps: extents and rows of a hit equal those of an engine that never saw the page before."""
    engine = Engine(QUERIES)
    for one, two, three in values:
        body = b"<p class=t title='%b'>%b</p><script>var x = '%b';</script>" % (
            one.encode(), two.encode(), three.encode(),
        ) + page + b"<p>%b</p><!-- took %b s -->" % (one.encode(), two.encode())  # fmt: skip
        found = engine.open(body, UTF8, KEY, None)
        assert isinstance(found, Page)
        fresh = opened(body)
        for name in ("t", "body", "item"):
            assert [dict(row) for row in found.rows(name)] == [dict(row) for row in fresh.rows(name)]
            assert placed(found, name) == placed(fresh, name)


def placed(page: Page, name: str) -> list[tuple[int, ...]]:
    return [
        tuple(-1 if at < 0 else page.at(at) for at in (unit.start, unit.content_start, unit.content_end, unit.end))
        for unit in page.units(name) or ()
    ]
