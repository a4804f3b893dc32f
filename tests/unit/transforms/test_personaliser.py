"""One page, start to end: what goes out, what is said of it, and that nothing ever goes wrong for the visitor."""

import pytest
from msgspec import structs
from msgspec.structs import replace

from config.settings import Budget, Experience, Site
from decisions.decision import Choice
from tests.fixtures.held import is_held
from tests.unit.transforms.given import (
    JOSE,
    NOW,
    PLATFORM,
    STRANGER,
    VISITOR,
    code,
    context,
    experience,
    page,
    run,
    settings,
)
from transforms.personaliser import PAGE, PageContext, Personaliser
from transforms.transform import Dependence, NotShown, PageInput

HELLO = experience("greeting", text="Hola, {first_name}")
GRID = experience("grid", "grid", reorder={"by": "affinity"})


def test_a_page_with_everything() -> None:
    body = page()
    outcome = run(body, settings(HELLO, GRID))
    assert outcome.body == page("h1", "h2", "r1", "r2").replace(b"Bienvenido", b"Hola, Jos&#233;")
    assert outcome.outcome == "compiled"
    assert [(reason.experience, reason.code, reason.variant) for reason in outcome.reasons] == [
        ("x", "TARGETING_MATCH", "personalised"),
        ("grid", "TARGETING_MATCH", "personalised"),
    ]
    assert outcome.moved == 4
    assert outcome.listed == {"grid": ("h1", "h2", "r1", "r2"), "records": ("h1", "h2", "r1", "r2")}
    assert [dict(event.data) for event in outcome.events] == [
        {"experience": "x", "placement": "greeting", "variant": "personalised"},
        {"experience": "grid", "placement": "grid", "variant": "personalised"},
    ]
    assert outcome.decision is not None
    assert outcome.decision.variant == "personalised"
    assert outcome.facts is not None
    assert outcome.facts.kind == "home"


UNTOUCHED: list[tuple[str, PageContext, str, str]] = [
    ("holdout or kill switch", context(rewriting=False), "DISABLED", "compiled"),
    (
        "before consent",
        context(visitor=structs.replace(STRANGER, consent=False, profile=None), profile=None),
        "NO_CONSENT",
        "compiled",
    ),
    ("a bot", context(visitor=structs.replace(VISITOR, bot=True)), "BOT", "BOT"),
    ("nobody is signed in", context(visitor=STRANGER), "NOT_TARGETED", "compiled"),
]


@pytest.mark.parametrize(("about", "reason", "outcome"), [row[1:] for row in UNTOUCHED], ids=[r[0] for r in UNTOUCHED])
def test_the_very_same_bytes(about: PageContext, reason: str, outcome: str) -> None:
    body = page()
    got = run(body, HELLO, about)
    assert got.body is body
    assert (code(got), got.outcome) == (reason, outcome)
    assert not got.events
    assert got.moved == 0
    assert bool(got.facts) is (reason != "BOT")


def test_the_holdout_is_measured_like_everybody_else() -> None:
    given = settings(GRID, site=Site("http://shop.example", holdout=100, mode="live"))
    body = page()
    for rewriting in (True, False):
        outcome = run(body, given, context(rewriting=rewriting))
        assert outcome.body is body
        assert code(outcome, "grid") == "HOLDOUT"
        assert outcome.listed["grid"] == ("r1", "r2", "h1", "h2")
        assert outcome.decision is not None
        assert outcome.decision.variant == "holdout"


@pytest.mark.parametrize(
    ("budget", "body", "outcome"),
    [
        (Budget(max_html_kb=1), page() + b" " * 2000, "OVER_BUDGET"),
        (Budget(rewrite_ms=0.0), page(), "OVER_BUDGET"),
        (Budget(decide_ms=0.0), page(), "OVER_BUDGET"),
        (Budget(rewrite_ms=0.01), page() + b" " * 100_000, "OVER_BUDGET"),
        (Budget(), page().decode().encode("utf-16"), "ENCODING"),
        (Budget(), b'{"json": true}', "NOT_HTML"),
    ],
)
def test_pages_left_alone(budget: Budget, body: bytes, outcome: str) -> None:
    site = Site("http://shop.example", holdout=0, mode="live", budget=budget)
    got = run(body, settings(HELLO, site=site))
    assert got.body is body
    assert got.outcome == outcome
    assert code(got) == ("OVER_BUDGET" if outcome == "OVER_BUDGET" else "GATE_REFUSED")
    assert got.details[PAGE].startswith(outcome)
    assert got.events == ()


