"""A visitor's rights, end to end: seen, switched off, taken along, erased, and not brought back by a backup."""

import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import redis

from storage.embedded import EmbeddedValkey
from tests.fixtures.gramola import Person, Site, profile_id, site_config
from tests.fixtures.installation import Installation, installation, run_command
from tests.integration.vitrina.test_canary import _content, spellings

PRIVACY = "/_vitrina/privacy"
GPC = '[consent]\nrequired = true\ngpc = true\ncookie = { name = "cookie_policy", contains = "prefs=1" }'


@pytest.fixture(scope="module")
def site(shop_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    config = site_config(shop_port, head="workers = 1")
    before = '[consent]\nrequired = true\ncookie = { name = "cookie_policy", contains = "prefs=1" }'
    assert before in config
    log = '[log]\naccess = "json"\n'
    with installation(tmp_path_factory.mktemp("rights"), config.replace(before, GPC) + log) as running:
        yield Site(running, shop_port)


def canary(site: Site, name: str) -> tuple[Person, dict[str, str]]:
    """Somebody who left something of their own in every field that is kept."""
    person = site.visitor()
    browser = profile_id(person)
    person.open(f"index.php?utm_source=fuente{name}&utm_campaign=campana{name}")
    email = f"canaria.{name}@correo.example"
    person.register(email, "secret123", f"Nombre{name}", f"Apellido{name}")
    person.look_at("5", "6")
    person.open(f"advanced_search_result.php?keywords={quote(f'busca{name}')}")
    person.open("product_info.php?products_id=17")
    site.vitrina.settle()
    secrets = {
        "first name": f"Nombre{name}",
        "last name": f"Apellido{name}",
        "search": f"busca{name}",
        "source": f"fuente{name}",
        "browser's id": browser,
        "customer's id": profile_id(person),
    }
    return person, secrets


def left(data: Path, secrets: dict[str, str]) -> list[tuple[str, str]]:
    """What of the secrets is in any file or key, in any spelling."""
    places = {str(path.relative_to(data)): path.read_bytes() for path in data.rglob("*") if path.is_file()}
    client = redis.Redis(unix_socket_path=str(EmbeddedValkey(data).socket_path))
    try:
        for key in client.scan_iter(count=1000):
            places[f"redis {key!r}"] = _content(client, key) + key
    finally:
        client.close()
    return [
        (name, where)
        for name, secret in secrets.items()
        for form in spellings(secret)
        for where, content in places.items()
        if form in content
    ]


def eventually_nothing(data: Path, secrets: dict[str, str], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while (found := left(data, secrets)) or list((data / "erasures").glob("*")):
        assert time.monotonic() < deadline, found
        time.sleep(0.5)


def asked(vitrina: Installation, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", vitrina.port, timeout=20)
    try:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=sent)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read().decode()
    finally:
        connection.close()


def test_what_is_known_and_why(site: Site) -> None:
    person, secrets = canary(site, "Uno")
    person.open("/index.php")
    site.vitrina.settle()
    page = person.open(PRIVACY)
    assert page.status == 200
    assert '<html lang="es">' in page.text
    for text in ("NombreUno", "ApellidoUno", "canaria.uno@correo.example", "buscauno"):
        assert text.lower() in page.text.lower()
    assert "ordenaron según tus intereses" in page.text
    assert "<script" not in page.text
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    taken = json.loads(person.fetch(f"{PRIVACY}/download").text)
    assert taken["first_name"] == "NombreUno"
    assert taken["id"] == secrets["customer's id"]


def test_erased_by_the_visitor_and_not_brought_back_by_a_backup(site: Site, shop_port: int, tmp_path: Path) -> None:
    person, secrets = canary(site, "Dos")
    other, others = canary(site, "Tres")
    data = site.vitrina.data
    before = {name for name, _ in left(data, secrets)}
    assert {"first name", "search", "source", "browser's id", "customer's id"} <= before
    file = tmp_path / "before.tar.gz"
    site.vitrina.command("backup", str(file), "--config", str(site.vitrina.config))

    person.open(PRIVACY)
    started = time.monotonic()
    assert "menos de un minuto" in person.submit("/erase").text
    assert "vitrina" not in person.cookies
    eventually_nothing(data, secrets)
    assert time.monotonic() - started < 60
    assert {"first name", "customer's id"} <= {name for name, _ in left(data, others)}
    assert "No se sabe nada" in person.open(PRIVACY).text

    restored = tmp_path / "data"
    run_command("restore", str(file), "--data", str(restored), "--erased", str(data / "erased"))
    with installation(tmp_path, site_config(shop_port, head="workers = 1")) as again:
        time.sleep(2.0)
        assert left(restored, secrets) == []
        assert {"first name", "customer's id"} <= {name for name, _ in left(restored, others)}
        assert again.process.poll() is None
    assert other.cookies


def test_erased_by_the_operator(site: Site) -> None:
    _, secrets = canary(site, "Cuatro")
    said = site.vitrina.command("profile", "erase", secrets["customer's id"], "--config", str(site.vitrina.config))
    assert "erased" in said
    eventually_nothing(site.vitrina.data, secrets)


def test_withdrawal_in_the_shops_own_banner_erases(site: Site) -> None:
    person, secrets = canary(site, "Cinco")
    person.cookies["cookie_policy"] = "prefs=0"
    person.open("/index.php")
    assert "vitrina" not in person.cookies
    eventually_nothing(site.vitrina.data, secrets)


def test_switches_and_refusals(site: Site) -> None:
    person = site.stranger()
    person.open("/index.php", Sec_GPC="1")
    assert "vitrina" not in person.cookies
    page = person.open(PRIVACY, Sec_GPC="1")
    assert page.text.count("Activar: ") == 3
    assert "pide que no se te siga" in page.text
    for purpose in ("personalisation", "statistics", "email"):
        form = page.form("/choose")
        token = form.fields["token"]
        assert person.page is not None
        body = person.page.encoded({"token": token, purpose: "1"}).encode()
        page = person._navigate("POST", f"{site.vitrina.url}{PRIVACY}/choose", body, {"Sec_GPC": "1"})
    assert page.text.count("Desactivar: ") == 3
    person.open("/index.php", Sec_GPC="1")
    assert "vitrina" in person.cookies  # an explicit act overrules
    shown = json.loads(person.fetch("/_vitrina/consent", DNT="1").text)
    assert shown == {"personalisation": True, "statistics": True, "email": True, "explicit": True}


def test_an_act_comes_from_a_page_of_this_shop(site: Site) -> None:
    person = site.visitor()
    cookies = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
    for origin in ("https://evil.example", "null", ""):
        headers = {"Cookie": cookies, "Origin": origin} if origin else {"Cookie": cookies}
        for path in ("/_vitrina/privacy/erase", "/_vitrina/privacy/choose"):
            status, answer, _ = asked(site.vitrina, path, "POST", **headers)
            assert (status, answer["Location"]) == (303, "/_vitrina/privacy?done=again")
            assert "Set-Cookie" not in answer
        assert asked(site.vitrina, "/_vitrina/consent", "POST", **headers)[0] == 403
    no_token = asked(site.vitrina, "/_vitrina/privacy/erase", "POST", Cookie=cookies, Origin=site.vitrina.url)
    assert no_token[1]["Location"].endswith("done=again")


def test_the_unknown_the_forged_and_the_foreign_are_answered_alike(site: Site) -> None:
    person, _ = canary(site, "Seis")
    genuine = person.cookies["vitrina"]
    forged = genuine[:-1] + ("A" if genuine[-1] != "A" else "B")
    answers = set()
    for cookie in ("", f"vitrina={forged}", f"vitrina={genuine}", f"vitrina={genuine}; osCsid=stolen", "vitrina=x"):
        status, headers, text = asked(site.vitrina, "/_vitrina/privacy", Cookie=cookie, Accept_Language="es")
        token = text.partition('name="token" value="')[2].partition('"')[0]
        kept = tuple(sorted((k, v) for k, v in headers.items() if k not in ("Date", "Content-Length")))
        answers.add((status, kept, text.replace(token, "")))
    assert len(answers) == 1


def test_whoever_asks_the_same_is_looked_up(site: Site) -> None:
    """No time tells who is known: for everybody Redis is asked the same, as often."""
    person, _ = canary(site, "Siete")
    genuine = person.cookies["vitrina"]
    signed_in = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
    client = redis.Redis(unix_socket_path=str(EmbeddedValkey(site.vitrina.data).socket_path))

    def asked_so_far() -> tuple[int, int]:
        stats = client.info("commandstats")
        return tuple(stats[f"cmdstat_{name}"]["calls"] for name in ("mget", "hmget"))  # type: ignore[return-value, index]

    try:
        for cookie in (signed_in, "", f"vitrina={genuine}", f"vitrina={genuine[:-1]}", f"vitrina={genuine}; osCsid=x"):
            before = asked_so_far()
            assert asked(site.vitrina, PRIVACY, Cookie=cookie)[0] == 200
            after = asked_so_far()
            assert (after[0] - before[0], after[1] - before[1]) == (1, 1), cookie
    finally:
        client.close()


def test_gpc_is_told(site: Site) -> None:
    status, headers, text = asked(site.vitrina, "/.well-known/gpc.json")
    assert (status, json.loads(text)["gpc"]) == (200, True)
    assert headers["Content-Type"].startswith("application/json")


def test_too_many_and_too_much(site: Site) -> None:
    large = asked(site.vitrina, "/_vitrina/consent", "POST", Origin=site.vitrina.url, Content_Length="20000")
    assert large[0] == 413
    seen = {asked(site.vitrina, "/_vitrina/consent")[0] for _ in range(200)}
    assert 429 in seen
