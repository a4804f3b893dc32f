"""Path patterns: what they match, what they cannot be got round by, and that they stay fast."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.patterns import PathPatterns, pattern_problem


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/admin/**", "/admin", True),
        ("/admin/**", "/admin/", True),
        ("/admin/**", "/admin/x/y.php?z=1", True),
        ("/admin/**", "/administrator", False),
        ("/checkout_payment*", "/checkout_payment.php", True),
        ("/checkout_payment*", "/checkout_payment_address.php?x", True),
        ("/checkout_payment*", "/shop/checkout_payment.php", False),
        ("/**/login.php", "/login.php", True),
        ("/**/login.php", "/a/b/login.php", True),
        ("**/pay/**", "/shop/pay/x", True),
        ("*", "/anything?x=1", True),
        ("/**", "/", True),
        ("/", "/", True),
        ("/", "/x", False),
        ("/a/*/c", "/a/b/c", True),
        ("/a/*/c", "/a/b/b/c", False),
        ("/a/**/c", "/a/c", True),
        ("/a/**/b/**/c", "/a/x/b/y/z/c", True),
        ("/a/**/b/**/c", "/a/x/y/z/c", False),
        ("/a*b*c", "/aXbYc", True),
        ("/a*b*c", "/aXbY", False),
        ("/*/catalogue/*_*/", "/en-gb/catalogue/tron_27/", True),
        ("/*/catalogue/*_*/", "/en-gb/catalogue/tron/", False),
        ("/en", "/en/", True),
        ("/en/", "/en", False),
        ("/x**", "/xy/z", True),
        ("/i.php?main_page=checkout*", "/i.php?a=1&main_page=checkout_x", True),
        ("/i.php?main_page=checkout*", "/i.php?main_page=index", False),
        ("/i.php?a=1&b=2", "/i.php?b=2&a=1", True),
        ("/i.php?a=1&b=2", "/i.php?a=1", False),
        ("/i.php?a=*", "/i.php?a=", True),
    ],
)
def test_match(pattern: str, path: str, expected: bool) -> None:
    assert PathPatterns((pattern,)).match(path) is expected


@pytest.mark.parametrize(
    "path",
    [
        "//checkout_payment.php",
        "/./checkout_payment.php",
        "/x/../checkout_payment.php",
        "/Checkout_Payment.PHP",
        "/checkout_payment.php/osCsid/abc",
        "/checkout_payment.php;jsessionid=abc",
        "/checkout_payment.php/",
    ],
)
def test_a_rule_is_not_got_round(path: str) -> None:
    assert PathPatterns(("/checkout_payment.php",)).match(path)


def test_no_patterns_match_nothing() -> None:
    assert not PathPatterns(()).match("/")


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("/admin/**", None),
        ("*", None),
        ("**/x", None),
        ("/a?b=c*", None),
        ("/x**", None),
        ("", "empty"),
        (" /a", "spaces"),
        ("admin", "must start"),
        ("/a**b/c", "whole segments"),
        ("/***", "***"),
        ("/" + "*a" * 40, "too many"),
    ],
)
def test_pattern_problem(pattern: str, problem: str | None) -> None:
    found = pattern_problem(pattern)
    assert (found is None) if problem is None else (found is not None and problem in found)


def test_matching_is_linear() -> None:
    # A backtracking matcher needs some 10**12 steps here; the test's own time limit is the assertion.
    patterns = PathPatterns(("/**/a*a*a*a*b/**/login*x/**/y",))
    assert not patterns.match("/" + "a" * 8000 + "/login" * 1000)
    assert not patterns.match("/a/" * 3000 + "a" * 2000)


@given(st.text(alphabet="/ab.*?=&;%", max_size=40), st.text(alphabet="/ab.*?=&;%", max_size=20))
def test_any_path_and_pattern_have_an_answer(path: str, pattern: str) -> None:
    if pattern_problem(pattern) is None:
        assert PathPatterns((pattern,)).match(path) in (True, False)


@given(st.lists(st.text(alphabet="abc-_.", min_size=1, max_size=5), min_size=1, max_size=5))
def test_a_path_matches_itself_and_everything_below_its_parents(segments: list[str]) -> None:
    segments = [segment for segment in segments if segment.strip(".")] or ["a"]
    path = "/" + "/".join(segments)
    assert PathPatterns((path,)).match(path)
    for end in range(len(segments)):
        assert PathPatterns(("/" + "/".join([*segments[:end], "**"]),)).match(path)
