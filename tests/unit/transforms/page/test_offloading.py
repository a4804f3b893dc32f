"""Large pages: compiled by jobs that are plain bytes, learnt from when done; until then they go out as they came."""

from collections.abc import Callable

import pytest

from tests.fixtures.held import is_held
from transforms.page.charset import Encoding
from transforms.page.complexity import leaves_much_open, predicted_gate_ms, predicted_locate_ms
from transforms.page.edits import (
    Edit,
    Insert,
    Markup,
    Remove,
    Reorder,
    Replace,
    SetAttribute,
    SetText,
    Target,
    Text,
)
from transforms.page.engine import Engine, Page, PageLimits, Refusal, TemplateKey
from transforms.page.job import work
from transforms.page.query import Field, Query

UTF8 = Encoding("utf-8", "utf-8")
KEY = TemplateKey("shop.test", "/c", False, "1")
MEMBER = KEY._replace(signed_in=True)
QUERIES = (
    Query("item", "li.item", (Field("name", "b", "text"), Field("url", "a", "href"))),
    Query("end", "#end"),
)
LIMITS = PageLimits(inline_html_bytes=1000)
ORDER = Reorder("item", (2, 0, 1))


def page(token: str = "t", name: str = "") -> bytes:
    items = "".join(f'<li class="item"><a href="/p/{n}?s={token}"><b>Num {n}</b></a></li>' for n in range(3))
    filling = "<p>lorem ipsum dolor sit amet</p>" * 100
    return f'<!DOCTYPE html><body><i>Hola {name or "you"}</i><ul>{items}</ul>{filling}<p id="end">end</p>'.encode()


class Later:
    """A compiler that works when told to."""

    def __init__(self, room: int = 9) -> None:
        self.waiting: list[tuple[bytes, Callable[[bytes | None], None]]] = []
        self.room = room

    def compile(self, job: bytes, done: Callable[[bytes | None], None]) -> bool:
        if len(self.waiting) >= self.room:
            return False
        self.waiting.append((job, done))
        return True

    def run(self, result: Callable[[bytes], bytes | None] = work) -> int:
        jobs, self.waiting = self.waiting, []
        for job, done in jobs:
            done(result(job))
        return len(jobs)


def reason(found: Page | Refusal) -> str:
    return found.reason if isinstance(found, Refusal) else found.outcome


def test_a_large_page_hits_once_it_is_compiled() -> None:
    later = Later()
    engine = Engine(QUERIES, LIMITS, later)
    for token, expected in (("a", "COMPILING"), ("b", "COMPILING"), ("c", "hit")):
        assert reason(engine.open(page(token), UTF8, KEY, None)) == expected
        later.run()
    found = engine.open(page("another"), UTF8, KEY, None)
    assert isinstance(found, Page)
    fresh = Engine(QUERIES).open(page("another"), UTF8, KEY, None)
    assert isinstance(fresh, Page)
    assert found.outcome == "hit"
    assert [dict(row) for row in found.rows("item")] == [dict(row) for row in fresh.rows("item")]
    assert list(found.extents("item")) == list(fresh.extents("item"))
    edits: list[Edit] = [ORDER, Insert(Target("end"), "before", Markup("<div>é</div>"))]
    assert [refused.reason for refused in found.splice(edits).refused] == ["COMPILING"] * 2
    assert found.splice(edits).body is found.body
    assert later.run() == 1
    spliced = found.splice(edits)
    assert spliced.body == fresh.splice(edits).body
    assert not spliced.refused
    # Other values of the same shapes need no proof.
    again = engine.open(page("x"), UTF8, KEY, None)
    assert isinstance(again, Page)
    assert again.splice([Reorder("item", (1, 0, 2)), edits[1]]).changes
    assert not later.waiting


