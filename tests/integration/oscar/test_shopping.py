"""A real shop nobody here wrote, with Vitrina in front: its customers browse, sign in and order, as ever."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
import redis

from clicks.click import Click, Event
from storage.embedded import EmbeddedValkey
from storage.following import SpoolFollower
from tests.fixtures.page_browser import Browser, Shown
from tests.integration.oscar.conftest import BREAD, OFFER, Site, books

MASA_MADRE = "/catalogue/masa-madre-hardback_9/"
BREADS = ["9", "10", "11", "12"]
JOSE = "Hola, Jos&#233;"


def clicks_of(site: Site) -> list[Click]:
    return SpoolFollower(site.vitrina.data / "spool", from_start=True).poll()


def events(clicks: Sequence[Click], *names: str) -> list[Event]:
    return [event for click in clicks for event in click.events if event.name in names]


def test_a_stranger_gets_the_shop_as_it_is(site: Site) -> None:
    for path in (
        "/",
        "/catalogue/",
        "/catalogue/?page=2",
        "/catalogue/?sort_by=price-asc",
        BREAD,
        MASA_MADRE,
        "/search/?q=pan",
        "/basket/",
        "/accounts/login/",
        "/offers/",
    ):
        shown = site.browser().open(path)
        assert (shown.status, shown.body) == (200, site.shop.sent(shown)), path
    missing = site.browser().open("/catalogue/nothing_999/")
    assert (missing.status, missing.body) == (404, site.shop.sent(missing))


@pytest.mark.parametrize("path", ["/static/oscar/css/styles.css", "/static/oscar/favicon.ico", "/static/none.css"])
def test_files_pass_and_carry_no_cookie(site: Site, path: str) -> None:
    direct = Browser(f"http://127.0.0.1:{site.shop.port}").fetch(path)
    through = site.browser().fetch(path)
    assert (through.status, through.body) == (direct.status, direct.body)
    assert "vitrina" not in str(through.headers.get_all("Set-Cookie"))
    assert through.headers["Last-Modified"] == direct.headers["Last-Modified"]


def test_a_range_of_a_file_passes(site: Site) -> None:
    through = site.browser().fetch("/static/oscar/css/styles.css", If_Modified_Since="Fri, 01 Jan 2100 00:00:00 GMT")
    assert (through.status, through.body) == (304, b"")


def test_what_is_looked_at_moves_up(site: Site) -> None:
    browser = site.browser()
    before = books(browser.open("/catalogue/").body)
    assert before[:2] == ["1", "2"]
    browser.open(BREAD)
    browser.open(MASA_MADRE)
    site.vitrina.settle()

    shown = browser.open("/catalogue/")
    assert site.shop.changes(shown, OFFER)
    after = books(shown.body)
    # 10, 11 and 12 were never opened: they are bread as well.
    assert after[:4] == BREADS
    assert after[4:] == [book for book in before if book not in BREADS]
    assert shown.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in shown.headers

    for path in ("/catalogue/?page=2", "/catalogue/?sort_by=title-desc"):
        arranged = browser.open(path)
        assert not site.shop.changes(arranged, OFFER), "what a visitor arranged stays"
    found = browser.open("/search/?q=hardback")
    assert len(books(found.body)) > 4
    assert found.body == site.shop.sent(found), "search results keep their order"


def test_a_click_on_a_moved_book_and_on_the_offer_is_an_event(site: Site) -> None:
    browser = site.browser()
    browser.open(BREAD)
    browser.open(MASA_MADRE)
    site.vitrina.settle()
    shown = browser.open("/catalogue/")
    place = books(shown.body).index("10") + 1
    site.vitrina.settle()
    seen = len(clicks_of(site))
    browser.open("/catalogue/rye-and-salt-hardback_10/")
    site.vitrina.settle()
    new = clicks_of(site)[seen:]
    (item,) = [event for event in events(new, "select_item") if event.data["list"] == "books"]
    assert (item.data["product"], item.data["position"], item.data["moved"]) == ("10", place, True)
    assert item.data["variant"] == "personalised"
    (promotion,) = events(new, "select_promotion")
    assert promotion.data["experience"] == "bread"


def test_from_the_first_visit_to_an_order(site: Site) -> None:
    email, password = "jose.garcia@example.org", "correct horse 77"
    browser = site.browser()
    start = len(clicks_of(site))
    browser.open(BREAD)
    registered = site.register(browser, email, password)
    assert registered.redirects, "signed in and led away"
    logged_out = browser.open("/accounts/logout/")
    assert JOSE not in logged_out.text

    refused = site.log_in(browser, email, "not the password 1")
    assert refused.status == 200
    assert "login_form" in refused.text
    accepted = site.log_in(browser, email, password)
    assert accepted.redirects
    assert "logout_link" in accepted.text

    browser.open(MASA_MADRE)
    added = browser.submit("add_to_basket_form", quantity="2")
    assert added.redirects
    addressed = site.address(browser, "José")
    assert addressed.path == "/checkout/payment-details/"
    browser.open(BREAD)
    site.vitrina.settle()
    catalogue = browser.open("/catalogue/")
    assert site.shop.changes(catalogue, JOSE, OFFER)
    assert books(catalogue.body)[:4] == BREADS

    browser.open("/checkout/payment-details/")
    preview = browser.open("/checkout/preview/")
    assert preview.body == site.shop.sent(preview), "never read, so never written"
    thanks = browser.submit("place_order_form", card_number="4111111111111111")
    assert thanks.path == "/checkout/thank-you/"
    assert not site.shop.changes(thanks, JOSE)
    number = thanks.text.split("your order number is")[1].split("<strong>")[1].split("</strong>")[0]
    site.vitrina.settle()

    made = clicks_of(site)[start:]
    counted = Counter(event.name for event in events(made, "login", "register", "logout", "add_to_cart", "purchase"))
    assert counted == {"register": 1, "login": 1, "logout": 1, "add_to_cart": 1, "purchase": 1}
    (added_event,) = events(made, "add_to_cart")
    assert added_event.data == {"product": "9", "quantity": 2}
    (purchase,) = events(made, "purchase")
    # Two at 7 + 12 + 9/4 pounds.
    assert (purchase.data["id"], purchase.data["value_cents"], purchase.data["items"]) == (number, 4250, ("9",))
    assert [event.data.get("first_name") for event in events(made, "begin_checkout") if event.data] == ["José"]
    customer = {click.profile for click in made if events([click], "login", "register", "purchase")}
    assert len(customer) == 1, "one customer from the registration to the order"
    assert all(click.customer for click in made if events([click], "purchase"))

    again = browser.open("/catalogue/")
    assert site.shop.changes(again, JOSE, OFFER)
    gone = browser.open("/accounts/logout/")
    assert "Jos" not in gone.text
    stranger = browser.open("/catalogue/")
    assert stranger.body == site.shop.sent(stranger), "after the logout nobody is known"
    for page in (JOSE, OFFER):
        assert page not in stranger.text


def test_a_customer_comes_back_in_another_browser(site: Site) -> None:
    email, password = "lukasz@example.org", "correct battery 78"
    first = site.browser()
    site.register(first, email, password)
    first.open(MASA_MADRE)
    first.submit("add_to_basket_form")
    site.address(first, "Łukasz <b>")
    site.vitrina.settle()
    greeting = "Hola, &#321;ukasz &#60;b&#62;"
    assert greeting in first.open("/catalogue/").text

    other = site.browser()
    other.open("/catalogue/category/travel_2/")
    assert greeting not in other.open("/catalogue/").text
    assert site.log_in(other, email, "wrong password 2").status == 200
    assert greeting not in other.open("/catalogue/").text
    site.log_in(other, email, password)
    site.vitrina.settle()
    assert greeting in other.open("/catalogue/").text


def test_the_name_goes_with_the_shops_own_session(site: Site) -> None:
    email, password = "gone@example.org", "correct staple 79"
    browser = site.browser()
    site.register(browser, email, password)
    browser.open(MASA_MADRE)
    browser.submit("add_to_basket_form")
    site.address(browser, "José")
    site.vitrina.settle()
    assert JOSE in browser.open("/catalogue/").text
    taken = dict(browser.cookies)
    del browser.cookies["sessionid"]
    assert JOSE not in browser.open("/catalogue/").text
    thief = site.browser()
    thief.cookies["vitrina"] = taken["vitrina"]
    assert JOSE not in thief.open("/catalogue/").text


def test_two_browsers_in_turn_never_see_each_other(site: Site) -> None:
    people = {"Ana": site.browser(), "李": site.browser()}
    greetings = {"Ana": "Hola, Ana", "李": "Hola, &#26446;"}
    for number, (name, browser) in enumerate(people.items()):
        site.register(browser, f"person{number}@example.org", f"correct {name} 8{number}")
        browser.open(MASA_MADRE if name == "Ana" else "/catalogue/per-terra-i-mar-hardback_6/")
        browser.submit("add_to_basket_form")
        site.address(browser, name)
    site.vitrina.settle()
    shown: list[tuple[str, Shown]] = []
    for path in ("/catalogue/", BREAD, MASA_MADRE, "/catalogue/", "/basket/", "/search/?q=pan", "/accounts/"):
        shown += [(name, browser.open(path)) for name, browser in people.items()]
    for name, page in shown:
        own, other = greetings[name], next(text for who, text in greetings.items() if who != name)
        assert own in page.text, (name, page.path)
        assert other not in page.text, (name, page.path)
        site.shop.changes(page, own, *((OFFER,) if OFFER in page.text else ()))
    assert books(shown[0][1].body)[:4] == BREADS
    assert books(shown[1][1].body)[:4] == ["5", "6", "7", "8"] or books(shown[1][1].body)[0] == "6"
    cookies = [browser.cookies["vitrina"] for browser in people.values()]
    assert cookies[0] != cookies[1]
    profiles = [click.profile for click in clicks_of(site) if click.customer]
    assert len(set(profiles)) >= 2


def test_switched_off_it_is_the_shop(site: Site) -> None:
    browser = site.browser()
    browser.open(MASA_MADRE)
    site.vitrina.settle()
    assert site.shop.changes(browser.open("/catalogue/"), OFFER)
    config = ("--config", str(site.vitrina.config))
    site.vitrina.command("off", *config)
    try:
        shown = browser.open("/catalogue/")
        assert shown.body == site.shop.sent(shown)
    finally:
        site.vitrina.command("on", *config)
    assert site.shop.changes(browser.open("/catalogue/"), OFFER)


def test_every_request_was_a_click(site: Site) -> None:
    browser = site.browser()
    site.vitrina.settle()
    before = len(clicks_of(site))
    asked = ["/catalogue/", "/static/oscar/css/styles.css", "/none/", "/search/?q=masa&utm_source=mail", "/basket/"]
    for path in asked:
        browser.open(path) if "static" not in path else browser.fetch(path)
    site.vitrina.settle()
    clicks = clicks_of(site)[before:]
    assert [click.path for click in clicks] == [path.partition("?")[0] for path in asked]
    assert [click.status for click in clicks] == [200, 200, 404, 200, 200]
    assert [click.kind for click in clicks] == ["home", "other", "other", "search", "cart"]
    assert clicks[3].query == {"q": "masa"}
    assert clicks[3].campaign == {"utm_source": "mail"}
    totals = site.vitrina.totals()
    assert totals["clicks_lost"] == totals["fail_open"] == totals["fold_errors"] == 0


def test_nothing_secret_is_kept(site: Site, tmp_path: Path) -> None:
    """What people typed into the shop, and the ids of their sessions, are in no file and no key of ours."""

    searcher = site.browser()
    searcher.open("/search/?q=typed.by.mistake%40example.org")
    searcher.open("/search/?q=4111+1111+1111+1111")
    site.addresses.add("typed.by.mistake@example.org")
    site.vitrina.settle()
    secrets = {*site.secrets, "4111111111111111", "4111 1111 1111 1111", "4111+1111"}
    secrets |= {value for browser in site.browsers for value in browser.secrets}
    assert len(secrets) > 12
    addresses = {form for email in site.addresses for form in (email, email.replace("@", "%40"))}

    files = {path: path.read_bytes() for path in site.vitrina.data.rglob("*") if path.is_file()}
    files[site.vitrina.config.parent / "serve.log"] = (site.vitrina.config.parent / "serve.log").read_bytes()
    client = redis.Redis(unix_socket_path=str(EmbeddedValkey(site.vitrina.data).socket_path))
    try:
        keys = sorted(client.scan_iter(count=1000))
        dumped = {key: _content(client, key) for key in keys}
    finally:
        client.close()
    assert any(b"clicks" in key for key in keys)
    assert any("José".encode() in content for key, content in dumped.items() if b"profile" in key)
    found = [
        (secret, str(where))
        for secret in secrets
        for where, content in [*files.items(), *dumped.items()]
        if secret.encode() in content
    ]
    assert found == []
    # Of an e-mail address only its owner's profile knows, and so does the server's own file of what it holds.
    found = [
        (email, str(where))
        for email in addresses
        for where, content in [*files.items(), *dumped.items()]
        if email.encode() in content and not _may_know(where)
    ]
    assert found == []


def _may_know(where: Path | bytes) -> bool:
    return b"profile" in where if isinstance(where, bytes) else "valkey" in where.parts


def _content(client: redis.Redis, key: bytes) -> bytes:
    match client.type(key):
        case b"stream":
            return b"\n".join(part for _, entry in client.xrange(key) for pair in entry.items() for part in pair)
        case b"hash":
            return b"\n".join(part for pair in client.hgetall(key).items() for part in pair)
        case b"zset":
            return b"\n".join(client.zrange(key, 0, -1))
        case b"set":
            return b"\n".join(client.smembers(key))
        case _:
            return client.get(key) or b""
