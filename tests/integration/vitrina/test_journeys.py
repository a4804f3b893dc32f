"""Scripted visitors at La Gramola, each with a known truth, and what the looks and the told journey make of them."""

import csv
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.gramola import Person, Site, gramola, profile_id, site_config
from tests.fixtures.installation import installation

PAUSE_S = 1.2
"""Over a second, too: a browser's session is named by the second in which it began."""
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"

LANDINGS = {
    "partner": ("index.php?utm_content=banner-top", "https://www.blog.example/best-records", "partner", "blog.example"),
    "search": ("index.php?cPath=2", "https://www.google.es/", "search", "google"),
    "advert": ("product_info.php?products_id=5&gclid=EAIaIQobChMI", "https://www.google.es/", "paid_search", "google"),
    "social": ("index.php?fbclid=IwAR0abcDEF", "https://l.facebook.com/", "social", "facebook"),
    "mail": ("index.php?utm_source=boletin&utm_medium=email&utm_campaign=otono", "", "email", "boletin"),
    "banner": ("index.php?utm_source=radio&utm_medium=banner&utm_content=rojo", "", "campaign", "radio"),
    "other": ("about.php", "https://foro.example.org/hilo/7", "referral", "foro.example.org"),
    "direct": ("index.php", "", "direct", "(direct)"),
}


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A shop that nobody but these visitors comes to."""
    with gramola() as port:
        config = site_config(port) + '\n[sources]\npartners = ["blog.example"]\n'
        with installation(tmp_path_factory.mktemp("journeys"), config) as running:
            yield Site(running, port)


def look(site: Site, name: str, *options: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(
        site.vitrina.command("look", name, "--json", *configured(site), *options)
    )
    return rows


def configured(site: Site) -> tuple[str, str]:
    return "--config", str(site.vitrina.config)


def lands(site: Site, target: str, referrer: str) -> Person:
    """Somebody who agreed to cookies long ago comes from elsewhere."""
    person = site.stranger()
    person.cookies["cookie_policy"] = "prefs=1"
    person.open(target, **({"Referer": referrer} if referrer else {}))
    return person


@pytest.fixture(scope="module")
def people(quiet: Site) -> dict[str, Person]:
    """Everybody has come and gone."""
    came = {name: lands(quiet, target, referrer) for name, (target, referrer, _, _) in LANDINGS.items()}
    partner = came["partner"]
    partner.open("index.php?cPath=4")
    time.sleep(PAUSE_S)
    partner.open("product_info.php?products_id=5")
    partner.submit("product_info.php?products_id=5&action=add_product")
    search = came["search"]
    search.register("dos@example.com", "una clave 1", "Dora")
    came["second device"] = lands(quiet, "index.php", "")
    came["second device"].log_in("dos@example.com", "una clave 1")
    came["second device"].open("product_info.php?products_id=7")
    search.open("about.php")
    for agent in (GOOGLEBOT, "WhatsApp/2.24.20.89 A", "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)"):
        robot = lands(quiet, "index.php", "")
        robot.open("index.php?cPath=3", User_Agent=agent)
    stranger = quiet.stranger()
    stranger.open("index.php?utm_source=nadie")
    quiet.vitrina.settle()
    return came


def test_where_they_came_from(quiet: Site, people: dict[str, Person]) -> None:
    found = {(row["channel"], row["source"]): row for row in look(quiet, "sources")}
    for channel, source in {(channel, source) for _, _, channel, source in LANDINGS.values()}:
        assert (channel, source) in found
    assert "nadie" not in {row["source"] for row in found.values()}, "nothing is known of who did not agree"
    assert found["email", "boletin"]["campaign"] == "otono"
    assert found["campaign", "radio"]["content"] == "rojo"
    assert found["partner", "blog.example"]["engaged_percent"] == 100.0
    assert found["referral", "foro.example.org"]["engaged_percent"] == 0.0
    # The three robots' browsers landed once as people, and what they did as robots is nobody's.
    assert found["direct", "(direct)"]["sessions"] == 5


def test_two_devices_are_two_sessions_of_one_customer(quiet: Site, people: dict[str, Person]) -> None:
    customer = profile_id(people["search"])
    assert customer == profile_id(people["second device"])
    told = quiet.vitrina.command("clicks", "show", customer, "--timezone", "Europe/Madrid", *configured(quiet))
    assert told.startswith(f"{customer}: 2 sessions, ")
    assert "came from a search at google as a customer (desktop)" in told
    assert "came directly as a customer (desktop)" in told
    assert told.count("opened an account") == 1
    assert told.count("signed in") == 1


def test_a_journey_is_told(quiet: Site, people: dict[str, Person]) -> None:
    told = quiet.vitrina.command("clicks", "show", profile_id(people["partner"])[:10], *configured(quiet))
    assert "came from the partner blog.example, banner banner-top (desktop)" in told
    assert "opened /index.php?cPath=4" in told
    assert "into the cart" in told
    assert told.rstrip().endswith("still there")
    assert "how long is not known" in told.splitlines()[-2] + told.splitlines()[-3]


def test_dwell_is_until_the_next_page_and_unknown_after_the_last(quiet: Site, people: dict[str, Person]) -> None:
    rows = {row["page"]: row for row in look(quiet, "dwell")}
    about = rows["/about.php"]
    assert (about["views"], about["known"], about["median_s"]) == (2, 0, None)
    genre = rows["/index.php?cPath=4"]
    assert (genre["views"], genre["known"]) == (1, 1)
    assert genre["median_s"] >= PAUSE_S  # type: ignore[operator]


def test_the_funnel_and_the_paths(quiet: Site, people: dict[str, Person]) -> None:
    steps = {row["step"]: row["sessions"] for row in look(quiet, "funnel")}
    assert steps["product seen"] == 3
    assert (steps["into the cart"], steps["order"]) == (1, 0)
    first = look(quiet, "paths", "--steps", "2")[0]
    assert (first["path"], first["sessions"]) == ("/index.php", 7)


def test_forms_of_a_look(quiet: Site, people: dict[str, Person], tmp_path: Path) -> None:
    rows = list(csv.DictReader(quiet.vitrina.command("look", "funnel", "--csv", *configured(quiet)).splitlines()))
    assert [row["step"] for row in rows] == ["session", "product seen", "into the cart", "checkout", "order"]
    table = quiet.vitrina.command("look", "sources", "--top", "2", *configured(quiet)).splitlines()
    assert table[0].split()[:3] == ["channel", "source", "medium"]
    assert "more (--top" in table[3]
    pytest.importorskip("matplotlib", reason="charts need matplotlib (requirements/plot.txt)")
    for name in ("look.png", "look.svg"):
        quiet.vitrina.command("look", "sources", "--plot", str(tmp_path / name), *configured(quiet))
    assert (tmp_path / "look.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "look.svg").read_text()


def test_nothing_to_see(quiet: Site, people: dict[str, Person]) -> None:
    said = quiet.vitrina.command("clicks", "show", "nobody-of-that-name", *configured(quiet), expect=1)
    assert "nothing at hand of this visitor" in said
    assert "is no duration" in quiet.vitrina.command("look", "paths", "--since", "soon", *configured(quiet), expect=2)
    assert "is no time zone" in quiet.vitrina.command(
        "clicks", "show", "somebody", "--timezone", "Mars/Olympus", *configured(quiet), expect=2
    )


def test_a_program_that_passes_for_a_browser_is_told_by_what_it_does(quiet: Site, people: dict[str, Person]) -> None:
    client = "203.0.113.9"
    for number in range(80):  # two workers count, each for itself
        quiet.stranger().open(f"index.php?cPath=1&page={number}", X_Forwarded_For=client)
    own = [click for click in quiet.clicks() if (click.query or {}).get("page") or click.path == "/index.php"][-80:]
    assert [click.agent for click in own].count("bot") >= 80 - 2 * 30
    assert all(not click.profile for click in own)
    visitor = lands(quiet, "index.php", "")
    visitor.open("about.php", X_Forwarded_For=client)
    assert quiet.clicks_of(visitor)[-1].agent == "desktop", "who sends a cookie is a person"


def test_a_prefetch_counts_for_nobody(quiet: Site, people: dict[str, Person]) -> None:
    person = lands(quiet, "index.php", "")
    before = len(quiet.clicks_of(person))
    person.open("about.php", Sec_Purpose="prefetch;prerender")
    person.open("index.php?cPath=2")
    seen = quiet.clicks_of(person)
    assert [click.path for click in seen[before:]] == ["/index.php"]
    assert not any(click.events for click in quiet.clicks()[-2:-1])
