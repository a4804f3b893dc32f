"""What people type into the shop is nowhere in what Vitrina keeps: files, keys, streams, logs; in no encoding."""

import base64
import http.client
from collections.abc import Iterable, Iterator
from urllib.parse import quote

import pytest
import redis

from storage.embedded import EmbeddedValkey
from tests.fixtures.gramola import Person, Site, site_config
from tests.fixtures.installation import installation

EMAIL = "Canaria.Amarilla@correo.example"
OTHER_EMAIL = "boletin.canario@correo.example"
TYPED_IN_SEARCH = "perdida.canaria@correo.example"
PASSWORD = "jilguero-Verde-93"
WRONG_PASSWORD = "jilguero-Rojo-94"
CARD = "4111 1111 1111 1111"
CARD_DIGITS = "4929123456789015"
CVV_OWNER = "Titular Canario Secreto"
COMMENT = "déjelo con la portera canaria"
STREET = "Calle del Canario Mudo, 13"
LINK_SESSION = "c0ffee0c0ffee0c0ffee0c0ffee0c0ff"
RESET_TOKEN = "Zk3vQ9xR7tLm2WpY8sDf5GhJ"


def spellings(secret: str) -> set[bytes]:
    """The secret as it could stand somewhere: plain, lower case, percent-encoded, as a form, in base64, in hex."""
    found: set[bytes] = set()
    for text in {
        secret,
        secret.lower(),
        secret.replace(" ", ""),
        secret.replace(" ", "+"),
        quote(secret),
        quote(secret, ""),
    }:
        for charset in ("utf-8", "latin-1"):
            raw = text.encode(charset)
            found |= {raw, raw.hex().encode()}
            # In base64 a text looks different at each of three offsets; the ends depend on what stands beside it.
            for offset in range(3):
                encoded = base64.b64encode(b"\0" * offset + raw)[offset + 1 : -4]
                found |= {encoded, encoded.translate(bytes.maketrans(b"+/", b"-_"))}
    return {form for form in found if len(form) >= 8}


@pytest.fixture(scope="module")
def visited(shop_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, dict[str, str]]]:
    """A shop where somebody has typed all there is to type, and what must not be found."""
    config = site_config(shop_port) + '[log]\naccess = "json"\n'
    with installation(tmp_path_factory.mktemp("canary"), config) as running:
        site = Site(running, shop_port)
        secrets = _everything_typed(site)
        running.settle()
        yield site, secrets


def _everything_typed(site: Site) -> dict[str, str]:
    person = site.visitor()
    assert person.register(EMAIL, PASSWORD, "Piolín", "Canario").path == "/create_account_success.php"
    person.open("logoff.php")
    assert person.log_in(EMAIL, WRONG_PASSWORD).status == 200
    assert person.log_in(EMAIL, PASSWORD).path == "/index.php"
    person.open("index.php")
    person.submit("newsletter.php?action=process", email_address=OTHER_EMAIL)
    for typed in (TYPED_IN_SEARCH, CARD, CARD_DIGITS):
        person.open(f"advanced_search_result.php?keywords={quote(typed)}")
    person.open(f"index.php?email={quote(EMAIL)}&utm_source={quote(EMAIL)}&utm_campaign={RESET_TOKEN}")
    person.open(f"password_reset.php?key={RESET_TOKEN}")
    person.open(f"index.php/{quote(EMAIL)}/{RESET_TOKEN}")
    person.open("password_forgotten.php")
    person.submit("password_forgotten.php?action=process", email_address=EMAIL)
    person.open("contact_us.php")
    person.submit("contact_us.php?action=send", name="Piolín", email=OTHER_EMAIL, enquiry=COMMENT)
    _order(person)
    stranger = site.stranger()
    stranger.open(f"product_info.php?products_id=5&osCsid={LINK_SESSION}")
    stranger.open(f"about.php;jsessionid={LINK_SESSION}?PHPSESSID={LINK_SESSION}&sid={LINK_SESSION}")
    stranger.open("index.php", Referer=f"https://mail.example/inbox/{quote(EMAIL)}?token={RESET_TOKEN}")
    person.open("index.php", Referer=f"{site.vitrina.url}/account.php?osCsid={LINK_SESSION}&q={quote(EMAIL)}")
    person.open("index.php", Authorization="Basic " + base64.b64encode(f"user:{PASSWORD}".encode()).decode())
    _broken_requests(site, person)
    secrets = {
        "e-mail": EMAIL,
        "newsletter e-mail": OTHER_EMAIL,
        "e-mail typed into the search": TYPED_IN_SEARCH,
        "password": PASSWORD,
        "wrong password": WRONG_PASSWORD,
        "card": CARD,
        "card digits": CARD_DIGITS,
        "card's owner": CVV_OWNER,
        "comment": COMMENT,
        "street": STREET,
        "session of a link": LINK_SESSION,
        "token of a link": RESET_TOKEN,
    }
    sessions = {value for browser in (person, stranger) for value in browser.secrets}
    assert len(sessions) >= 4
    return secrets | {f"session {number}": value for number, value in enumerate(sorted(sessions))}


