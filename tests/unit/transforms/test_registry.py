"""Checking a configuration's experiences: each problem with its place, key and the nearest thing that is right."""

import pytest

from config.settings import Experience, Offer, Placement, TomlValue
from tests.unit.transforms.given import PLACEMENTS, experience, settings
from transforms.builtin.offer import promotions
from transforms.registry import TRANSFORMS, problems, transform_of
from visitors.selection import Promotion

FINE: list[Experience] = [
    experience("greeting", text="Hola, {first_name|amigo}"),
    experience("greeting", text="Hola", insert="end"),
    experience("grid", text="Hola", insert="before"),
    experience("greeting", offer="vuelve10"),
    experience("grid", reorder={"by": "popular", "pin": [1, 2], "search": True, "positional": ["primero"]}),
    experience("greeting", set_attribute={"name": "href", "value": "/ofertas?x=1"}),
    experience("greeting", set_attribute={"name": "title", "value": "Para {first_name}"}),
    experience("greeting", hide=True),
    experience("grid", trim=4),
    experience("grid", remove=True),
]


@pytest.mark.parametrize("given", FINE, ids=lambda given: next(iter(given.settings)))
def test_nothing_is_wrong(given: Experience) -> None:
    assert problems(settings(given)) == ()
    assert transform_of(given) is not None


WRONG: list[tuple[str, dict[str, TomlValue], str]] = [
    ("greeting", {}, "experience[0]: changes nothing; it needs one of text, offer, reorder"),
    ("greeting", {"text": "a", "hide": True}, "experience[0]: has text and hide; one change per experience"),
    ("greeting", {"text": "a", "roll_out": 3}, 'experience[0].roll_out: unknown key; did you mean "rollout"?'),
    ("greeting", {"txet": "a"}, 'experience[0].txet: unknown key; did you mean "text"?'),
    ("greeting", {"text": 3}, "experience[0].text: found 3; a message is expected"),
    ("greeting", {"text": "{nmae}"}, "experience[0].text: {nmae}: unknown value; allowed: first_name"),
    ("greeting", {"text": "a", "insert": "inside"}, "experience[0].insert: found 'inside'; allowed: before"),
    ("grid", {"text": "a"}, 'experience[0].insert: "replace" (the default) needs one element; beside the list'),
    ("grid", {"text": "a", "insert": "start"}, 'experience[0].insert: "start" needs one element'),
    ("greeting", {"offer": "vuelve"}, "found 'vuelve': no such offer; did you mean \"vuelve10\"?"),
    ("greeting", {"offer": "vuelve10", "insert": "replace"}, "stands before, after, start or end"),
    ("greeting", {"reorder": {"by": "affinity"}}, 'experience[0].at: placement "greeting" names one element'),
    ("grid", {"reorder": "affinity"}, 'a table such as { by = "affinity" } is expected'),
    ("grid", {"reorder": {"by": "afinity"}}, "found 'afinity'; did you mean \"affinity\"?"),
    ("grid", {"reorder": {}}, "experience[0].reorder.by: missing; allowed: affinity, new_for_you, popular"),
    ("grid", {"reorder": {"by": "popular", "pins": [1]}}, 'reorder.pins: unknown key; did you mean "pin"?'),
    ("grid", {"reorder": {"by": "popular", "pin": [0]}}, "reorder.pin: found [0]; a list of positions is expected"),
    ("grid", {"reorder": {"by": "popular", "pin": [True]}}, "reorder.pin: found [True]"),
    ("grid", {"reorder": {"by": "popular", "search": 1}}, "reorder.search: found 1; true or false is expected"),
    ("grid", {"reorder": {"by": "popular", "positional": ["a b"]}}, "reorder.positional"),
    ("ranking", {"reorder": {"by": "popular"}}, "an `ol` is taken for a numbered ranking"),
    (
        "greeting",
        {"set_attribute": {"name": "onclick", "value": "x"}},
        "set_attribute.name: onclick is an event handler",
    ),
    ("greeting", {"set_attribute": {"name": "style", "value": "x"}}, "set_attribute.name: a value in style"),
    ("greeting", {"set_attribute": {"name": "srcdoc", "value": "x"}}, "set_attribute.name: a value in srcdoc"),
    ("greeting", {"set_attribute": {"name": "a b", "value": "x"}}, "set_attribute.name: found 'a b'"),
    ("greeting", {"set_attribute": {"name": "href", "value": "javascript:x"}}, "an http(s) or relative URL"),
    ("greeting", {"set_attribute": {"name": "href", "value": "/{first_name}"}}, "holds no value of a visitor"),
    ("greeting", {"set_attribute": {"name": "title"}}, "set_attribute.value: found None; a text is expected"),
    ("greeting", {"set_attribute": {"name": "title", "vaule": "x"}}, 'vaule: unknown key; did you mean "value"?'),
    ("greeting", {"set_attribute": "x"}, "experience[0].set_attribute: found 'x'; a table"),
    ("greeting", {"hide": False}, "experience[0].hide: found False; only true is allowed"),
    ("greeting", {"remove": 1}, "experience[0].remove: found 1; only true is allowed"),
    ("grid", {"trim": 0}, "experience[0].trim: found 0; a number of blocks is expected"),
    ("greeting", {"trim": 4}, "experience[0].at: placement"),
]


