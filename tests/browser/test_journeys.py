"""Twenty people with known truths at two shops, in a real browser: exactly their sessions, profiles and erasures.

What is true is told by the browser (which pages it showed, when a tab was in front) and by the script, never by us.
"""

import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.browser.conftest import ARGUMENTS, USER_AGENT
from tests.browser.journeys import DIRECT, WAYS, Shop, Source, Visitor, Ways
from tests.browser.tabs import Chromium, running_chromium
from tests.fixtures.gramola import clicks_in, gramola, site_config
from tests.fixtures.installation import installation
from tests.integration.oscar.conftest import OscarShop
from tests.integration.oscar.conftest import shop as oscar_process
from tests.integration.vitrina.test_rights import eventually_nothing

__all__ = ["oscar_process"]
pytestmark = pytest.mark.timeout(900)
MORE = """
[sources]
partners = ["blog.example"]
[statistics]
beacon = true
"""
OSCAR = """workers = 1
[site]
origin = "http://127.0.0.1:PORT"
platform = "oscar"
mode = "live"
holdout = 0
budget = { profile_ms = 2000, decide_ms = 2000, rewrite_ms = 2000 }
[consent]
required = true
cookie = { name = "cookie_policy", contains = "prefs=1" }
"""
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
PRIVACY = "/_vitrina/privacy"
LANDINGS: dict[str, tuple[str, str, Source]] = {
    "partner": (
        "{home}?utm_content=banner-top",
        "https://www.blog.example/best",
        ("partner", "blog.example", "referral", "", "banner-top"),
    ),
    "search": ("{category}", "https://www.google.es/", ("search", "google", "organic", "", "")),
    "advert": ("{product}", "https://www.google.es/", ("paid_search", "google", "cpc", "", "")),
    "social": ("{home}?fbclid=IwAR0abcDEF", "https://l.facebook.com/", ("social", "facebook", "social", "", "")),
    "mail": (
        "{home}?utm_source=boletin&utm_medium=email&utm_campaign=otono",
        "",
        ("email", "boletin", "email", "otono", ""),
    ),
    "banner": (
        "{home}?utm_source=radio&utm_medium=banner&utm_content=rojo",
        "",
        ("campaign", "radio", "banner", "", "rojo"),
    ),
    "other": (
        "{home}",
        "https://foro.example.org/hilo/7",
        ("referral", "foro.example.org", "referral", "", ""),
    ),
    "direct": ("{home}", "", DIRECT),
}


def from_elsewhere(shop: Shop) -> None:
    """Eight who come from all over; two of them look further."""
    ways = shop.ways
    for name, (target, referrer, source) in LANDINGS.items():
        url = target.format(home=ways.home, category=ways.category, product=ways.products[0])
        if name == "advert":
            url += f"{'&' if '?' in url else '?'}gclid=EAIaIQobChMI"
        visitor = shop.comes(name, source).open(url, referrer)
        if name == "partner":
            visitor.open(ways.category).product(0).add()
        if name == "mail":
            visitor.search("campos").product(1)
        visitor.leaves()


def a_hidden_tab(shop: Shop) -> None:
    """One whose tab is behind another for a while, and who closes it: only what was in front counts."""
    visitor = shop.comes("hidden tab")
    before = time.monotonic()
    visitor.product(2)
    shown = time.monotonic()
    time.sleep(1.5)
    first = visitor.person._front
    hides = time.monotonic()
    other = visitor.person.new_tab()
    visitor.person._front = first
    visitor.person.show(other)
    hidden = time.monotonic()
    time.sleep(4.0)
    visitor.has_told(1)
    shows = time.monotonic()
    visitor.person.show(first)
    back = time.monotonic()
    time.sleep(1.0)
    leaves = time.monotonic()
    visitor.person.leave()
    left = time.monotonic()
    visitor.has_told(2)
    visitor.leaves()
    shop.in_front = ((hides - shown) + (leaves - back), (hidden - before) + (left - shows), left - before)


def two_tabs(shop: Shop) -> None:
    """One who opens a product in a second tab: one session."""
    visitor = shop.comes("two tabs").open(shop.ways.home)
    visitor.person.new_tab()
    visitor.product(0).leaves()