EDITS: dict[str, Edit] = {
    "insert text": Insert(Target("end"), "end", Text("José <b>")),
    "replace": Replace(Target("item", 1), Markup("<li>x</li>")),
    "remove": Remove(Target("item", 2)),
    "set text": SetText(Target("end"), Text("\ud800")),
    "set attribute": SetAttribute(Target("end"), "title", "Text"),
    "reorder": Reorder("item", (2, 1, 0), ("first",)),
    "open markup after": Insert(Target("end"), "after", Markup("<p>")),
    "open markup before": Insert(Target("end"), "before", Markup("<b>open")),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_proof_elsewhere_is_the_proof_here(edit: Edit) -> None:
    later = Later()
    engine = Engine(QUERIES, LIMITS, later)
    engine.open(page(), UTF8, KEY, None)
    later.run()
    found, fresh = engine.open(page(), UTF8, KEY, None), Engine(QUERIES).open(page(), UTF8, KEY, None)
    assert isinstance(found, Page)
    assert isinstance(fresh, Page)
    found.splice([edit])
    later.run()
    assert found.splice([edit]) == fresh.splice([edit])


def test_what_parse_and_proof_take_together_decides_where_they_are_made() -> None:
    body, end = page(), Insert(Target("end"), "end", Text("x"))
    parse, proof = predicted_locate_ms(len(body)), predicted_gate_ms(len(body))
    for limit, here in ((max(parse, proof) * 1.01, False), ((parse + proof) * 1.01, True)):
        later = Later()
        found = Engine(QUERIES, PageLimits(inline_compile_ms=limit), later).open(body, UTF8, KEY, None)
        assert reason(found) == "compiled"
        assert isinstance(found, Page)
        assert bool(found.splice([end]).changes) is here
        assert later.run() == (0 if here else 1)
        assert found.splice([end]).changes


def test_to_find_out_which_edit_fails_is_done_elsewhere_when_it_is_long() -> None:
    body = page()
    edits = [Insert(Target("end"), "end", Text("x")), EDITS["open markup before"], SetText(Target("item"), Text("y"))]
    later = Later()
    limits = PageLimits(inline_compile_ms=predicted_locate_ms(len(body)) + 2 * predicted_gate_ms(len(body)))
    found = Engine(QUERIES, limits, later).open(body, UTF8, KEY, None)
    assert isinstance(found, Page)
    assert [refused.reason for refused in found.splice(edits).refused] == ["COMPILING"] * 3
    assert later.run() == 1
    spliced = found.splice(edits)
    assert [refused.edit for refused in spliced.refused] == [1]
    alone = Engine(QUERIES, limits).open(body, UTF8, KEY, None)
    assert isinstance(alone, Page)
    assert alone.splice(edits) == spliced, "without a compiler it is found out on the spot"


def test_several_ends_of_an_open_page_are_proven_elsewhere_as_here() -> None:
    body = page() + b"<div><p>open"
    queries = (*QUERIES, Query("body", "body"))
    later = Later()
    found = Engine(queries, LIMITS, later)
    found.open(body, UTF8, KEY, None)
    later.run()
    there, here = found.open(body, UTF8, KEY, None), Engine(queries).open(body, UTF8, KEY, None)
    assert isinstance(there, Page)
    assert isinstance(here, Page)
    ends: list[Edit] = [Insert(Target("body"), "end", payload) for payload in (Markup("<p>1</p>"), Text("2"))]
    there.splice(ends)
    assert later.run() == 1
    assert there.splice(ends) == here.splice(ends)
    assert here.splice(ends).body == body + b"</p></div><p>1</p>2"


def test_one_job_at_a_time_for_one_page() -> None:
    later = Later()
    engine = Engine(QUERIES, LIMITS, later)
    assert [reason(engine.open(page(), UTF8, KEY, None)) for _ in range(3)] == ["COMPILING"] * 3
    assert len(later.waiting) == 1
    later.run()
    found = engine.open(page(), UTF8, KEY, None)
    assert isinstance(found, Page)
    for _ in range(3):
        assert found.splice([ORDER]).refused[0].reason == "COMPILING"
    assert len(later.waiting) == 1


def test_busy_processes_are_asked_again() -> None:
    later = Later(room=0)
    engine = Engine(QUERIES, LIMITS, later)
    assert reason(engine.open(page(), UTF8, KEY, None)) == "COMPILING"
    later.room = 1
    assert reason(engine.open(page(), UTF8, KEY, None)) == "COMPILING"
    assert later.run() == 1
    assert reason(engine.open(page(), UTF8, KEY, None)) == "hit"


def test_a_page_that_crashes_its_process_stops_being_tried() -> None:
    later = Later()
    engine = Engine(QUERIES, LIMITS, later)
    found = []
    for _ in range(64):
        found.append(reason(engine.open(page(), UTF8, KEY, None)))
        later.run(lambda job: None)
    assert set(found) == {"COMPILING", "OVER_BUDGET"}
    assert found.count("COMPILING") < 10
    # Other pages go on.
    other = KEY._replace(path="/other")
    engine.open(page(), UTF8, other, None)
    later.run()
    assert reason(engine.open(page(), UTF8, other, None)) == "hit"


def test_edits_whose_proof_crashes_are_refused_and_others_go_on() -> None:
    later = Later()
    engine = Engine(QUERIES, LIMITS, later)
    engine.open(page(), UTF8, KEY, None)
    later.run()
    found = engine.open(page(), UTF8, KEY, None)
    assert isinstance(found, Page)
    found.splice([ORDER])
    later.run(lambda job: None)
    assert [refused.reason for refused in found.splice([ORDER]).refused] == ["GATE_REFUSED"]
    found.splice([Remove(Target("end"))])
    later.run()
    assert found.splice([Remove(Target("end"))]).changes


def test_too_complex_pages_are_refused_elsewhere_too() -> None:
    later = Later()
    engine = Engine(QUERIES, LIMITS, later)
    engine.open(b"<div>" * 5000, UTF8, KEY, None)
    later.run()
    assert reason(engine.open(b"<div>" * 5000, UTF8, KEY, None)) == "COMPILING"


def test_large_signed_in_pages_keep_the_three_visitor_rule() -> None:
    later = Later()
    engine = Engine(QUERIES, LIMITS, later)
    for number, expected in enumerate(["COMPILING", "COMPILING", "hit", "hit"]):
        opened = engine.open(page(f"k{number}", f"Canary{number}"), UTF8, MEMBER, f"visitor-{number}")
        assert reason(opened) == expected
        later.run()
        del opened
        assert not is_held(engine, "Canary")
        assert is_held(engine, "lorem") is (number >= 2)


def test_what_is_not_learnt_from_is_not_compiled() -> None:
    later = Later()
    engine = Engine(QUERIES, LIMITS, later)
    small = PageLimits(inline_html_bytes=1000, inline_compile_ms=0.01)
    engine = Engine(QUERIES, small, later)
    assert reason(engine.open(page(), UTF8, KEY, None, learn=False)) == "OVER_BUDGET"
    assert not later.waiting


def detail(found: Page | Refusal) -> str:
    assert isinstance(found, Refusal)
    return found.detail


def test_why_a_page_waits_is_told_and_failures_are_counted() -> None:
    later = Later(room=1)
    engine = Engine(QUERIES, LIMITS, later)
    body = page()
    assert detail(engine.open(body, UTF8, KEY, None)) == f"{len(body)} bytes go to a compile process first"
    assert detail(engine.open(body, UTF8, KEY, None)) == "a page like this is being compiled"
    other = KEY._replace(path="/other")
    assert detail(engine.open(body, UTF8, other, None)) == "the compile processes are busy"
    assert later.run() == 1
    assert reason(engine.open(body, UTF8, KEY, None)) == "hit"
    for failures in range(1, 4):
        assert reason(engine.open(body, UTF8, other, None)) == "COMPILING"
        later.run(lambda job: None)
        assert engine._offloading is not None
        assert engine._offloading.failed == failures


def test_failed_proofs_are_counted_and_asked_of_each_template_apart() -> None:
    later = Later()
    engine = Engine(QUERIES, LIMITS, later)
    other = KEY._replace(path="/other")
    pages = []
    for key in (KEY, other):
        engine.open(page(), UTF8, key, None)
        later.run()
        found = engine.open(page(), UTF8, key, None)
        assert isinstance(found, Page)
        pages.append(found)
    edit = Insert(Target("end"), "end", Text("x"))
    for found in (*pages, *pages):
        assert [refused.reason for refused in found.splice([edit]).refused] == ["COMPILING"]
    assert later.run(lambda job: None) == 2
    assert engine._offloading is not None
    assert engine._offloading.failed == 2
    for found in pages:
        assert [refused.reason for refused in found.splice([edit]).refused] == ["GATE_REFUSED"]
    # What was asked and answered may be asked again for other edits.
    assert [refused.reason for refused in pages[0].splice([Remove(Target("end"))]).refused] == ["COMPILING"]
    assert later.run() == 1
    assert pages[0].splice([Remove(Target("end"))]).changes


LEFT_OPEN = [
    ("all closed", b"<p><b>a</b><font color=red>b</font></p>" * 9, False),
    ("three open", b"<b><i id=1><FONT\n color=red>", False),
    ("four open", b"<b><i id=1><FONT\n color=red><tt/>", True),
    ("four, one closed", b"<b><i id=1><FONT\n color=red><tt></B >", False),
    ("other tags", b"<body><br><img><input><section><title><button><cite><embed><frame>", False),
    ("links, of which a parser leaves one open", b"<a href=1>" * 9, False),
    ("the ends of others", b"<b>" * 4 + b"</body></button></p>" * 4, True),
    ("in capitals", b"<BIG><CODE><EM><SMALL><STRIKE><STRONG>", True),
]


@pytest.mark.parametrize(("body", "expected"), [row[1:] for row in LEFT_OPEN], ids=[row[0] for row in LEFT_OPEN])
def test_formatting_left_open_is_counted(body: bytes, expected: bool) -> None:
    assert leaves_much_open(body, PageLimits(max_left_open=3)) is expected


def test_pages_that_leave_much_open_are_parsed_and_proven_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    later = Later()
    engine = Engine(QUERIES, PageLimits(max_left_open=3), later)
    body = page().replace(b"</ul>", b"</ul>" + b"".join(b"<p><b id=x%d>" % n for n in range(9)))

    def opened() -> Page | Refusal:
        with monkeypatch.context() as patched:
            for module in ("engine", "page"):
                patched.setattr(f"transforms.page.{module}.locate", None)
            found = engine.open(body, UTF8, KEY, None)
            assert not isinstance(found, Page) or found.splice([ORDER]).refused[0].reason == "COMPILING"
        return found

    assert reason(opened()) == "COMPILING"
    later.run()
    assert reason(opened()) == "hit"
