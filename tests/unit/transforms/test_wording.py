"""What an operator reads, word for word: problems of a configuration, and why an experience is not shown."""

import pytest
from msgspec.structs import replace

from clicks.catalogue import Product
from config.settings import Budget, Experience, Offer, Placement, Site, TomlValue
from tests.unit.transforms.given import (
    JOSE,
    PLACEMENTS,
    PLATFORM,
    STRANGER,
    VISITOR,
    PageContext,
    code,
    context,
    experience,
    page,
    record,
    run,
    settings,
)
from transforms.applying import reason_for
from transforms.complaints import did_you_mean, problem
from transforms.message import message_problems, missing
from transforms.personaliser import PAGE, Personaliser
from transforms.registry import problems

EVERY = "at, cap, hide, id, insert, offer, remove, reorder, rollout, set_attribute, text, trim, who"
ONE = 'needs one element; beside the list of placement "grid" write "before" or "after"'
PROBLEMS: list[tuple[str, dict[str, TomlValue], list[str]]] = [
    ("greeting", {}, [": changes nothing; it needs one of text, offer, reorder, set_attribute, hide, trim, remove"]),
    ("greeting", {"text": "a", "hide": True}, [": has text and hide; one change per experience"]),
    ("greeting", {"text": "a", "hide": True, "x_y": 1}, [
        f".x_y: unknown key; allowed: {EVERY}",
        ": has text and hide; one change per experience",
    ]),
    ("greeting", {"hide": True, "insert": "end"}, [
        ".insert: unknown key; allowed: at, cap, hide, id, rollout, who"]),
    ("greeting", {"txet": "a"}, ['.txet: unknown key; did you mean "text"?',
        ": changes nothing; it needs one of text, offer, reorder, set_attribute, hide, trim, remove"]),
    ("greeting", {"text": 3}, [".text: found 3; a message is expected"]),
    ("greeting", {"text": "{nmae}"}, [".text: {nmae}: unknown value; allowed: first_name, last_name"]),
    ("greeting", {"text": "a", "insert": "inside"}, [
        ".insert: found 'inside'; allowed: before, after, start, end, replace"]),
    ("grid", {"text": "a"}, [f'.insert: "replace" (the default) {ONE}']),
    ("grid", {"text": "a", "insert": "after"}, []),
    ("greeting", {"offer": "vuelve"}, [".offer: found 'vuelve': no such offer; did you mean \"vuelve10\"?"]),
    ("greeting", {"offer": ["vuelve10"]}, [
        ".offer: found ['vuelve10']: no such offer; did you mean \"vuelve10\"?"]),
    ("greeting", {"offer": "bare"}, ['.offer: offer "bare": {code} is used, but the offer has no code']),
    ("greeting", {"offer": "unsafe"}, [
        '.offer: offer "unsafe": {code}: inside a tag, but not inside a quoted attribute value']),
    ("greeting", {"offer": "vuelve10", "insert": "replace"}, [
        '.insert: found "replace"; an offer stands before, after, start or end']),
    ("grid", {"offer": "vuelve10", "insert": "start"}, [
        f'.insert: "start" {ONE}']),
    ("greeting", {"reorder": {"by": "popular"}}, ['.at: placement "greeting" names one element; a list needs `items`']),
    ("grid", {"reorder": "affinity"}, [
        ".reorder: found 'affinity'; a table such as { by = \"affinity\" } is expected"]),
    ("grid", {"reorder": {"by": "afinity"}}, [".reorder.by: found 'afinity'; did you mean \"affinity\"?"]),
    ("grid", {"reorder": {}}, [".reorder.by: missing; allowed: affinity, new_for_you, popular"]),
    ("grid", {"reorder": {"by": "popular", "pins": [1]}}, ['.reorder.pins: unknown key; did you mean "pin"?']),
    ("grid", {"reorder": {"by": "popular", "pin": [0]}}, [
        ".reorder.pin: found [0]; a list of positions is expected, the first is 1"]),
    ("grid", {"reorder": {"by": "popular", "search": 1}}, [".reorder.search: found 1; true or false is expected"]),
    ("grid", {"reorder": {"by": "popular", "numbered": "x"}}, [
        ".reorder.numbered: found 'x'; true or false is expected"]),
    ("grid", {"reorder": {"by": "popular", "hydrated": "x"}}, [
        ".reorder.hydrated: found 'x'; true or false is expected"]),
    ("grid", {"reorder": {"by": "popular", "positional": ["a b"]}}, [
        ".reorder.positional: found ['a b']; a list of class names is expected"]),
    ("ranking", {"reorder": {"by": "popular"}}, [
        ".reorder: an `ol` is taken for a numbered ranking and keeps its order; numbered = true allows it"]),
    ("ranking", {"reorder": {"by": "popular", "numbered": True}}, []),
    ("greeting", {"set_attribute": {"name": "onclick", "value": "x"}}, [
        ".set_attribute.name: onclick is an event handler: a value there would be script"]),
    ("greeting", {"set_attribute": {"name": "style", "value": "x"}}, [
        ".set_attribute.name: a value in style cannot be made safe"]),
    ("greeting", {"set_attribute": {"name": "a b", "value": "x"}}, [
        ".set_attribute.name: found 'a b'; the name of an attribute in lower case is expected"]),
    ("greeting", {"set_attribute": {"name": "href", "value": "javascript:x"}}, [
        ".set_attribute.value: found 'javascript:x'; an http(s) or relative URL is expected"]),
    ("greeting", {"set_attribute": {"name": "href", "value": "/{first_name}"}}, [
        ".set_attribute.value: href is a URL: it holds no value of a visitor"]),
    ("greeting", {"set_attribute": {"name": "title", "value": "{nme}"}}, [
        ".set_attribute.value: {nme}: unknown value; allowed: first_name, last_name"]),
    ("greeting", {"set_attribute": {"name": "title"}}, [".set_attribute.value: found None; a text is expected"]),
    ("greeting", {"set_attribute": {"nam": "title", "value": "x"}}, [
        '.set_attribute.nam: unknown key; did you mean "name"?',
        ".set_attribute.name: found None; the name of an attribute in lower case is expected"]),
    ("greeting", {"set_attribute": "x"}, [
        ".set_attribute: found 'x'; a table such as { name = \"title\", value = \"…\" } is expected"]),
    ("greeting", {"hide": False}, [".hide: found False; only true is allowed"]),
    ("greeting", {"remove": 1}, [".remove: found 1; only true is allowed"]),
    ("grid", {"trim": 0}, [".trim: found 0; a number of blocks is expected, at least 1"]),
    ("grid", {"trim": True}, [".trim: found True; a number of blocks is expected, at least 1"]),
    ("grid", {"trim": 1}, []),
    ("greeting", {"trim": 2}, ['.at: placement "greeting" names one element; a list needs `items`']),
]  # fmt: skip
OFFERS = {
    "vuelve10": Offer("vuelve10", "<p>{code}</p>", "V"),
    "bare": Offer("bare", "<p>{code} {first_name|-} {last_name}</p>"),
    "unsafe": Offer("unsafe", "<p {code}></p>", "V"),
}


