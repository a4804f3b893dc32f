"""Templates: what hits, what relocates, what is never learnt, and that nobody's body can move another's offsets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.page.charset import Encoding
from transforms.page.edits import Insert, Markup, Target, Text
from transforms.page.engine import Engine, Page, PageLimits, Refusal, TemplateKey
from transforms.page.families import Families
from transforms.page.query import Field, Query

UTF8 = Encoding("utf-8", "utf-8")
ANON = TemplateKey("shop.test", "/c", False, "1")
QUERIES = (
    Query("item", "li.item", (Field("name", "b", "text"), Field("url", "a", "href"))),
    Query("cart", "#cart", (Field("text", "", "text"),)),
    Query("end", "#end"),
)

PAGE = (
    b'<!DOCTYPE html><html><head><title>%(title)s</title><script>var csrf = "%(token)s";</script></head><body>'
    b'<p id="cart">%(cart)s</p><ul><li class="item"><a href="/p/1?sid=%(token)s"><b>One</b></a></li>'
    b'<li class="item"><a href="/p/2"><b>Two</b></a></li></ul>'
    b'<form><input type="hidden" name="t" value="%(token)s"></form><p id="end">end</p>'
    b"<!-- took %(took)s s --></body></html>"
)
BASE = {b"title": b"Shop", b"token": b"abc123", b"cart": b"0 items", b"took": b"0.11"}


def page(**values: str) -> bytes:
    return PAGE % {**BASE, **{name.encode(): value.encode() for name, value in values.items()}}


def opened(engine: Engine, body: bytes, key: TemplateKey = ANON, visitor: str | None = None) -> Page:
    found = engine.open(body, UTF8, key, visitor)
    assert isinstance(found, Page), found
    return found


def outcomes(*bodies: bytes) -> list[str]:
    engine = Engine(QUERIES)
    return [opened(engine, body).outcome for body in bodies]


def test_the_same_body_hits() -> None:
    assert outcomes(page(), page()) == ["compiled", "hit"]


VARYING = [
    ("token", {"token": "zzz"}, {"token": "a much longer token 0123456789"}),
    ("cart", {"cart": "1 item"}, {"cart": "12 items - $3.50"}),
    ("title", {"title": "Tienda"}, {"title": "x"}),
    ("comment", {"took": "12.5"}, {"took": "7"}),
    ("all", {"token": "q", "cart": "w", "title": "e", "took": "r"}, {"token": "1", "cart": "22", "title": "333"}),
]


@pytest.mark.parametrize(("second", "third"), [row[1:] for row in VARYING], ids=[row[0] for row in VARYING])
def test_what_varies_becomes_a_gap(second: dict[str, str], third: dict[str, str]) -> None:
    assert outcomes(page(), page(**second), page(**third)) == ["compiled", "relocated", "hit"]


@given(st.data())
def test_what_a_body_contains_is_told_whatever_varies(data: st.DataObject) -> None:
    """Words of the fixed text, of gaps and across their edges, and words that almost are."""
    engine = Engine(QUERIES)
    for values in ({}, {"token": "0123456789", "cart": "1", "title": "x", "took": "1"}, {"token": "q"}):
        opened(engine, page(**values))
    texts = st.text("abco0 -", max_size=12)
    body = page(token=data.draw(texts), cart=data.draw(texts), title=data.draw(texts), took=data.draw(texts))
    found = opened(engine, body)
    for _ in range(4):
        start = data.draw(st.integers(0, len(body) - 1))
        word = body[start : start + data.draw(st.integers(1, 14))]
        words = (word, word[:-1] + data.draw(st.sampled_from([b"a", b"0", b'"', b"~"])), b"nowhere")
        for some in (words[:1], words[1:], words[2:], words):
            assert found.contains(some) is any(each in body for each in some)


REPLACED = [
    ("class", b'class="item"><a href="/p/2"', b'class="itex"><a href="/p/2"'),
    ("id", b'id="end"', b'id="emd"'),
    ("type", b'type="hidden"', b'type="number"'),
    ("tag", b"<b>Two</b>", b"<i>Two</i>"),
    ("attribute name", b'name="t"', b'nama="t"'),
    ("attribute added", b'name="t"', b'name="t" checked'),
    ("element added", b"</ul>", b"<li>x</ul>"),
    ("markup in text", b"0 items", b"<b>0</b> items"),
    ("blank text", b"0 items", b"       "),
    ("no text", b"0 items", b""),
    ("comment end", b"took 0.11 s", b"took 0.11 -->"),
    ("doctype", b"<!DOCTYPE html>", b"<!DOCTYPE htm1>"),
    ("end tag", b"<p id=", b"</p id="),
    ("appended", b"</html>", b"</html>more"),
    ("cut", b"</body></html>", b"</body>"),
]


@pytest.mark.parametrize(("old", "new"), [row[1:] for row in REPLACED], ids=[row[0] for row in REPLACED])
def test_structure_never_becomes_a_gap(old: bytes, new: bytes) -> None:
    assert old in page()
    other = page(token="t2", cart="3 items", title="T2", took="9.9").replace(old, new)
    other = page().replace(old, new) if old not in page(token="t2", cart="3 items", title="T2", took="9.9") else other
    engine = Engine(QUERIES)
    known = [page(), page(token="t2", cart="3 items", title="T2", took="9.9")]
    for body in known:
        opened(engine, body)
    assert opened(engine, page(token="t3")).outcome == "hit"
    found = opened(engine, other)
    assert found.outcome == "relocated"
    fresh = opened(Engine(QUERIES), other)
    assert [dict(row) for row in found.rows("item")] == [dict(row) for row in fresh.rows("item")]
    assert all(opened(engine, body).outcome == "hit" for body in known)


def test_a_reference_in_text_is_text() -> None:
    engine = Engine(QUERIES)
    for body in (page(), page(token="t2", cart="3 items", title="T2", took="9.9")):
        opened(engine, body)
    found = opened(engine, page(cart='0&nbsp;items, "new"'))
    assert found.outcome == "hit"
    assert found.rows("cart")[0]["text"] == '0 items, "new"'


def test_values_that_selectors_test_are_never_gaps() -> None:
    engine = Engine((Query("q", '[data-kind="a"]'),))
    bodies = [b'<p data-kind="%s">x</p>' % value for value in (b"a", b"b", b"c")]
    assert [opened(engine, body).outcome for body in bodies] == ["compiled", "relocated", "relocated"]
    assert [opened(engine, body).count("q") for body in bodies] == [1, 0, 0]


def test_values_may_vary_where_selectors_ask_only_for_the_attribute() -> None:
    engine = Engine((Query("q", "p[data-kind]"),))
    bodies = [b'<p data-kind="%s">x</p>' % value for value in (b"a", b"b", b"c")]
    assert [opened(engine, body).outcome for body in bodies] == ["compiled", "relocated", "hit"]
    assert [opened(engine, body).count("q") for body in bodies] == [1, 1, 1]


ATTACKS = [
    'x</p><p id="cart">y',
    "</ul><p id=end>fake</p>",
    '" onload="x',
    "abc123",
    "--> <p id=end>",
    "<!--",
    "</script><p id=end>",
    "&lt;p id=end&gt;",
    "0 items",
    ";</script></head><body>",
    "end",
    "took 0.11 s",
    "'",
    "\0",
    "\r\n",
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("place", ["token", "cart", "title", "took"])
def test_a_crafted_body_moves_no_offset(attack: str, place: str) -> None:
    """An attacker's text in any varying place: his page and the next visitor's get the offsets of a fresh parse."""
    engine = Engine(QUERIES)
    for body in (page(), page(token="2", cart="2", title="2", took="2"), page(token="3 4", cart="3", title="3 4")):
        opened(engine, body)
    for body in (page(**{place: attack}), page(**{place: f"a{attack}b"}), page(token="victim", cart="1 item")):
        found, fresh = opened(engine, body), opened(Engine(QUERIES), body)
        for name in ("item", "cart", "end"):
            assert found.count(name) == fresh.count(name)
            assert list(found.extents(name)) == list(fresh.extents(name))
            assert [dict(row) for row in found.rows(name)] == [dict(row) for row in fresh.rows(name)]
        edits = [Insert(Target("end"), "before", Markup("<i>!</i>")), Insert(Target("cart"), "end", Text("!"))]
        assert found.splice(edits).body == fresh.splice(edits).body


def test_facts_are_read_again_only_where_they_vary() -> None:
    engine = Engine(QUERIES)
    for body in (page(), page(token="b", cart="1 item", took="2")):
        opened(engine, body)
    one, same = (
        opened(engine, page(token="x", cart="5 items")),
        opened(engine, page(token="x", cart="5 items", took="3")),
    )
    other = opened(engine, page(token="y", cart="5 items"))
    assert [one.outcome, same.outcome, other.outcome] == ["hit", "hit", "hit"]
    assert one.facts_token is same.facts_token
    assert one.facts_token is not other.facts_token
    assert one.rows("cart")[0]["text"] == "5 items"
    assert [row["url"] for row in one.rows("item")] == ["/p/1?sid=x", "/p/2"]
    assert [row["url"] for row in other.rows("item")] == ["/p/1?sid=y", "/p/2"]
    assert one.rows("nothing") == ()


def test_verdicts_are_asked_once() -> None:
    engine = Engine(QUERIES)
    edits = [Insert(Target("end"), "after", Markup("<div>x</div>"))]
    assert opened(engine, page()).splice(edits).changes
    assert opened(engine, page(cart="2")).splice(edits).changes
    # Elsewhere on the page another element appears: the structure around the edit is known.
    other = opened(engine, page().replace(b"<form>", b"<form><br>"))
    assert other.outcome == "relocated"
    assert other.splice(edits).body == other.body.replace(b"end</p>", b"end</p><div>x</div>")


def test_not_learning_keeps_nothing() -> None:
    engine = Engine(QUERIES)
    assert isinstance(engine.open(page(), UTF8, ANON, None, learn=False), Page)
    assert opened(engine, page()).outcome == "compiled"


def test_encodings_do_not_share_templates() -> None:
    engine = Engine(QUERIES)
    opened(engine, page(cart="\xe9"))
    found = engine.open(page(cart="\xe9"), Encoding("windows-1252", "cp1252"), ANON, None)
    assert isinstance(found, Page)
    assert found.rows("cart")[0]["text"] == "Ã©"


def test_memory_is_bounded() -> None:
    engine = Engine(QUERIES, PageLimits(max_templates=5, templates_per_key=2))
    for number in range(40):
        opened(engine, page().replace(b"<form>", b"<form>" + b"<br>" * number), ANON._replace(path=f"/{number % 20}"))
    assert engine.families.templates <= 5
    assert engine.families.templates == sum(len(family.templates) for family in engine.families)
    assert engine.families.size == sum(family.size for family in engine.families)


def test_a_key_that_never_hits_stops_learning() -> None:
    engine = Engine(QUERIES)
    for number in range(60):
        opened(engine, page().replace(b"<form>", b"<form data-%d>" % number))
    known = next(iter(engine.families)).templates[0]
    opened(engine, page().replace(b"<form>", b"<form data-x>"))
    assert next(iter(engine.families)).templates[0] is known


def test_counters() -> None:
    engine = Engine(QUERIES)
    for body in (page(), page(), page(token="2"), b"", b"<div>" * 20_000):
        engine.open(body, UTF8, ANON, None)
    engine.open(b"<div>" * 20_000, UTF8, ANON._replace(path="/deep"), None)
    assert engine.counters == {
        "compiled": 1,
        "hit": 1,
        "relocated": 2,
        "refused:NOT_HTML": 1,
        "refused:TOO_COMPLEX": 1,
    }


# Signed-in pages


def test_errors_refuse() -> None:
    engine = Engine((Query("bad", ":::"),))
    found = engine.open(b"<p>x</p>", UTF8, ANON, None)
    assert isinstance(found, Refusal)
    assert found.reason == "ERROR"


SMALL = (Query("p", "p"),)


def test_a_hit_is_one_only_for_who_accepts_it() -> None:
    engine = Engine(SMALL)
    body, one, other = b"<p>x</p>", ANON._replace(path="/a"), ANON._replace(path="/b")
    assert engine.hit(body, UTF8, one, lambda page: True) is None
    paths(engine, "/a", "/b")
    seen: list[Page] = []
    assert engine.hit(body, UTF8, one, lambda page: bool(seen.append(page))) is None
    assert (seen[0].body, seen[0].outcome, engine.counters["hit"]) == (body, "hit", 0)
    assert known_paths(engine) == ["/a", "/b"]
    assert engine.hit(b"<p>y</p>", UTF8, one, lambda page: True) is None
    assert engine.hit(body, UTF8, one, lambda page: bool(1 // 0)) is None
    found = engine.hit(body, UTF8, one, lambda page: True)
    assert found is not None
    assert (found.body, engine.counters["hit"], known_paths(engine)) == (body, 1, ["/b", "/a"])
    assert engine.hit(body, Encoding("windows-1252", "cp1252"), other, lambda page: True) is None


def known_paths(engine: Engine) -> list[str]:
    """Paths of pages that something is known of, the one asked for longest ago first."""
    return [key.path for _, key in engine.families.pages()]


def paths(engine: Engine, *names: str) -> list[str]:
    """Outcomes of one small page at some paths."""
    return [opened(engine, b"<p>x</p>", ANON._replace(path=name)).outcome for name in names]


def test_the_path_opened_longest_ago_is_forgotten_first() -> None:
    engine = Engine(SMALL, PageLimits(max_templates=2))
    assert paths(engine, "/a", "/b", "/a", "/c") == ["compiled", "compiled", "hit", "compiled"]
    assert known_paths(engine) == ["/a", "/c"]
    assert paths(engine, "/a", "/c", "/b") == ["hit", "hit", "compiled"]
    assert (engine.families.templates, engine.families.size) == (2, 16)


def test_engines_share_what_there_is_room_for() -> None:
    limits = PageLimits(max_templates=3)
    families = Families(limits)
    one, other = (Engine(SMALL, limits, None, families) for _ in range(2))
    assert paths(one, "/a", "/b") == ["compiled"] * 2
    assert paths(other, "/a") == ["compiled"]
    assert paths(one, "/a") == ["hit"]
    assert paths(other, "/c") == ["compiled"]
    assert [key.path for _, key in families.pages()] == ["/a", "/a", "/c"]
    assert (families.templates, families.size) == (3, 24)
    assert paths(one, "/b") == ["compiled"]


def test_bytes_are_bounded_too() -> None:
    engine = Engine(SMALL, PageLimits(max_template_bytes=16))
    assert paths(engine, "/a", "/b", "/c") == ["compiled"] * 3
    assert known_paths(engine) == ["/b", "/c"]


def test_a_key_without_templates_counts_as_well() -> None:
    engine = Engine(SMALL, PageLimits(max_templates=2), Full())
    large = b"<p>x</p>" + b" " * PageLimits().inline_html_bytes
    for name in ("/a", "/b", "/c"):
        assert isinstance(engine.open(large, UTF8, ANON._replace(path=name), None), Refusal)
    assert known_paths(engine) == ["/b", "/c"]
    assert (engine.families.templates, engine.families.size) == (0, 0)


class Full:
    """A compiler that is too busy."""

    def compile(self, job: bytes, done: object) -> bool:
        return False


def test_each_error_is_told_and_counted() -> None:
    engine = Engine((Query("bad", ":::"),))
    for _ in range(2):
        found = engine.open(b"<p>x</p>", UTF8, ANON, None)
        assert isinstance(found, Refusal)
        assert found.detail.startswith("SelectorSyntaxError: ")
    assert engine.counters == {"refused:ERROR": 2}
