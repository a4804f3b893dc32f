"""Clicks as the demo's terminal tells them."""

from pathlib import Path
from typing import Any

import pytest

from clicks.click import Click, Event, Reason
from config.decode import load
from demo.click_line import ClickLines

LINES = ClickLines(load(Path(__file__).parents[3] / "demo" / "site.toml", ["phoenix"]))
MATCH = "TARGETING_MATCH"


def click(host: str = "jose.localhost:8080", **fields: Any) -> Click:
    given: dict[str, Any] = {"time": 1.0, "method": "GET", "path": "/index.php", "status": 200, "added_us": 400}
    return Click(host=host, **{**given, **fields})


def reasons(*codes: tuple[str, str]) -> tuple[Reason, ...]:
    return tuple(Reason(*code) for code in codes)


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (
            click(product="2", kind="product", moved=5, reasons=reasons(("escaparate", MATCH))),
            "José opened “Ritmo & Rabia” → 5 records moved, 0.4 ms added",
        ),
        (
            click(kind="home", moved=1, reasons=reasons(("hola", MATCH), ("escaparate", MATCH))),
            "José opened the home page → greeted, 1 record moved, 0.4 ms added",
        ),
        (
            click("ana.localhost", kind="home", reasons=reasons(("cuanto_tiempo", MATCH), ("vuelve", MATCH))),
            "Ana opened the home page → greeted, offered VUELVE10, 0.4 ms added",
        ),
        (
            click("stranger.localhost", kind="category", query={"cPath": "1"}, reasons=reasons(("hola", "NO_CONSENT"))),
            "A stranger opened the category Hip hop → no consent, so the shop's own bytes, 0.4 ms added",
        ),
        (
            click(kind="home", reasons=reasons(("hola", "NOT_TARGETED"), ("escaparate", "NO_PROFILE"))),
            "José opened the home page → nothing known yet, so the shop's own bytes, 0.4 ms added",
        ),
        (
            click(kind="home", profile="p", reasons=reasons(("hola", "NO_PROFILE"), ("escaparate", "NO_PROFILE"))),
            "José opened the home page → no profile in time, so the shop's own bytes, 0.4 ms added",
        ),
        (
            click(method="POST", path="/login.php", status=302, kind="login", events=(Event("login", {}),)),
            "José signed in → the shop's own answer (302), 0.4 ms added",
        ),
        (
            click(method="POST", status=302, events=(Event("add_to_cart", {"product": "2", "quantity": 1}),)),
            "José put “Ritmo & Rabia” into the cart → the shop's own answer (302), 0.4 ms added",
        ),
        (click(kind="other", path="/about.php"), "José opened /about.php → the shop's own bytes, 0.4 ms added"),
        (click(path="/images/x.svg", asset=True), None),
        (click(path="/_vitrina/demo/lens"), None),
        (click(method="POST", path="/cookie_policy.php", status=302), None),
        (click(path="/login.php", kind="login"), None),
    ],
)
def test_a_click_is_a_sentence(seen: Click, told: str | None) -> None:
    line = LINES.line(seen, is_store_down=False)
    assert (None if line is None else " ".join(line)) == told


def test_without_valkey_nothing_is_known() -> None:
    line = LINES.line(click(kind="home", profile="p", reasons=reasons(("hola", "NO_PROFILE"))), is_store_down=True)
    assert line == ("José", "opened the home page → no profile to be had, so the shop's own bytes, 0.4 ms added")
