"""text, offer, set_attribute, hide, trim and remove: the bytes they make."""

from html import unescape

import pytest

from config.settings import TomlValue
from tests.unit.transforms.given import JOSE, PLATFORM, STRANGER, code, context, experience, page, record, run, settings
from transforms.personaliser import Personaliser

FIRST = b'<div class="record"><a href="/product.php?id=r1"'
OFFER = b'<p class="offer">Jos&#233;: <a href="/cart?c=VUELVE10">VUELVE10</a></p>'
WELCOME = b'<div id="welcome">Bienvenido</div>'

TABLE: list[tuple[str, str, dict[str, TomlValue], bytes, bytes]] = [
    ("text", "greeting", {"text": "Hola, {first_name}"}, WELCOME, b'<div id="welcome">Hola, Jos&#233;</div>'),
    (
        "text at start",
        "greeting",
        {"text": "Hola ", "insert": "start"},
        WELCOME,
        b'<div id="welcome">Hola Bienvenido</div>',
    ),
    (
        "text at end",
        "greeting",
        {"text": " {last_name}", "insert": "end"},
        WELCOME,
        b'<div id="welcome">Bienvenido&#32;N&#250;&#241;ez</div>',
    ),
    ("text before", "greeting", {"text": "Hola", "insert": "before"}, WELCOME, b"Hola" + WELCOME),
    ("text is never markup", "greeting", {"text": "<b>"}, WELCOME, b'<div id="welcome">&#60;b&#62;</div>'),
    ("offer", "greeting", {"offer": "vuelve10"}, WELCOME, WELCOME + OFFER),
    ("text before a list", "grid", {"text": "Para ti", "insert": "before"}, b"\n" + FIRST, b"\nPara ti" + FIRST),
    (
        "text after a list",
        "grid",
        {"text": "Y más", "insert": "after"},
        b"\n</div></body>",
        b"Y m&#225;s\n</div></body>",
    ),
    (
        "attribute",
        "greeting",
        {"set_attribute": {"name": "title", "value": "Para {first_name}"}},
        b'<div id="welcome">',
        b'<div id="welcome" title="Para Jos&#233;">',
    ),
    ("hide", "greeting", {"hide": True}, b'<div id="welcome">', b'<div id="welcome" hidden="hidden">'),
    ("hide every block", "grid", {"hide": True}, b'<div class="record">', b'<div class="record" hidden="hidden">'),
    ("remove", "greeting", {"remove": True}, WELCOME, b""),
    ("trim", "grid", {"trim": 3}, b"\n" + record("h2").encode(), b"\n"),
]


@pytest.mark.parametrize(("at", "keys", "before", "after"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_bytes(at: str, keys: dict[str, TomlValue], before: bytes, after: bytes) -> None:
    body = page()
    assert before in body
    outcome = run(body, experience(at, **keys))
    assert code(outcome) == "TARGETING_MATCH"
    assert outcome.body == body.replace(before, after)


@pytest.mark.parametrize(
    ("keys", "detail"),
    [
        ({"text": "Hola, {first_name}"}, "no value for first_name"),
        ({"set_attribute": {"name": "title", "value": "{last_name}"}}, "no value for last_name"),
    ],
)
def test_a_missing_value_is_not_shown(keys: dict[str, TomlValue], detail: str) -> None:
    body = page()
    # José's own profile, but nobody signed in with this request.
    outcome = run(body, experience("greeting", **keys), context(visitor=STRANGER))
    assert outcome.body is body
    assert (code(outcome), outcome.details["x"]) == ("NOT_TARGETED", detail)


def test_a_list_is_listed_as_it_is_shown() -> None:
    assert run(page(), experience("grid", trim=2)).listed["grid"] == ("r1", "r2")
    assert run(page(), experience("grid", hide=True)).listed["grid"] == ()


NASTY = ["José", "Łukasz", "李", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{email}", "&lt;b&gt;"]


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-8", "windows-1252", "gbk", "koi8-r"])
def test_names_on_pages_of_any_charset(name: str, charset: str) -> None:
    given = settings(experience("greeting", "a", text="{first_name}"), experience("greeting", "b", offer="vuelve10"))
    body = page().decode().encode(charset)
    outcome = Personaliser(given, PLATFORM).run(
        body, f"text/html; charset={charset}".encode(), context(profile=JOSE._replace(first_name=name))
    )
    inserted = [change.replacement for change in outcome.spliced.changes] if outcome.spliced else []
    assert len(inserted) == 2
    assert all(made.isascii() for made in inserted)
    assert unescape(inserted[0].decode()) == name
    assert b"<" not in inserted[0]
    assert inserted[1].count(b"<") == 4
