"""What an operator may write in a condition, and what he is told when he errs."""

from typing import Any

import pytest

from config.settings import Condition, Operator
from visitors.conditions import CONDITION_FIELDS, OPERATORS, problem_with, written
from visitors.profile import Profile
from visitors.visitor import Visitor


@pytest.mark.parametrize("name", CONDITION_FIELDS)
def test_every_field_reads_an_empty_profile(name: str) -> None:
    field = CONDITION_FIELDS[name]
    assert field.kind in OPERATORS
    assert field.meaning
    assert not field.read(Profile(id=""), Visitor(None, None, True, agent=""), 0.0)


@pytest.mark.parametrize(
    ("field", "op", "value", "usual_gaps", "part"),
    [
        ("vists", "eq", 1, None, "did you mean 'visits'"),
        ("zzz", "eq", 1, None, "known: visits, "),
        ("visits", "contains", 1, None, "does not apply to a number"),
        ("visits", "eq", "many", None, "'many' is no number"),
        ("visits", "eq", True, None, "True is no number"),
        ("visits", "gte", 0, 2.0, "usual_gap is for silent_for"),
        ("silent_for", "gte", "60", None, "is no duration"),
        ("logged_in", "eq", "yes", None, "neither true nor false"),
        ("likes", "eq", 5, None, "is no text"),
        ("has", "has", ("first_nam",), None, "did you mean 'first_name'"),
        ("has", "has", 5, None, "no list of names"),
        ("segment", "eq", True, None, "is no text"),
    ],
)
def test_problems(field: str, op: Operator, value: Any, usual_gaps: float | None, part: str) -> None:
    assert part in (problem_with(Condition(field, op, value, usual_gaps)) or "")


@pytest.mark.parametrize(
    ("field", "op", "value", "usual_gaps"),
    [
        ("visits", "gte", 2, None),
        ("silent_for", "gte", 0, 2.0),
        ("silent_for", "gte", 3_600.0, None),
        ("logged_in", "eq", True, None),
        ("likes", "in", ("Jazz", "Soul"), None),
        ("has", "has", ("first_name", "cart_items"), None),
        ("segment", "eq", "at_risk", None),
    ],
)
def test_no_problem(field: str, op: Operator, value: Any, usual_gaps: float | None) -> None:
    assert problem_with(Condition(field, op, value, usual_gaps)) is None


def test_conditions_are_written_as_one_reads_them() -> None:
    assert written(Condition("silent_for", "gt", 0, usual_gaps=2.0)) == "silent_for gt 2x usual_gap"
    assert written(Condition("likes", "in", ("rock", "jazz"))) == "likes in rock, jazz"
    assert written(Condition("newsletter", "eq", value=False)) == "newsletter eq false"
    assert written(Condition("silent_for", "gt", 1.5)) == "silent_for gt 1.5"
    assert written(Condition("has", "has", "First")) == "has has First"