def test_a_placement_that_matches_nothing() -> None:
    got = run(page(), experience("missing", text="Hola"))
    assert code(got) == "SELECTOR_MISS"
    assert "#nowhere" in got.details["x"]


def test_a_placement_of_other_pages_is_not_mentioned() -> None:
    got = run(page(), experience("at_home", text="Hola"), context(path="/list"))
    assert got.reasons == ()


def test_the_first_match_wins_and_inserts_get_along() -> None:
    named = experience("greeting", "named", text="Hola, {first_name}")
    anybody = experience("greeting", "anybody", text="Hola")
    note = experience("greeting", "note", text="¡Rebajas!", insert="after")
    offer = experience("greeting", "offer", offer="vuelve10")
    given = settings(named, anybody, note, offer)
    signed_in = run(page(), given)
    assert [reason.code for reason in signed_in.reasons] == [
        "TARGETING_MATCH",
        "SUPERSEDED",
        "TARGETING_MATCH",
        "TARGETING_MATCH",
    ]
    assert b"Hola, Jos&#233;</div>" in signed_in.body
    assert b"&#161;Rebajas!" in signed_in.body
    assert b"VUELVE10" in signed_in.body
    # Who cannot be shown the first is shown the second.
    stranger = run(page(), given, context(visitor=STRANGER, profile=None))
    assert [reason.code for reason in stranger.reasons][:2] == ["NOT_TARGETED", "TARGETING_MATCH"]
    assert b">Hola</div>" in stranger.body


def test_a_refused_edit_is_not_reported_as_shown() -> None:
    table = b"<!DOCTYPE html><title>t</title><table><tbody><tr id=welcome><td>x</td></tr></tbody></table>"
    outcome = run(table, experience("greeting", offer="vuelve10", insert="start"))
    assert outcome.body is table
    assert code(outcome) == "GATE_REFUSED"
    assert outcome.events == ()
    assert outcome.details["x"]


class Broken:
    """A transform with a bug."""

    key = "text"
    keys = ("text",)

    def depends_on(self, experience: Experience, settings: object) -> Dependence:
        return "page"

    def claim(self, experience: Experience) -> str | None:
        return None

    def problems(self, experience: Experience, settings: object) -> tuple[()]:
        return ()

    def edits(self, choice: Choice, given: PageInput) -> NotShown:
        raise KeyError(given.profile.first_name if given.profile else "")


def test_a_broken_transform_costs_its_own_experience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("transforms.registry", fromlist=["_"])._BY_KEY, "text", Broken())
    outcome = run(page(), settings(HELLO, GRID))
    assert (code(outcome), code(outcome, "grid")) == ("ERROR", "TARGETING_MATCH")
    assert "José" not in outcome.details["x"]
    assert outcome.moved == 4


def test_whatever_goes_wrong_the_body_goes_out() -> None:
    body = page()
    about = replace(context(), catalogue=None, profile=object())  # type: ignore[arg-type]
    outcome = run(body, settings(HELLO, GRID), about)
    assert outcome.body is body
    assert outcome.outcome == "ERROR"
    assert {reason.code for reason in outcome.reasons} == {"ERROR"}
    assert outcome.details[PAGE].startswith("AttributeError at ")


def test_a_profile_with_a_damaged_map_costs_the_page_its_changes() -> None:
    damaged = JOSE._replace(categories={"hiphop": "much"})
    outcome = run(body := page(), settings(HELLO, GRID), context(profile=damaged))
    assert code(outcome, "grid") == "ERROR"
    assert outcome.moved == 0
    assert sorted(outcome.body) != sorted(body), "the greeting needs nothing of it"


