"""Which cookies of an unknown shop are taken for its session: by how they are set, never by what they hold."""

import pytest

from clicks.detecting.sample import Sample
from clicks.detecting.session_cookies import learnt_sessions, session_names
from clicks.targets import Target

LONG = "5e1f00d5e1f00d5e1f00d5"


@pytest.mark.parametrize(
    ("set_cookies", "expected", "name"),
    [
        ([f".Shop.Customer={LONG}; path=/; HttpOnly"], (".Shop.Customer",), "no script may read it"),
        ([f"lampssid={LONG}; path=/"], ("lampssid",), "called a session"),
        ([f"lamps={LONG}; path=/"], (), "neither"),
        ([f"XSRF-TOKEN={LONG}; HttpOnly"], (), "a form's token"),
        ([f".Shop.Antiforgery={LONG}; HttpOnly"], (), "a form's token"),
        ([f"recently_viewed={LONG}; HttpOnly"], (), "what was looked at"),
        ([f"cart_id={LONG}; HttpOnly"], (), "a cart outlives its session"),
        (["lang=de; HttpOnly", "seen=1; HttpOnly"], (), "too short to be one"),
        (["prefs=%7B%22a%22%3A1234567890123%7D; HttpOnly"], (), "values in it"),
        ([f"a_session={LONG}; httponly", f"b={LONG}; SameSite=Lax;HttpOnly"], ("a_session", "b"), "two"),
        ([f"fake=x{LONG}; Path=/httponly"], (), "a path is no attribute"),
        (["broken", "=x", ""], (), "none"),
    ],
)
def test_session_names(set_cookies: list[str], expected: tuple[str, ...], name: str) -> None:
    assert session_names(set_cookies) == expected, name


def test_what_is_called_a_session_goes_first_then_the_frequent() -> None:
    pages = [Sample(Target("/"), "", session_cookies=names) for names in (("b", "x_session"), ("b",), ("a",))]
    assert learnt_sessions(pages) == ("x_session", "b", "a")