def _order(person: Person) -> None:
    person.look_at("5")
    person.submit("product_info.php?products_id=5&action=add_product")
    person.open("checkout_shipping.php")
    person.submit(
        "checkout_shipping.php?action=process",
        firstname="Piolín",
        lastname="Canario",
        street_address=STREET,
        postcode="28012",
        city="Madrid",
        shipping="correos",
    )
    assert person.page is not None
    assert person.page.path == "/checkout_payment.php"
    card = {
        "cc_owner": CVV_OWNER,
        "cc_number": CARD,
        "cc_cvv": "737",
        "cc_expires_month": "01",
        "cc_expires_year": "30",
    }
    person.submit("checkout_payment.php?action=process", payment="cc", comments=COMMENT, **card)
    assert person.page.path == "/checkout_confirmation.php"
    assert person.submit("checkout_process.php").path == "/checkout_success.php"


def _broken_requests(site: Site, person: Person) -> None:
    """Secrets in requests that are refused, cut off, or answered with an error."""
    for target in (
        f"/{quote(PASSWORD)}{'x' * 20_000}",
        f"/index.php?keywords={quote(EMAIL)}%zz&password={quote(PASSWORD)}",
    ):
        connection = http.client.HTTPConnection("127.0.0.1", site.vitrina.port, timeout=10)
        connection.request("GET", target, headers={"Cookie": f"osCsid={person.cookies['osCsid']}"})
        assert connection.getresponse().status in (200, 414)
        connection.close()
    connection = http.client.HTTPConnection("127.0.0.1", site.vitrina.port, timeout=10)
    connection.putrequest("POST", "/login.php?action=process")
    connection.putheader("Content-Length", "5000")
    connection.putheader("Content-Type", "application/x-www-form-urlencoded")
    connection.endheaders()
    connection.send(f"email_address={quote(EMAIL)}&password={quote(PASSWORD)}".encode())
    connection.close()


def test_nothing_secret_is_in_any_file(visited: tuple[Site, dict[str, str]]) -> None:
    site, secrets = visited
    files = {path: path.read_bytes() for path in site.vitrina.data.rglob("*") if path.is_file()}
    folders = {path.relative_to(site.vitrina.data).parts[0] for path in files}
    assert {"spool", "valkey", "control", "logs"} <= folders
    assert files[site.vitrina.data / "logs" / "access.log"].count(b"\n") > 30
    assert _found(secrets, files.items()) == []


def test_nothing_secret_is_in_redis(visited: tuple[Site, dict[str, str]]) -> None:
    site, secrets = visited
    client = redis.Redis(unix_socket_path=str(EmbeddedValkey(site.vitrina.data).socket_path))
    try:
        held = {key: _content(client, key) for key in client.scan_iter(count=1000)}
    finally:
        client.close()
    assert any("Piolín".encode() in content for key, content in held.items() if b"profile" in key)
    assert _found(secrets, [*held.items(), *((key, key) for key in held)]) == []


def test_nothing_secret_is_in_the_logs_or_on_the_command_line(visited: tuple[Site, dict[str, str]]) -> None:
    site, secrets = visited
    log = (site.vitrina.config.parent / "serve.log").read_bytes()
    assert b"Traceback" not in log
    config = ("--config", str(site.vitrina.config))
    said = {
        "log": log,
        "clicks": site.vitrina.command("clicks", "tail", "--no-follow", "--json", "-n", "999", *config).encode(),
        "status": site.vitrina.command("status", "--json", *config).encode(),
    }
    assert said["clicks"].count(b"\n") > 30
    assert _found(secrets, said.items()) == []


def test_the_click_of_a_card_form_is_its_status_alone(visited: tuple[Site, dict[str, str]]) -> None:
    site, _ = visited
    clicks = [click for click in site.clicks() if click.path == "/checkout_payment.php"]
    assert {(click.method, click.status) for click in clicks} == {("GET", 200), ("POST", 302)}
    for click in clicks:
        assert (click.profile, click.session, click.query, click.referrer, click.events) == (None, None, None, "", ())


def test_the_owner_of_the_address_is_found_by_the_operator(visited: tuple[Site, dict[str, str]]) -> None:
    """Sealed, not lost: with the keys, and for the operator alone, the address is there."""
    site, _ = visited
    exported = site.vitrina.command("profile", "export", "--config", str(site.vitrina.config))
    assert EMAIL.lower() in exported.lower()


def _found(secrets: dict[str, str], places: Iterable[tuple[object, bytes]]) -> list[tuple[str, str]]:
    contents = [(str(where), content) for where, content in places]
    return [
        (name, where)
        for name, secret in secrets.items()
        for form in spellings(secret)
        for where, content in contents
        if form in content
    ]


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


def test_the_search_itself_finds_what_is_there() -> None:
    for offset in range(4):
        for text in (EMAIL, f"q={quote(PASSWORD)}&x=1"):
            packed = base64.b64encode(b"x" * offset + text.encode() + b"rest")
            assert _found({"secret": EMAIL if text == EMAIL else PASSWORD}, {"here": packed}.items())
    assert not _found({"secret": EMAIL}, {"here": b"nothing"}.items())