@pytest.mark.parametrize(("at", "keys", "expected"), PROBLEMS)
def test_problems(at: str, keys: dict[str, TomlValue], expected: list[str]) -> None:
    placements = PLACEMENTS | {"ranking": Placement("ranking", ("*",), items="ol > li")}
    given = settings(
        experience("greeting", "before", text="Hola"),
        experience(at, **keys),
        placements=placements,
        offers=OFFERS,
    )
    assert [str(found) for found in problems(given)] == [f"site.toml:7: experience[1]{text}" for text in expected]


def test_selectors_that_do_not_compile() -> None:
    placements = {
        "none": Placement("none", ("*",), place="site.toml:1"),
        "one": Placement("one", ("*",), at="p[", place="site.toml:3"),
        "list": Placement("list", ("*",), items="li >", place="site.toml:9"),
        "good": Placement("good", ("*",), at="p"),
    }
    found = problems(settings(placements=placements))
    assert list(dict.fromkeys((each.place, each.key) for each in found)) == [
        ("site.toml:3", "placement.one.at"),
        ("site.toml:9", "placement.list.items"),
    ]
    assert all(each.message for each in found)


def test_a_problem_of_an_experience_that_is_not_in_the_configuration() -> None:
    stray = experience("greeting", text="a")
    assert problem(stray, settings(), "text", "x").key == "experience.text"
    assert problem(stray, settings(), "", "x").key == "experience"
    assert problem(stray, settings(experience("greeting", "y"), stray), "", "x").key == "experience[1]"