def customers(shop: Shop) -> None:
    """Two devices of one customer; a logout; a shared device; a wrong password."""
    home, category = shop.ways.home, shop.ways.category
    visitor = shop.comes("first device", ("search", "google", "organic", "", "")).open(home, "https://www.google.es/")
    visitor.register("dora@example.com", "Dora").product(0).leaves()
    visitor = shop.comes("second device").product(1)
    visitor.log_in("dora@example.com").open(category).leaves()

    visitor = shop.comes("signs out").open(home).register("luis@example.com", "Luis")
    shop.profiles["luis@example.com"] = visitor.person.cookies()["vitrina"].split(".")[2]
    visitor.log_out("after luis").open(category).leaves()

    visitor = shop.comes("shares").open(home).register("eva@example.com", "Eva").product(0)
    shop.profiles["eva@example.com"] = visitor.person.cookies()["vitrina"].split(".")[2]
    visitor.log_out("between").register("max@example.com", "Max").product(1).leaves()

    visitor = shop.comes("guesses").open(home).log_in("dora@example.com", password="not hers")
    visitor.open(category).leaves()


def nobodies(shop: Shop) -> None:
    """Who never agreed, who sends GPC, a crawler; and one whose browser fetches a page beforehand."""
    for person, has_agreed in (
        (shop.chromium.person(USER_AGENT), False),
        (shop.chromium.person(USER_AGENT, Sec_GPC="1"), True),
        (shop.chromium.person(GOOGLEBOT), True),
    ):
        visitor = Visitor(shop, person, "nobody", DIRECT)
        if has_agreed:
            visitor.agree()
        for path in (shop.ways.home, shop.ways.products[0]):
            person.open(shop.vitrina.url + path)
        assert visitor.leaves() is None
    visitor = shop.comes("prefetches").open(shop.ways.home)
    url = shop.vitrina.url + shop.ways.products[1]
    visitor.person.evaluate(
        f"const link = document.createElement('link'); link.rel = 'prefetch'; link.href = {json.dumps(url)};"
        "document.head.append(link)"
    )
    deadline = time.monotonic() + 60
    while "/" + url.partition("//")[2].partition("/")[2].partition("?")[0] not in {
        click.path for click in clicks_in(shop.vitrina.data) if click.profile is None and click.status == 200
    }:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    visitor.leaves()


def who_changes_their_mind(shop: Shop) -> None:
    """One withdraws in the shop's banner half-way, one erases on the privacy page; both go on looking."""
    visitor = shop.comes("refuses").open(shop.ways.home).search("quimera").product(0)
    shop.gone["refuses"] = {"id": visitor.person.cookies()["vitrina"].split(".")[2], "search": "quimera"}
    visitor.person.set_cookie(shop.vitrina.url, "cookie_policy", "prefs=0")
    for path in (shop.ways.home, shop.ways.products[1]):
        visitor.person.open(shop.vitrina.url + path)
    assert visitor.leaves() is None

    visitor = shop.comes("erases").open(shop.ways.home).search("basilisco").product(0)
    shop.gone["erases"] = {"id": visitor.person.cookies()["vitrina"].split(".")[2], "search": "basilisco"}
    visitor.person.open(shop.vitrina.url + PRIVACY)
    assert "basilisco" in visitor.person.text
    visitor.person.press("button.danger")
    assert "basilisco" not in visitor.person.text
    visitor.whose = "erased and back"
    visitor.source, visitor.went = DIRECT, None
    visitor.open(shop.ways.category).leaves()
    shop.sessions = [went for went in shop.sessions if went.whose not in shop.gone]


SCRIPT: tuple[Callable[[Shop], None], ...] = (
    from_elsewhere,
    a_hidden_tab,
    two_tabs,
    customers,
    nobodies,
    who_changes_their_mind,
)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    with running_chromium(path, ARGUMENTS, tmp_path_factory.mktemp("chromium")) as running:
        yield running


def _visited(ways: Ways, config: str, chromium: Chromium, folder: Path) -> Iterator[Shop]:
    with installation(folder, config) as running:
        shop = Shop(ways, running, chromium)
        for part in SCRIPT:
            part(shop)
        running.settle(60.0)
        yield shop


