"""Whose page it is: nobody sees another's name, gets another's identity, or is made somebody by a link or a cookie."""

import asyncio
import itertools
import re
from urllib.parse import urlsplit

import pytest

from demo.shop.accounts import JOSE, MANAGER
from tests.fixtures.gramola import HIP_HOP, Person, Site, cookie_header, greeting, plain, profile_id, window
from tests.fixtures.page_browser import USER_AGENT, Browser, Shown
from visitors.cookie import Keyring, VisitorCookie, decode_cookie, encode_cookie
from vitrina.keys import load_keyring

PASSWORD = "una clave 1"
WELCOME = b"Bienvenido a La Gramola"
_GREETED = re.compile(rb"&#161;Hola, [^<]*")
_numbers = itertools.count()
_fresh = (f"index.php?language=y{number}" for number in itertools.count())


def customer(site: Site, name: str) -> tuple[Person, str]:
    """Somebody who registered under this name and is signed in; their e-mail address."""
    person, email = site.visitor(), f"person{next(_numbers)}@example.com"
    shown = person.register(email, PASSWORD, name)
    assert shown.path == "/create_account_success.php"
    return person, email


def is_greeted(shown: Shown) -> bool:
    """Whether the page greets anybody."""
    return _GREETED.search(shown.body) is not None


@pytest.mark.parametrize(
    "name", ["José", "Łukasz", "李", "<script>alert(1)</script>", 'O\'Neill & "Söhne"', "{last_name}", "A&amp;lt;"]
)
def test_a_name_is_right_and_harmless_on_a_latin_1_page(site: Site, name: str) -> None:
    person, _ = customer(site, name)
    site.vitrina.settle()
    shown = person.open(next(_fresh))
    found = _GREETED.search(shown.body)
    assert found is not None
    assert found[0].decode("ascii") == greeting(name)
    assert b"<script>alert" not in shown.body
    assert plain(shown.body.replace(found[0], WELCOME)) == plain(site.sent(person, shown.path))


def test_signed_in_people_in_turn_see_their_own_name_only(site: Site) -> None:
    names = ("Ana", "Bruno")
    people = {name: customer(site, name)[0] for name in names}
    people["Ana"].look_at(*HIP_HOP)
    site.vitrina.settle()
    for path in ("index.php?language=z1", "index.php?cPath=2", "product_info.php?products_id=9", "account.php"):
        for _ in range(2):
            for name, person in people.items():
                shown = person.open(path)
                assert [greeting(name)] == [found.decode() for found in _GREETED.findall(shown.body)]
                assert shown.headers["Cache-Control"] == "private, no-store"
    assert profile_id(people["Ana"]) != profile_id(people["Bruno"])
    assert window(people["Ana"].open(next(_fresh)).body) != window(people["Bruno"].open(next(_fresh)).body)