@pytest.mark.parametrize(("at", "keys", "message"), WRONG, ids=[row[2][:40] for row in WRONG])
def test_wrong(at: str, keys: dict[str, TomlValue], message: str) -> None:
    placements = {**PLACEMENTS, "ranking": Placement("ranking", ("home",), items="#best ol > li")}
    found = problems(settings(experience(at, **keys), placements=placements))
    assert message in "\n".join(map(str, found))
    assert all(problem.place == "site.toml:7" for problem in found)


@pytest.mark.parametrize(
    ("offer", "message"),
    [
        (Offer("o", " "), 'offer "o": its HTML is empty'),
        (Offer("o", "<p>{code}</p>"), 'offer "o": {code} is used, but the offer has no code'),
        (Offer("o", "<p onclick='{code}'>", "A"), 'offer "o": {code}: onclick is an event handler'),
        (Offer("o", "<p>x</p><SCRIPT>go()</SCRIPT>"), 'offer "o": <SCRIPT would act on the page'),
        (Offer("o", '<p title="on"onclick="go()">x</p>'), 'offer "o": onclick would act on the page'),
        (Offer("o", '<a href=" javascript:go()">x</a>'), 'offer "o": javascript: would act on the page'),
    ],
)
def test_wrong_offers(offer: Offer, message: str) -> None:
    found = problems(settings(experience("greeting", offer="o"), offers={"o": offer}))
    assert [message in str(problem) for problem in found] == [True]


def test_an_offer_that_only_speaks_of_script_is_right() -> None:
    html = '<p title=" onclick=x <script>"><a href="/one=1?javascript:">on sale = now</a> javascript:</p>'
    assert problems(settings(experience("greeting", offer="o"), offers={"o": Offer("o", html)})) == ()


@pytest.mark.parametrize("css", ["", "div[", "p::before", "li:contains(x)", ":hover"])
def test_wrong_selectors(css: str) -> None:
    given = settings(experience("p", text="x"), placements={"p": Placement("p", ("*",), at=css)})
    assert [problem.key for problem in problems(given)]
    assert {problem.key for problem in problems(given)} == {"placement.p.at"}


def test_a_class_on_an_ol_says_that_it_is_a_grid() -> None:
    placements = {"grid": Placement("grid", ("*",), items="ol.row > li")}
    assert problems(settings(experience("grid", reorder={"by": "popular"}), placements=placements)) == ()


def test_keys_are_distinct_and_every_transform_is_told_by_its_own() -> None:
    keys = [transform.key for transform in TRANSFORMS]
    assert len(set(keys)) == len(keys)
    assert all(transform.key in transform.keys for transform in TRANSFORMS)


def test_offers_by_experience() -> None:
    given = settings(experience("greeting", "a", offer="vuelve10"), experience("greeting", "b", text="x"))
    assert promotions(given) == {"a": Promotion("greeting", "after", "personalised", ("/cart?c=VUELVE10",))}