@pytest.fixture(scope="module", params=list(WAYS))
def shop(
    request: pytest.FixtureRequest, chromium: Chromium, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    """Everybody has come and gone."""
    folder = tmp_path_factory.mktemp("journeys")
    ways = WAYS[request.param]
    if request.param == "oscar":
        origin: OscarShop = request.getfixturevalue("oscar_process")
        yield from _visited(ways, OSCAR.replace("PORT", str(origin.port)) + MORE, chromium, folder)
    else:
        running: AbstractContextManager[int] = gramola()
        with running as port:
            yield from _visited(ways, site_config(port, head="workers = 1") + MORE, chromium, folder)


def test_where_they_came_from(shop: Shop) -> None:
    sessions = Counter(went.source for went in shop.sessions)
    people = Counter(source for source, _ in {(went.source, went.whose) for went in shop.sessions})
    names = ("channel", "source", "medium", "campaign", "content")
    found = {tuple(row[name] for name in names): row for row in shop.look("sources")}
    assert {source: row["sessions"] for source, row in found.items()} == sessions
    assert {source: row["visitors"] for source, row in found.items()} == people


def test_their_ways_through_the_shop(shop: Shop) -> None:
    found = {row["path"]: row["sessions"] for row in shop.look("paths", "--steps", "99")}
    assert found == Counter(went.path for went in shop.sessions)


def test_how_long_a_page_was_in_front(shop: Shop) -> None:
    least, most, open_for = shop.in_front
    [hidden] = [went.path for went in shop.sessions if went.whose == "hidden tab"]
    [row] = [row for row in shop.look("dwell") if row["page"] == hidden]
    assert (row["views"], row["known"]) == (1, 1)
    assert isinstance(row["median_s"], float)
    assert round(least, 1) - 0.1 <= row["median_s"] <= round(most, 1) + 0.1
    assert row["median_s"] < open_for - 3.9, "four seconds of it behind another tab"


def test_their_profiles(shop: Shop) -> None:
    ways = shop.ways
    lines = shop.vitrina.command("profile", "export", "--config", str(shop.vitrina.config)).splitlines()
    found = {profile["id"]: profile for profile in map(json.loads, lines) if "moved_to" not in profile}
    names = {profile: whose for whose, profile in shop.profiles.items()}
    assert {names.get(profile, f"unknown {profile}") for profile in found} == {
        *LANDINGS,
        *("hidden tab", "two tabs", "prefetches", "guesses", "after luis", "erased and back"),
        *("dora@example.com", "luis@example.com", "eva@example.com", "max@example.com"),
    }
    known = {whose: found[profile] for whose, profile in shop.profiles.items() if profile in found}
    expected_visits = Counter(went.whose for went in shop.sessions)
    for whose, profile in known.items():
        assert profile["visits"] == expected_visits[whose], whose
        pages = [page for went in shop.sessions if went.whose == whose for page in went.pages]
        assert profile["page_views"] == len(pages), whose
        assert profile.get("customer", False) is whose.endswith("@example.com")
    assert known["partner"]["cart"] == {ways.ids[0]: 1}
    assert known["mail"]["searches"] == ["campos"]
    dora, eva, largest = (known[f"{name}@example.com"] for name in ("dora", "eva", "max"))
    assert {ways.ids[0], ways.ids[1]} <= set(dora["products"])
    assert ways.ids[1] not in eva["products"]
    assert ways.ids[0] not in largest["products"], "nothing of who sat there before"
    assert dora["email"] == "dora@example.com"
    assert ways.ids[1] not in known["prefetches"].get("products", {})


def test_who_changed_their_mind_is_nowhere(shop: Shop) -> None:
    for kept in shop.gone.values():
        eventually_nothing(shop.vitrina.data, kept)


def test_a_customers_journey_is_told(shop: Shop) -> None:
    dora = shop.profiles["dora@example.com"]
    told = shop.vitrina.command("clicks", "show", dora, "--config", str(shop.vitrina.config))
    assert told.startswith(f"{dora}: 2 sessions, ")
    assert "came from a search at google as a customer (desktop)" in told
    assert "came directly as a customer (desktop)" in told
    assert told.count("opened an account") == 1
    assert told.count("signed in") == 1
    assert "looked at it for" in told, "the beacon"