@pytest.mark.parametrize(
    ("found", "names", "expected"),
    [
        ("colour", ["color", "colours"], '; did you mean "colours"?'),
        ("COLOR", ["color"], '; did you mean "color"?'),
        ("x", ["color", "size"], "; allowed: color, size"),
        ("abcdefghij", ["abcdezzzzz"], "; allowed: abcdezzzzz"),
        ("x", [], ""),
    ],
)
def test_nearest_name(found: str, names: list[str], expected: str) -> None:
    assert did_you_mean(found, names) == expected


def test_missing_values_and_wrong_placeholders_are_listed() -> None:
    assert missing("{first_name} {code} {last_name|x}", {}) == "first_name, code"
    assert list(message_problems("{a b|c|d} {nme|x|y} {last_nam|a b}", ("last_name",))) == [
        "{a b|c|d} is no placeholder; write {first_name} or {first_name|default}",
        "{nme|x|y} is no placeholder; write {first_name} or {first_name|default}",
        '{last_nam}: unknown value; did you mean "last_name"?',
    ]


GRID = {"reorder": {"by": "affinity"}}
UNKNOWN = page("x1", "x2")
NUMBERED = (
    page()
    .replace(b"<b>", b"<b>1. ", 1)
    .replace(b"<b>r2", b"<b>2. r2")
    .replace(b"<b>h1", b"<b>3. h1")
    .replace(b"<b>h2", b"<b>4. h2")
)
LONG = page(*(f"p{i}" for i in range(501)))
NOT_SHOWN: list[tuple[str, Experience, bytes, PageContext, str, str]] = [
    ("no match", experience("missing", text="a"), page(), context(), "SELECTOR_MISS",
     "#nowhere matches nothing on this page"),
    ("no value", experience("greeting", text="{code}"), page(), context(), "NOT_TARGETED", "no value for code"),
    ("no value for an offer", experience("greeting", offer="bare"), page(),
     context(profile=JOSE._replace(last_name=None)), "NOT_TARGETED", "no value for code, last_name"),
    ("no transform", experience("greeting", nothing=1), page(), context(), "ERROR", "no transform for these settings"),
    ("sorted", experience("grid", **GRID), page(), context(path="/?sort=price"), "KEEPS_ORDER",
     "the visitor sorted, filtered or paged this list"),
    ("search", experience("grid", **GRID), page(), context(path="/search?q=a"), "KEEPS_ORDER",
     "search results; search = true allows it"),
    ("numbered", experience("grid", **GRID), NUMBERED, context(), "KEEPS_ORDER",
     "a numbered ranking; numbered = true allows it"),
    ("nobody", experience("grid", **GRID), page(), context(visitor=STRANGER, profile=None), "NO_PROFILE",
     "nothing is known of this visitor yet"),
    ("long", experience("grid", **GRID), LONG, context(), "KEEPS_ORDER",
     "501 items; a list of at most 500 products is expected"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "body", "about", "reason", "detail"), [row[1:] for row in NOT_SHOWN], ids=[row[0] for row in NOT_SHOWN]
)
def test_not_shown(given: Experience, body: bytes, about: PageContext, reason: str, detail: str) -> None:
    outcome = run(body, settings(given, offers=OFFERS), about)
    assert (code(outcome), outcome.details["x"]) == (reason, detail)
    assert outcome.body is body
    assert outcome.decision is not None
    assert outcome.decision.variant == "personalised"
    assert outcome.events == ()


def test_the_second_of_two_that_change_the_same() -> None:
    pairs: list[tuple[str, dict[str, TomlValue], str]] = [
        ("greeting", {"text": "a"}, "content"),
        ("greeting", {"hide": True}, "attribute hidden"),
        ("greeting", {"set_attribute": {"name": "title", "value": "a"}}, "attribute title"),
        ("grid", {"trim": 1}, "items"),
        ("grid", {"remove": True}, "items"),
        ("grid", {"reorder": {"by": "popular"}}, "items"),
    ]
    for at, keys, claim in pairs:
        outcome = run(page(), settings(experience(at, "x", **keys), experience(at, "y", **keys)))
        assert code(outcome, "x") == "TARGETING_MATCH"
        assert code(outcome, "y") == "SUPERSEDED"
        assert outcome.details == {"y": f"an experience before this one changes the same ({claim})"}


