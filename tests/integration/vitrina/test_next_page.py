"""This click changes the next page; who gets the origin's own bytes; what a click on what we moved is called."""

import itertools
from pathlib import Path

import pytest

from clicks.click import Click, Event
from tests.fixtures.gramola import HIP_HOP, Person, Site, profile_id, site_config, window
from tests.fixtures.installation import installation
from tests.fixtures.processes import named, stopped, wait_until
from tests.integration.vitrina.conftest import SECRET

OFFER = b'<p class="aviso"><a href="specials.php">Vuelva: VUELVE10</a></p>'
_fresh = (f"index.php?language=x{number}" for number in itertools.count())


def event(clicks: list[Click], name: str) -> Event:
    """The one event of that name."""
    (found,) = [event for click in clicks for event in click.events if event.name == name]
    return found


def first_records(person: Person, count: int = 3) -> list[str]:
    """What stands first in the window of a home page this person has not seen yet."""
    return window(person.open(next(_fresh)).body)[:count]


def test_a_stranger_gets_the_origins_bytes_and_no_cookie(site: Site) -> None:
    person = site.stranger()
    person.open("index.php")
    for path in ("", "index.php?cPath=3", "product_info.php?products_id=5", "advanced_search_result.php?keywords=luna"):
        shown = person.open(path)
        assert site.is_sent(person, shown), path
        assert shown.headers["Cache-Control"] == "no-store, no-cache, must-revalidate, post-check=0, pre-check=0"
        assert "Server-Timing" not in shown.headers
    assert set(person.cookies) == {"osCsid"}


def test_a_click_before_consent_says_nothing_of_the_person(site: Site) -> None:
    person = site.stranger()
    person.open("index.php")
    before = len(site.clicks())
    person.open("about.php?utm_source=letter&keywords=secret")
    person.open("product_info.php?products_id=31")
    site.vitrina.settle()
    about, product = site.clicks()[before:]
    for click in (about, product):
        assert (click.profile, click.session, click.query, click.campaign) == (None, None, None, None)
        assert "/" not in click.referrer
    assert (product.kind, product.product) == ("product", "31")


@pytest.mark.parametrize("follow_a_link", [False, True])
def test_this_click_changes_the_next_page(site: Site, follow_a_link: bool) -> None:
    person = site.visitor()
    shops_own = window(person.open("index.php").body)
    assert shops_own[0] not in HIP_HOP
    person.look_at(*HIP_HOP)
    site.vitrina.settle()
    shown = person.open("index.php" if follow_a_link else next(_fresh))
    changed = window(shown.body)
    assert changed[:3] != shops_own[:3]
    assert set(changed[:3]) <= {record for record in shops_own if is_hip_hop(record)}
    assert sorted(changed) == sorted(shops_own)
    assert shown.headers["Cache-Control"] == "private, no-store"
    (last,) = site.clicks_of(person)[-1:]
    assert {reason.experience: reason.code for reason in last.reasons}["escaparate"] == "TARGETING_MATCH"
    assert last.moved > 0


def is_hip_hop(record: str) -> bool:
    """The shop's hip hop records are its first twelve."""
    return int(record) <= 12


def test_with_the_worker_stopped_it_does_not_change(site: Site) -> None:
    person = site.visitor()
    shops_own = first_records(person)
    (work,) = named(site.vitrina.process.pid, "vitrina.processes work")
    with stopped(work):
        person.look_at(*HIP_HOP)
        for _ in range(3):
            assert first_records(person) == shops_own
    site.vitrina.settle()
    wait_until(lambda: first_records(person) != shops_own)


def test_back_finds_the_page_as_it_was(site: Site) -> None:
    person = site.visitor()
    before = window(person.open("index.php").body)
    person.look_at(*HIP_HOP)
    site.vitrina.settle()
    again = person.open("index.php", Referer=site.vitrina.url + "/privacy.php")
    assert window(again.body) == before


def test_a_click_on_a_moved_record_and_on_the_offer_is_an_event(site: Site) -> None:
    person = site.visitor()
    person.look_at(*HIP_HOP, "8", "9")
    site.vitrina.settle()
    shown = person.open(next(_fresh))
    assert shown.body.count(OFFER) == 1
    place, record = next((place, r) for place, r in enumerate(window(shown.body), 1) if is_hip_hop(r))
    site.vitrina.settle()
    person.look_at(record)
    person.open("specials.php", Referer=shown.url)
    site.vitrina.settle()
    clicks = site.clicks_of(person)
    assert any(e.name == "view_promotion" and e.data["experience"] == "vuelve" for c in clicks for e in c.events)
    item = event(clicks[-2:], "select_item")
    wanted = {"product": record, "list": "window", "position": place, "moved": True, "variant": "personalised"}
    assert {name: item.data[name] for name in wanted} == wanted
    promotion = {"experience": "vuelve", "placement": "banner", "position": "before", "variant": "personalised"}
    assert event(clicks, "select_promotion").data == promotion


def test_what_the_visitor_sorted_searched_or_paged_stays(site: Site) -> None:
    person = site.visitor()
    person.look_at(*HIP_HOP)
    site.vitrina.settle()
    for path in ("index.php?cPath=1&sort=2a", "index.php?cPath=1&page=2", "advanced_search_result.php?keywords=de"):
        assert site.is_sent(person, person.open(path)), path


def test_server_timing_is_for_the_operators_secret(site: Site) -> None:
    person = site.visitor()
    assert person.open("index.php", Vitrina_Debug=SECRET).headers["Server-Timing"].startswith("vitrina;dur=")
    assert "Server-Timing" not in person.open("index.php", Vitrina_Debug=SECRET + "x").headers
    assert "Server-Timing" not in person.open("index.php").headers


def test_the_control_group_gets_the_origins_bytes(shop_port: int, tmp_path: Path) -> None:
    with installation(tmp_path, site_config(shop_port, holdout=100, head="workers = 1")) as running:
        site = Site(running, shop_port)
        person = site.visitor()
        person.look_at(*HIP_HOP, "8", "9")
        person.register("control@example.com", "una clave 1", "Control")
        running.settle()
        for path in ("index.php?language=x1", "index.php", "product_info.php?products_id=5"):
            assert site.is_sent(person, person.open(path)), path
        running.settle()
        clicks = [click for click in site.clicks() if click.profile == profile_id(person)]
        reasons = {reason.code for click in clicks for reason in click.reasons}
        assert "HOLDOUT" in reasons
        assert "TARGETING_MATCH" not in reasons
        assert {click.variant for click in clicks} <= {"holdout", ""}
        assert running.totals()["holdout"] > 0