@pytest.mark.parametrize(
    ("shown", "pages"),
    [
        (experience("greeting", text="Hola"), 1),
        (experience("greeting", text="Hola, {first_name}"), 3),
        (experience("greeting", text="Sra. {last_name|Cliente}"), 3),
        (experience("greeting", offer="vuelve10"), 3),
        (experience("greeting", set_attribute={"name": "title", "value": "Para {first_name|ti} {last_name|}"}), 5),
        (experience("greeting", hide=True), 1),
    ],
)
def test_what_was_made_for_one_visitor_is_sent_to_those_alone_of_whom_it_says_the_same(
    shown: Experience, pages: int
) -> None:
    used = Personaliser(settings(shown), PLATFORM)
    sent = set()
    names = [("José", "Paz"), ("Ana", "Paz"), (None, "Paz"), ("José", "Ruiz"), (None, None), ("Ana", "Paz")]
    for profile in (*[JOSE._replace(first_name=first, last_name=last) for first, last in names], None):
        about = context(profile=profile)
        alone = run(page(), shown, about)
        outcome = used.run(page(), b"text/html; charset=utf-8", about)
        assert (outcome.body, outcome.reasons) == (alone.body, alone.reasons)
        sent.add(outcome.body)
    assert len(sent) == pages


def test_two_visitors_of_one_template_never_share_a_page() -> None:
    personaliser = Personaliser(settings(HELLO, GRID), PLATFORM)
    ana = JOSE._replace(id="ana", first_name="Ana", categories={})
    for _ in range(5):
        one = personaliser.run(page(), b"text/html; charset=utf-8", context())
        other = personaliser.run(
            page(), b"text/html; charset=utf-8", context(visitor=structs.replace(VISITOR, profile="ana"), profile=ana)
        )
        nobody = personaliser.run(page(), b"text/html; charset=utf-8", context(visitor=STRANGER, profile=None))
        assert b"Jos&#233;" in one.body
        assert b"Ana" not in one.body
        assert b"Ana" in other.body
        assert b"Jos" not in other.body
        assert nobody.body == page()
    # Somebody else's profile beside a visitor's cookie is a bug elsewhere: still no name goes out.
    mixed = personaliser.run(
        page(), b"text/html; charset=utf-8", context(visitor=structs.replace(VISITOR, profile="ana"), profile=JOSE)
    )
    assert b"Jos" not in mixed.body


def test_facts_of_one_template_are_read_once() -> None:
    personaliser = Personaliser(settings(GRID), PLATFORM)
    outcomes = [personaliser.run(page(), b"text/html", context(visitor=STRANGER, profile=None)) for _ in range(4)]
    assert outcomes[-1].outcome == "hit"
    assert outcomes[-1].facts is outcomes[-2].facts
    elsewhere = personaliser.run(page(), b"text/html", context(path="/?sort=price", visitor=STRANGER, profile=None))
    assert elsewhere.facts is not None
    assert elsewhere.facts.sorted_by_visitor


def test_a_page_that_offers_to_sign_out_is_private_whatever_our_cookie_says() -> None:
    personaliser = Personaliser(settings(HELLO), PLATFORM)
    private = page(rest='<p>Hola, secreto <a href="/logoff.php">Salir</a></p>')
    for _ in range(3):
        outcome = personaliser.run(private, b"text/html", context(visitor=STRANGER, profile=None))
    # One visitor alone leaves fingerprints of such a page, and not a word.
    assert outcome.outcome == "hit"
    del outcome
    assert not is_held(personaliser, "secreto")


def test_time_and_order_do_not_matter_to_an_unknown_visitor() -> None:
    outcome = run(page(), GRID, context(visitor=STRANGER, profile=None, now=NOW + 1e9))
    assert code(outcome, "grid") == "NO_PROFILE"
    assert outcome.events == ()
