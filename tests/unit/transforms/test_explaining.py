"""Why a page looks as it does, told to the operator."""

from dataclasses import replace

from msgspec import structs

from config.settings import Budget, Cap, Condition, Offer, Placement, Segment, Settings, Who
from tests.unit.transforms.given import JOSE, NOW, PLACEMENTS, PLATFORM, STRANGER, context, experience, page, settings
from transforms.explaining import explain
from transforms.personaliser import PageContext

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
    about = context(path="/list", profile=JOSE._replace(exposures={"tope": (NOW - 1,)}))
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


def details(given: Settings, about: PageContext, body: bytes | None = None) -> dict[str, tuple[str, str]]:
    """Reason and detail per experience."""
    lines = explain(given, PLATFORM, page() if body is None else body, b"text/html", about)
    return {line.experience: (line.reason, line.detail) for line in lines}


def test_each_reason_has_its_line() -> None:
    hello = experience("greeting", "hola", NAMED, text="Hola, {first_name}")
    given = settings(hello)
    nobody = context(profile=None, failure="")
    assert details(given, nobody) == {"hola": ("NO_PROFILE", "this visitor has no profile")}
    failed = context(profile=None, failure="the store did not answer")
    assert details(given, failed)["hola"] == ("NO_PROFILE", "the store did not answer")
    assert details(given, context(rewriting=False))["hola"] == (
        "DISABLED",
        "switched off, or a mode that shows nothing",
    )
    assert details(replace(given, site=replace(given.site, holdout=100)), context())["hola"] == (
        "HOLDOUT",
        "this visitor always gets the origin's page, for comparison",
    )
    split = settings(replace(hello, rollout=0))
    assert details(split, context())["hola"] == ("SPLIT", "rolled out to 0 % of visitors, and not to this one")
    capped = settings(replace(hello, cap=Cap(1, 90)))
    seen = context(profile=JOSE._replace(exposures={"hola": (NOW - 1,)}))
    assert details(capped, seen)["hola"] == ("CAPPED", "shown often enough: at most 1 in 90 s")
    assert details(given, context())["hola"] == ("TARGETING_MATCH", "")
    assert details(given, context(visitor=structs.replace(STRANGER, consent=False)))["hola"][1] == ""


def test_a_page_over_budget_is_told_for_each_experience() -> None:
    given = settings(experience("greeting", "hola", text="Hola"))
    small = replace(given, site=replace(given.site, budget=Budget(rewrite_ms=0.0)))
    reason, detail = details(small, context())["hola"]
    assert reason == "OVER_BUDGET"
    assert detail.endswith("rewrite_ms = 0")


def test_placements_by_path_and_an_offers_own_limit() -> None:
    placements = PLACEMENTS | {
        "by_path": Placement("by_path", ("/list",), at="#welcome"),
        "elsewhere": Placement("elsewhere", ("home", "/cart"), at="#welcome"),
    }
    offers = {"vale": Offer("vale", "<p>{code}</p>", "V", per_visitor=1)}
    given = settings(
        experience("by_path", "aqui", text="Hola"),
        experience("elsewhere", "alli", text="Hola"),
        experience("by_path", "vale", offer="vale"),
        placements=placements,
        offers=offers,
    )
    about = context(path="/list", profile=JOSE._replace(exposures={"vale": (NOW - 1,)}))
    told = details(given, about)
    assert told["vale"] == ("CAPPED", "shown often enough: the offer's limit per visitor")
    assert told["aqui"] == ("TARGETING_MATCH", "")
    assert told["alli"] == ("NOT_HERE", "this is a page of kind category; the placement is on home, /cart")


def test_values_found_are_told_as_one_reads_them() -> None:
    known = JOSE._replace(searches=("rock", "jazz"), value_cents=250, last_source="mail", last_order=NOW - 1.5 * 86400)
    given = settings(
        *(
            experience("greeting", f"x{number}", Who(all=(condition,)), text="Hola")
            for number, condition in enumerate(
                (
                    Condition("first_source", "eq", "ads"),
                    Condition("value", "gt", 3),
                    Condition("newsletter", "eq", value=True),
                    Condition("segment", "in", ("buyers",)),
                    Condition("days_since_order", "gt", 3),
                    Condition("searches", "has", ("rock", "jazz")),
                    Condition("last_source", "eq", "x"),
                )
            )
        ),
        segments={"buyers": Segment("buyers", Who(all=(Condition("orders", "gte", 1),)))},
    )
    lines = explain(given, PLATFORM, page(), b"text/html", context(profile=known))
    assert [line.inputs for line in lines] == [
        (("first_source eq ads", "unknown", False),),
        (("value gt 3", "2.5", False),),
        (("newsletter eq true", "false", False),),
        (("segment in buyers", "buyers", True), ("orders gte 1", "2", True)),
        (("days_since_order gt 3", "1.5", False),),
        (("searches has rock, jazz", "rock, jazz", True),),
        (("last_source eq x", "mail", False),),
    ]