async def test_twenty_people_at_once_over_kept_connections(site: Site) -> None:
    names = [f"Visita{'abcdefghijklmnopqrst'[number]}" for number in range(20)]
    people = {name: (await asyncio.to_thread(customer, site, name))[0] for name in names}
    await asyncio.to_thread(site.vitrina.settle)
    host, port = urlsplit(site.vitrina.url).netloc, site.vitrina.port
    # Four connections, each used by five people in turn: as behind a balancer that pools its connections.
    shared = [names[place::4] for place in range(4)]

    async def browse(group: list[str]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            for number in range(25):
                name = group[number % len(group)]
                path = ("/index.php", "/index.php?cPath=3", "/product_info.php?products_id=8")[number % 3]
                body = await _ask(reader, writer, host, path, people[name])
                assert [found.decode() for found in _GREETED.findall(body)] == [greeting(name)]
                assert [other for other in names if other.encode() in body] == [name]
        finally:
            writer.close()
            await writer.wait_closed()

    await asyncio.gather(*(browse(group) for group in shared))


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, path: str, person: Person
) -> bytes:
    fields = (
        f"Host: {host}",
        f"User-Agent: {USER_AGENT}",
        "Accept: text/html",
        f"Cookie: {cookie_header(person.cookies)}",
    )
    writer.write("\r\n".join((f"GET {path} HTTP/1.1", *fields, "", "")).encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    length = re.search(rb"(?i)content-length: (\d+)", head)
    assert length is not None, head
    return await reader.readexactly(int(length[1]))


def test_nothing_of_one_signed_in_page_is_in_anothers(site: Site) -> None:
    """Final bytes: what the shop wrote for one customer (name, address, token, session) reaches no other page."""
    private: dict[str, set[bytes]] = {}
    pages: list[tuple[str, bytes]] = []
    people = {name: customer(site, name)[0] for name in ("Wenceslao", "Yolanda", "Zacarías")}
    for name, person in people.items():
        person.look_at("5")
        person.submit("product_info.php?products_id=5&action=add_product")
        token = person.open("product_info.php?products_id=5").form("products_id=5&action=add_product").fields["formid"]
        private[name] = {token.encode(), person.cookies["osCsid"].encode(), name.encode("latin-1")}
    site.vitrina.settle()
    for path in (
        "index.php",
        "account.php",
        "shopping_cart.php",
        "checkout_shipping.php",
        "product_info.php?products_id=5",
    ):
        pages += [(name, person.open(path).body) for name, person in people.items() for _ in range(3)]
    for name, body in pages:
        for other, secrets in private.items():
            assert other == name or not any(secret in body for secret in secrets), (name, other)


def test_only_an_accepted_login_of_this_session_gives_the_name(site: Site) -> None:
    _, email = customer(site, "Greta")
    other = site.visitor()
    assert other.log_in(email, "una clave mala").status == 200
    site.vitrina.settle()
    assert not is_greeted(other.open(next(_fresh)))
    assert other.log_in(email, PASSWORD).path == "/index.php"
    site.vitrina.settle()
    assert greeting("Greta").encode() in other.open(next(_fresh)).body
    gone = other.open("logoff.php")
    assert not is_greeted(gone)
    assert not is_greeted(other.open(next(_fresh)))


def test_the_admins_login_is_no_customers(site: Site) -> None:
    person = site.visitor()
    person.open("admin/login.php")
    person.open("admin/login.php")
    shown = person.submit("login.php?action=process", username=MANAGER.username, password=MANAGER.password)
    assert shown.path == "/admin/orders.php"
    before = profile_id(person)
    site.vitrina.settle()
    assert not is_greeted(person.open(next(_fresh)))
    assert profile_id(person) == before
    assert not any(event.name == "login" for click in site.clicks_of(person) for event in click.events)


def test_a_session_put_into_a_link_makes_nobody_the_customer(site: Site) -> None:
    """Login fixation: the attacker's session id in a link, the victim signs in, the attacker stays a stranger."""
    attacker = site.visitor()
    session = attacker.cookies["osCsid"]
    victim = Person(site.vitrina.url + "/", ("osCsid",), {"cookie_policy": "prefs=1"})
    victim.open(f"login.php?osCsid={session}")
    _, email = customer(site, "Octavia")
    victim.submit("login.php?action=process" + f"&osCsid={session}", email_address=email, password=PASSWORD)
    site.vitrina.settle()
    assert greeting("Octavia").encode() in victim.open(next(_fresh)).body
    assert not is_greeted(attacker.open(next(_fresh)))
    assert not is_greeted(attacker.open(f"index.php?osCsid={session}"))
    assert profile_id(attacker) != profile_id(victim)


def test_a_copied_swapped_or_forged_cookie_is_a_strangers(site: Site) -> None:
    owner, _ = customer(site, "Ramona")
    owner.look_at(*HIP_HOP)
    other, _ = customer(site, "Silvio")
    site.vitrina.settle()
    keyring = load_keyring(site.vitrina.data / "keys")
    stolen = owner.cookies["vitrina"]
    known = decode_cookie(keyring, stolen)
    assert known is not None
    assert known.customer
    strange = encode_cookie(
        Keyring((("1", b"another installation's key, 32 b."),)),
        VisitorCookie(known.profile, True, known.seen, known.seen, "x" * 24),
    )
    parts = stolen.split(".")
    for name, cookie, session in (
        ("copied, without the session", stolen, None),
        ("copied, with another's session", stolen, other.cookies["osCsid"]),
        ("of another key", strange, owner.cookies["osCsid"]),
        ("profile exchanged", ".".join([*parts[:2], profile_id(other), *parts[3:]]), owner.cookies["osCsid"]),
        ("customer made of a visitor", stolen.replace(".c.", ".a.", 1), owner.cookies["osCsid"]),
        ("cut", stolen[:-1], owner.cookies["osCsid"]),
        ("empty", "", owner.cookies["osCsid"]),
        ("bytes", "\xff\xfe" * 20, owner.cookies["osCsid"]),
    ):
        thief = Browser(site.vitrina.url + "/", ("osCsid",), {"cookie_policy": "prefs=1"})
        thief.cookies |= {"vitrina": cookie, **({"osCsid": session} if session else {})}
        shown = thief.open(next(_fresh))
        assert shown.status == 200
        assert not is_greeted(shown), name
        assert profile_id(thief) not in (profile_id(owner), profile_id(other)), name
    assert greeting("Ramona").encode() in owner.open(next(_fresh)).body


def test_a_cookie_from_before_the_logout_opens_nothing(site: Site) -> None:
    person, email = customer(site, "Tomasa")
    before = dict(person.cookies)
    person.open("logoff.php")
    again = Browser(site.vitrina.url + "/", ("osCsid",), {**person.cookies, "vitrina": before["vitrina"]})
    assert not is_greeted(again.open(next(_fresh)))
    replayed = site.visitor()
    replayed.log_in(email, PASSWORD)
    replayed.cookies["vitrina"] = before["vitrina"]
    assert not is_greeted(replayed.open(next(_fresh))), "bound to the session of another login"


def test_text_that_looks_like_a_login_is_not_one(site: Site) -> None:
    person = site.visitor()
    person.open(f"contact_us.php?email_address={JOSE.email_address}&firstname=Mallory")
    person.submit("contact_us.php?action=send", name="Mallory", email=JOSE.email_address, enquiry="Hola, Mallory")
    person.open("login.php?action=process&email_address=jose%40example.com&password=gramola")
    site.vitrina.settle()
    shown = person.open(next(_fresh))
    assert not is_greeted(shown)
    assert b"Mallory" not in shown.body
