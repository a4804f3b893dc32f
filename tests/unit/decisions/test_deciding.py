"""Reasons: each experience of a page gets exactly one, in the configuration's order."""

from dataclasses import replace

import pytest
from msgspec import structs

from config.settings import Cap, Condition, Experience, Offer, Placement, Segment, Settings, Site, Who
from decisions.deciding import decide
from decisions.proven import proven
from visitors.profile import Profile
from visitors.visitor import Visitor

NOW = 1_800_000_000.0
DAY = 86_400.0

SIGNED_IN = Who(all=(Condition("logged_in", "eq", value=True),))
NAMED = Who(all=(Condition("has", "has", ("first_name",)),))
BUYERS = Who(all=(Condition("orders", "gte", 1),))

JOSE = Profile(id="jose", first_name="José", last_name="Núñez", email="jose@example.org", orders=2)
VISITOR = Visitor(profile="jose", session="s", consent=True, logged_in=True, customer=True)
STRANGER = Visitor(profile="someone", session="s", consent=True)


def settings(*experiences: Experience, holdout: float = 0.0, mode: str = "live") -> Settings:
    return Settings(
        site=Site("http://shop.example", holdout=holdout, mode=mode),  # type: ignore[arg-type]
        placements={
            "greeting": Placement("greeting", ("*",), at="#welcome"),
            "grid": Placement("grid", ("home",), items=".box"),
        },
        segments={"buyers": Segment("buyers", BUYERS)},
        offers={"vuelve10": Offer("vuelve10", "<p>{code}</p>", "VUELVE10", per_visitor=2)},
        experiences=experiences,
    )


HELLO = Experience("hola", "greeting", settings={"text": "Hola"})
OFFER = Experience("vuelve", "greeting", settings={"offer": "vuelve10"})
CAPPED = replace(HELLO, cap=Cap(2, 7 * DAY))


def shown(experience: str, *days_ago: float) -> Profile:
    return JOSE._replace(exposures={experience: tuple(NOW - days * DAY for days in days_ago)})


TABLE: list[tuple[str, Experience, Visitor, Profile | None, str | None, str]] = [
    ("everybody", HELLO, VISITOR, JOSE, None, "TARGETING_MATCH"),
    ("a first click has no profile yet", HELLO, STRANGER, None, None, "TARGETING_MATCH"),
    ("a bot", HELLO, structs.replace(VISITOR, bot=True), JOSE, None, "BOT"),
    ("before consent", HELLO, structs.replace(STRANGER, consent=False, profile=None), None, None, "NO_CONSENT"),
    ("who matches", replace(HELLO, who=BUYERS), VISITOR, JOSE, None, "TARGETING_MATCH"),
    ("who does not match", replace(HELLO, who=BUYERS), STRANGER, None, None, "NOT_TARGETED"),
    ("a name, signed in", replace(HELLO, who=NAMED), VISITOR, JOSE, None, "TARGETING_MATCH"),
    (
        "a name, signed out",
        replace(HELLO, who=NAMED),
        structs.replace(VISITOR, logged_in=False),
        JOSE,
        None,
        "NOT_TARGETED",
    ),
    (
        "a name of somebody else",
        replace(HELLO, who=NAMED),
        structs.replace(VISITOR, profile="ana"),
        JOSE,
        None,
        "NOT_TARGETED",
    ),
    ("no rollout", replace(HELLO, rollout=0), VISITOR, JOSE, None, "SPLIT"),
    ("cap not reached", CAPPED, VISITOR, shown("hola", 3, 9), None, "TARGETING_MATCH"),
    ("cap reached", CAPPED, VISITOR, shown("hola", 1, 3), None, "CAPPED"),
    ("cap of another experience", CAPPED, VISITOR, shown("other", 1, 3), None, "TARGETING_MATCH"),
    ("offer not yet given often", OFFER, VISITOR, shown("vuelve", 300), None, "TARGETING_MATCH"),
    ("offer given often enough", OFFER, VISITOR, shown("vuelve", 300, 200), None, "CAPPED"),
    ("profile failed, none needed", HELLO, VISITOR, None, "timeout", "TARGETING_MATCH"),
    ("profile failed, request suffices", replace(HELLO, who=SIGNED_IN), VISITOR, None, "timeout", "TARGETING_MATCH"),
    ("profile failed, who needs one", replace(HELLO, who=BUYERS), VISITOR, None, "timeout", "NO_PROFILE"),
    (
        "profile failed, segment needs one",
        replace(HELLO, who=Who(any=(Condition("segment", "eq", "buyers"),))),
        VISITOR,
        None,
        "timeout",
        "NO_PROFILE",
    ),
    ("profile failed, cap needs one", CAPPED, VISITOR, None, "timeout", "NO_PROFILE"),
    ("profile failed, offer's limit needs one", OFFER, VISITOR, None, "breaker_open", "NO_PROFILE"),
]


