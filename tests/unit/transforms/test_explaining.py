"""Why a page looks as it does, told to the operator."""

from dataclasses import replace

from config.settings import Cap, Condition, Who
from tests.unit.transforms.given import JOSE, NOW, PLATFORM, STRANGER, context, experience, page, settings
from transforms.explaining import explain, written

NAMED = Who(
    all=(
        Condition("logged_in", "eq", value=True),
        Condition("has", "has", ("first_name",)),
        Condition("orders", "gte", 1),
    )
)


def test_every_experience_in_the_configurations_order() -> None:
    given = settings(
        experience("greeting", "hola", NAMED, text="Hola, {first_name}"),
        experience("at_home", "casa", text="x"),
        experience("missing", "nada", text="x"),
        replace(experience("greeting", "poco", text="x", insert="after"), rollout=0),
        replace(experience("greeting", "tope", text="x", insert="after"), cap=Cap(1, 60)),
    )
    about = context(path="/list", profile=replace(JOSE, exposures={"tope": (NOW - 1,)}))
    lines = explain(given, PLATFORM, page(), b"text/html", about)
    assert [(line.experience, line.placement, line.shown, line.reason) for line in lines] == [
        ("hola", "greeting", True, "TARGETING_MATCH"),
        ("casa", "at_home", False, "NOT_HERE"),
        ("nada", "missing", False, "SELECTOR_MISS"),
        ("poco", "greeting", False, "SPLIT"),
        ("tope", "greeting", False, "CAPPED"),
    ]
    assert lines[0].inputs == (
        ("logged_in eq true", "true", True),
        ("has has first_name", "first_name, last_name, email", True),
        ("orders gte 1", "2", True),
    )
    assert lines[1].detail == "this is a page of kind category; the placement is on home"
    assert lines[2].detail == "#nowhere matches nothing on this page"
    assert "0 % of visitors" in lines[3].detail
    assert "at most 1 in 60 s" in lines[4].detail


def test_a_stranger_and_a_page_left_alone() -> None:
    given = settings(experience("greeting", "hola", NAMED, text="Hola"), experience("greeting", "todos", text="Hola"))
    stranger = explain(given, PLATFORM, page(), b"text/html", context(visitor=STRANGER, profile=None))
    assert [(line.shown, line.reason) for line in stranger] == [(False, "NOT_TARGETED"), (True, "TARGETING_MATCH")]
    assert [held for _, _, held in stranger[0].inputs] == [False, False, False]
    refused = explain(given, PLATFORM, b"{}", b"text/html", context())
    assert refused[1].reason == "GATE_REFUSED"
    assert refused[1].detail.startswith("NOT_HTML")


def test_conditions_are_written_as_one_reads_them() -> None:
    assert written(Condition("silent_for", "gt", 0, usual_gaps=2.0)) == "silent_for gt 2x usual_gap"
    assert written(Condition("likes", "in", ("rock", "jazz"))) == "likes in rock, jazz"
    assert written(Condition("newsletter", "eq", value=False)) == "newsletter eq false"
