"""Operators' expressions: what is refused, and that no text makes one slow."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.expressions import MAX_EXPRESSION, MAX_REMEMBERED, Expressions, expression_problem
from config.platforms import platforms

REFUSED = [
    ("no group", "none", "must have one group, not 0"),
    ("two groups", "(a)(b)", "must have one group, not 2"),
    ("not closed", "(", "is none that RE2 knows: missing ): ("),
    ("backreference", r"(a)\1", "is none that RE2 knows: invalid escape sequence: \\1"),
    ("look-ahead", r"(?=a)(b)", "is none that RE2 knows: invalid perl operator: (?="),
    ("look-behind", r"(?<!a)(b)", "is none that RE2 knows: invalid perl operator: (?<!"),
    ("nested counts", r"((?:(?:a{1,99}){1,99}){1,99})", "is none that RE2 knows: invalid repetition size: {1,99}"),
    ("too large compiled", r"((?:\pL{100}){9})", "is none that RE2 knows: pattern too large - compile failed"),
    ("too long", "(" + "a" * MAX_EXPRESSION + ")", "is longer than 1000 characters"),
]
CATASTROPHES = [r"((?:a+)+)$", r"((?:a|aa)+)$", r"((?:a*)*)b", r"(?:.*a){25}(b)", r"^((?:[a-z]+_?)*)$"]
"""For a backtracking engine each takes longer than the age of the universe on the text below."""


@pytest.mark.parametrize(("expression", "problem"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(expression: str, problem: str) -> None:
    assert expression_problem(expression) == problem
    with pytest.raises(ValueError, match=re.escape(problem)):
        Expressions((expression,))


@pytest.mark.parametrize("expression", CATASTROPHES)
def test_no_text_makes_one_slow(expression: str) -> None:
    began = time.process_time()
    assert Expressions((expression,)).first("a" * 16_000 + "!") is None
    assert time.process_time() - began < 5  # ten thousand times what it takes, and nothing of what backtracking would


def test_the_first_that_is_found_has_its_say() -> None:
    found = Expressions((r"/p/(\d+)", r"[?&]id=(\w+)"))
    assert found.first("/p/12?id=x") == "12"
    assert found.first("/q?id=x") == "x"
    assert found.first("/q") is None
    assert found.first("/p/12" + "x" * MAX_REMEMBERED) == "12"
    assert Expressions(()).first("/p/12") is None
    assert Expressions((r"/(é+)",)).first("/éé") == "éé"


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_survived(text: str) -> None:
    assert Expressions((r"(zz\d)",)).first(text) in (None, *re.findall(r"zz\d", text))


def test_those_of_the_platforms_that_come_along_hold() -> None:
    for platform in platforms():
        Expressions(platform.product_id)
        Expressions(platform.category_id)