def test_over_budget() -> None:
    hello = experience("greeting", text="Hola")
    grid = experience("grid", "g", reorder={"by": "popular"})

    def details(body: bytes, budget: Budget) -> dict[str, str]:
        site = Site("http://shop.example", holdout=0, mode="live", budget=budget)
        outcome = run(body, settings(hello, grid, site=site))
        assert {reason.code for reason in outcome.reasons} == {"OVER_BUDGET"}
        assert outcome.outcome == "OVER_BUDGET"
        assert outcome.body is body
        return dict(outcome.details)

    size = 3 * 1024 - len(page())
    assert details(page() + b" " * (size + 10), Budget(max_html_kb=2)) == {
        PAGE: "OVER_BUDGET: 3 KB of HTML, max_html_kb = 2"
    }
    assert details(page() + b" " * (250_000 - len(page())), Budget(rewrite_ms=0.5)) == {
        PAGE: "OVER_BUDGET: about 1.00 ms, rewrite_ms = 0.5"
    }
    assert details(page(), Budget(decide_ms=0.001))[PAGE].endswith(" ms, decide_ms = 0.001")


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        ("COMPILING", "OVER_BUDGET"),
        ("OVER_BUDGET", "OVER_BUDGET"),
        ("SELECTOR_MISS", "SELECTOR_MISS"),
        ("ERROR", "ERROR"),
        ("GATE_REFUSED", "GATE_REFUSED"),
        ("ENCODING", "GATE_REFUSED"),
    ],
)
def test_reasons_for_what_the_engine_refuses(refusal: str, expected: str) -> None:
    assert reason_for(refusal) == expected


def test_an_exposure_says_what_stood_where() -> None:
    personaliser = Personaliser(
        settings(experience("greeting", "a", text="Hola", insert="after"), experience("greeting", "b", text="Hola")),
        PLATFORM,
    )
    for _ in range(2):
        outcome = personaliser.run(page(), b"text/html", context())
        assert [(event.name, dict(event.data)) for event in outcome.events] == [
            (
                "view_promotion",
                {"experience": "a", "placement": "greeting", "variant": "personalised", "position": "after"},
            ),
            ("view_promotion", {"experience": "b", "placement": "greeting", "variant": "personalised"}),
        ]


def test_a_failure_says_its_kind_and_line() -> None:
    about = replace(context(), catalogue=None, profile=object())  # type: ignore[arg-type]
    outcome = run(page(), settings(experience("greeting", text="{first_name}")), about)
    kind, _, place = outcome.details[PAGE].partition(" at ")
    function, _, line = place.partition(":")
    assert (kind, function, line.isdigit()) == ("AttributeError", "proven", True)
    assert [(reason.experience, reason.code) for reason in outcome.reasons] == [("x", "ERROR")]
    assert outcome.decision is not None
    assert outcome.decision.choices == ()


def test_what_is_hidden_removed_and_moved_is_listed_as_shown() -> None:
    assert VISITOR.logged_in
    moved = run(page("h1", "zz", "r1"), experience("grid", reorder={"by": "popular"}))
    assert moved.listed["grid"] == tuple(
        line.split(b'"')[0].decode() for line in moved.body.split(b"product.php?id=")[1:]
    )
    trimmed = run(page(), experience("grid", trim=3))
    assert (trimmed.listed["grid"], trimmed.moved) == (("r1", "r2", "h1"), 0)
    hidden = run(page(), experience("grid", hide=True))
    assert (hidden.listed["grid"], hidden.moved) == ((), 0)
    without = page("r1", "r2").replace(record("r1").encode(), b'<div class="record">x</div>')
    unknown = run(without, experience("greeting", text="a"))
    assert unknown.listed["grid"] == ("", "r2")
    assert Product("a", "b").id == "a"


def test_an_experience_of_several_edits_is_shown_when_some_are_made() -> None:
    body = (
        b"<!DOCTYPE html><title>t</title><p class=record>a</p>"
        b"<table><tr><td><i>x</i></td></tr><b class=record>b</b></table>"
    )
    placements = PLACEMENTS | {"loose": Placement("loose", ("*",), items=".record")}
    outcome = run(body, settings(experience("loose", hide=True), placements=placements))
    assert code(outcome) == "TARGETING_MATCH"
    assert outcome.details["x"].startswith("NO_LOCATION: loose[")
    assert outcome.body == body.replace(b"<p class=record>", b'<p class=record hidden="hidden">')
    assert len(outcome.events) == 1
    alone = body.replace(b"<p class=record>", b"<p>")
    refused = run(alone, settings(experience("loose", hide=True), placements=placements))
    assert code(refused) == "GATE_REFUSED"
    assert refused.body is alone
    assert refused.events == ()
