"""Cookie and Set-Cookie fields of legacy shops."""

import pytest

from visitors.cookie_header import cookie_value, response_session, session_value


@pytest.mark.parametrize(
    ("header", "expected", "name"),
    [
        ("vitrina=x", "x", "alone"),
        ("a=1; vitrina=x; b=2", "x", "in between"),
        ("a=1;vitrina=x", "x", "no blank"),
        ("vitrina=x; vitrina=y", "x", "the first wins"),
        ("cart[uid]=5; \xff\x00=\x80; vitrina=x", "x", "after names that other parsers stop at"),
        ('q="a b"; vitrina=x', "x", "after a quoted value"),
        ("noequals; vitrina=x", "x", "after a pair without ="),
        ("xvitrina=y; vitrina=x", "x", "another name that ends alike"),
        ("a=vitrina=y", None, "inside a value"),
        ("a=b vitrina=y", None, "inside a value, after a blank"),
        ("a=1; \tvitrina=x ", "x", "blanks around"),
        ("vitrina=", "", "empty"),
        ("vitrina", None, "no value"),
        ("Vitrina=x", None, "names have case"),
        ("", None, "no cookies"),
    ],
)
def test_cookie_value(header: str, expected: str | None, name: str) -> None:
    assert cookie_value(header, "vitrina") == expected, name


@pytest.mark.parametrize(
    ("header", "expected", "name"),
    [
        ("osCsid=a1", "a1", "the first name"),
        ("PHPSESSID=b2; osCsid=a1", "a1", "names in the platform's order"),
        ("PHPSESSID=b2; osCsid=", "b2", "an empty one does not count"),
        ("lang=es", None, "none"),
    ],
)
def test_session_value(header: str, expected: str | None, name: str) -> None:
    assert session_value(header, ("osCsid", "PHPSESSID")) == expected, name


@pytest.mark.parametrize(
    ("fields", "expected", "name"),
    [
        (["osCsid=new; path=/; HttpOnly"], "new", "set"),
        (["osCsid=one; path=/", "osCsid=two; path=/"], "two", "the last of a name wins"),
        (["osCsid=; Max-Age=0"], None, "emptied"),
        (["osCsid=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT"], None, "PHP's deletion"),
        (["osCsid=x; Max-Age=0; path=/"], None, "deleted by Max-Age"),
        (["osCsid=x; Max-Age=3600; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], "x", "Max-Age wins over Expires"),
        (["osCsid=new; Expires=Sunday, 29-Nov-2026 10:00:00 GMT"], "new", "an odd date"),
        (["osCsid=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT", "osCsid=new; path=/"], "new", "deleted, then set"),
        (['osCsid="a b"; path=/'], '"a b"', "quotes are part of it, as browsers send them back"),
        (["cart[uid]=1", "lang=es", "nothing"], None, "others only"),
        ([], None, "no cookies"),
    ],
)
def test_response_session(fields: list[str], expected: str | None, name: str) -> None:
    assert response_session(fields, ("osCsid", "PHPSESSID")) == expected, name


NAMES = ("wordpress_logged_in_*", "wp_session_*")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("wp_session_4fbc=guest", "guest"),
        ("wp_session_4fbc=guest; wordpress_logged_in_4fbc=ada|1", "ada|1"),
        ("x=wp_session_4fbc=no; wp_session_4fbc = yes ", "yes"),
        ("xwp_session_4fbc=no", None),
        ("wp_session_4fbc=", None),
        ("wp_session_a=; wp_session_b=second", "second"),
        ("wp_session_", None),
    ],
)
def test_sessions_whose_names_end_in_a_hash(header: str, expected: str | None) -> None:
    assert session_value(header, NAMES) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("lamps_session=a1", "a1"),
        ("lamps_session_token=no; lamps_session=a1", "a1"),
        ("SESS49960d=b2; lamps_session=a1", "a1"),
        ("has_js=1; SESS49960d=b2", "b2"),
        ("session=c3", None),
    ],
)
def test_sessions_whose_names_begin_with_the_shops(header: str, expected: str | None) -> None:
    names = ("*_session", "SESS*")
    assert session_value(header, names) == expected
    fields = [f"{pair.strip()}; Path=/" for pair in header.split(";")]
    assert response_session(fields, names) == expected


def test_a_response_that_sets_them() -> None:
    fields = ["wp_session_4f=2; path=/", "wordpress_logged_in_4f=ada; path=/", "wordpress_4f=no; path=/wp-admin"]
    assert response_session(fields, NAMES) == "ada"
    assert response_session(["wordpress_logged_in_4f=+; Max-Age=0", "wp_session_4f=g"], NAMES) == "g"
    assert response_session(["wordpress_logged_in_4f=x; expires=Thu, 01 Jan 1970 00:00:00 GMT"], NAMES) is None