@pytest.mark.parametrize(
    ("experience", "visitor", "profile", "failure", "expected"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_reason(
    experience: Experience, visitor: Visitor, profile: Profile | None, failure: str | None, expected: str
) -> None:
    decision = decide(settings(experience), {"greeting"}, visitor, profile, failure, NOW)
    assert [reason.code for reason in decision.reasons] == [expected]
    assert bool(decision.choices) is (expected == "TARGETING_MATCH")


def test_the_configurations_order_and_only_placements_of_this_page() -> None:
    grid = Experience("portada", "grid", settings={"reorder": {"by": "affinity"}})
    other = replace(HELLO, id="adios")
    decision = decide(settings(other, grid, HELLO), {"greeting"}, VISITOR, JOSE, None, NOW)
    assert [choice.experience.id for choice in decision.choices] == ["adios", "hola"]
    assert [reason.experience for reason in decision.reasons] == ["adios", "hola"]
    assert decision.variant == "personalised"


@pytest.mark.parametrize(
    ("holdout", "mode", "enabled", "code", "variant"),
    [
        (0, "live", True, "TARGETING_MATCH", "personalised"),
        (0, "preview", True, "TARGETING_MATCH", "personalised"),
        (0, "live", False, "DISABLED", ""),
        (100, "live", True, "HOLDOUT", "holdout"),
        (100, "live", False, "HOLDOUT", "holdout"),
        (100, "observe", False, "DISABLED", ""),
        (0, "observe", True, "DISABLED", ""),
        (0, "off", True, "DISABLED", ""),
    ],
)
def test_holdout_and_switches(holdout: float, mode: str, enabled: bool, code: str, variant: str) -> None:
    chosen = settings(HELLO, replace(HELLO, id="buyers", who=BUYERS), holdout=holdout, mode=mode)
    decision = decide(chosen, {"greeting"}, STRANGER, None, None, NOW, enabled=enabled)
    # The one who was not meant stays so: both groups of a comparison are chosen by the same rules.
    assert [reason.code for reason in decision.reasons] == [code, "NOT_TARGETED"]
    assert decision.variant == variant
    assert bool(decision.choices) is (code == "TARGETING_MATCH")


def test_without_an_id_nobody_is_shown_anything_while_there_is_a_holdout() -> None:
    nobody = structs.replace(STRANGER, profile=None)
    assert decide(settings(HELLO, holdout=5), {"greeting"}, nobody, None, None, NOW).reasons[0].code == "NO_PROFILE"
    assert decide(settings(HELLO), {"greeting"}, nobody, None, None, NOW).choices


def test_segments_in_a_circle_are_answered() -> None:
    circle = replace(
        settings(replace(HELLO, who=Who(all=(Condition("segment", "eq", "a"),)))),
        segments={
            "a": Segment("a", Who(all=(Condition("segment", "eq", "b"),))),
            "b": Segment("b", Who(all=(Condition("segment", "eq", "a"),))),
        },
    )
    assert decide(circle, {"greeting"}, VISITOR, None, "timeout", NOW).reasons[0].code == "NO_PROFILE"


@pytest.mark.parametrize(
    ("visitor", "profile", "name"),
    [
        (VISITOR, JOSE, "José"),
        (structs.replace(VISITOR, logged_in=False), JOSE, None),
        (structs.replace(VISITOR, profile="ana"), JOSE, None),
        (structs.replace(VISITOR, profile=None), JOSE, None),
    ],
)
def test_names_are_for_those_who_proved_them(visitor: Visitor, profile: Profile, name: str | None) -> None:
    known = proven(profile, visitor)
    assert known is not None
    assert known.first_name == name
    assert (known.email is None) is (name is None)
    assert known.orders == profile.orders
