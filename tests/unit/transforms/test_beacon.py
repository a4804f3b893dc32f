"""The visibility beacon's tag: where it goes, and the pages and policies that would keep it from working."""

import pytest
from msgspec.structs import replace

from config.settings import Statistics
from tests.unit.transforms.given import context, experience, page, run, settings
from transforms.beacon import TAG, allows
from transforms.personaliser import PageContext

OWN = "https://shop.example"
ON = Statistics(beacon=True)
HELLO = experience("greeting", text="Hola, {first_name}")


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("", True),
        ("default-src 'self'", True),
        ("default-src 'none'", False),
        ("default-src 'none'; script-src 'self'", False),
        ("default-src 'none'; script-src 'self'; connect-src 'self'", True),
        ("default-src 'self'; connect-src https://api.example", False),
        ("default-src 'self'; script-src 'nonce-abc'", False),
        ("script-src 'nonce-abc' 'strict-dynamic' 'self' https:", False),
        ("script-src 'self' 'unsafe-inline'", True),
        ("script-src 'none'; script-src-elem 'self'", True),
        ("script-src 'self'; script-src-elem 'none'", False),
        ("Script-Src *; Connect-Src HTTPS:", True),
        ("script-src http://shop.example", True),
        ("script-src shop.example:443; connect-src shop.example:*", True),
        ("script-src shop.example:8443", False),
        ("script-src *.example", True),
        ("script-src *.shop.example", False),
        ("script-src cdn.example", False),
        ("script-src https://shop.example/_vitrina/", True),
        ("script-src https://shop.example/js/", False),
        ("script-src 'self'; script-src 'none'", True),
        ("img-src 'none'; frame-ancestors 'none'", True),
        ("default-src 'self', default-src 'none'", False),
        ("sandbox", False),
        ("sandbox allow-scripts", False),
        ("sandbox allow-scripts allow-same-origin", True),
        ("script-src", False),
        ("upgrade-insecure-requests", True),
    ],
    ids=str,
)
def test_policies(policy: str, expected: bool) -> None:
    assert allows(policy, OWN) is expected


@pytest.mark.parametrize(
    ("source", "own", "expected"),
    [
        ("http:", "http://shop.example:8080", True),
        ("https:", "http://shop.example:8080", False),
        ("shop.example", "http://shop.example:8080", False),
        ("shop.example:8080", "http://shop.example:8080", True),
        ("https://shop.example:8080", "http://shop.example:8080", False),
        ("shop.example", "http://shop.example", True),
    ],
)
def test_ports_and_schemes(source: str, own: str, expected: bool) -> None:
    assert allows(f"default-src {source}", own) is expected


def test_it_is_the_last_thing_of_the_page_beside_what_was_decided() -> None:
    about = replace_for(OWN)
    found = run(page(), settings(HELLO, statistics=ON), about)
    greeted = run(page(), settings(HELLO), context())
    assert found.body == greeted.body.replace(b"</body>", TAG.encode() + b"</body>")
    assert found.events == greeted.events
    assert found.reasons == greeted.reasons


def test_it_goes_onto_a_page_that_nothing_else_changes() -> None:
    found = run(page(), settings(statistics=ON), replace_for(OWN))
    assert found.body == page().replace(b"</body>", TAG.encode() + b"</body>")
    assert (found.events, found.moved, found.reasons) == ((), 0, ())


@pytest.mark.parametrize(
    ("rest", "is_in"),
    [
        ('<base href="/shop/">', True),
        ('<base href="https://shop.example/x/">', True),
        ('<base href="http://shop.example/x/">', False),
        ('<base href="https://cdn.example/">', False),
        ('<base target="_top">', True),
        ('<meta http-equiv="Content-Security-Policy" content="default-src \'self\'">', True),
        ('<meta http-equiv="content-security-policy" content="script-src \'nonce-x\'">', False),
        ('<meta http-equiv="refresh" content="9">', True),
    ],
)
def test_what_the_page_itself_says(rest: str, is_in: bool) -> None:
    body = page(title="La Gramola").replace(b"</head>", rest.encode() + b"</head>")
    given = settings(HELLO, statistics=ON)
    found = run(body, given, replace_for(OWN))
    assert (TAG.encode() in found.body) is is_in
    assert b"Hola, Jos&#233;" in found.body, "what was decided is shown either way"


@pytest.mark.parametrize("end", ["", "</html>", "<p>open", "<!-- </body> --></body>"])
def test_pages_that_end_oddly_get_it_at_the_end_of_body_or_not_at_all(end: str) -> None:
    body = page().replace(b"</body></html>", end.encode())
    found = run(body, settings(statistics=ON), replace_for(OWN))
    assert found.body.count(TAG.encode()) == 1
    assert found.body.replace(TAG.encode(), b"").replace(b"</p>", b"") == body.replace(b"</p>", b"")


@pytest.mark.parametrize(
    ("given", "beacon_for"), [(settings(HELLO, statistics=ON), ""), (settings(HELLO), OWN)], ids=["not due", "off"]
)
def test_nothing_without_both(given: object, beacon_for: str) -> None:
    assert TAG.encode() not in run(page(), given, replace_for(beacon_for)).body  # type: ignore[arg-type]


def replace_for(own: str) -> PageContext:
    return replace(context(), beacon_for=own)
