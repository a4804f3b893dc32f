"""What scripts send and shops answer in JSON is nowhere in what Vitrina keeps: passwords, cards, tokens, hashes."""

import http.client
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest
import redis

from storage.embedded import EmbeddedValkey
from tests.fixtures.installation import Installation, installation
from tests.fixtures.threaded_server import threaded_server
from tests.integration.vitrina.test_canary import _content, _found

EMAIL = "Canaria.Amarilla@correo.example"
PASSWORD = "jilguero-Verde-93"
HASH = "$2y$10$JilgueroVerdeCanarioAmarilloGorrion0123456789"
CARD = "4929123456789015"
CARD_OWNER = "Titular Canario Secreto"
TOKEN = "tok-Zk3vQ9xR7tLm2WpY8sDf5GhJ"
STREET = "Calle del Canario Mudo, 13"
NONCE = "nonce-9f8e7d6c5b4a3921"
ANSWER = "respuesta canaria larga"
SECRETS = {
    "e-mail": EMAIL,
    "password": PASSWORD,
    "hash": HASH,
    "card": CARD,
    "card's owner": CARD_OWNER,
    "token": TOKEN,
    "street": STREET,
    "nonce": NONCE,
    "field of a survey that is not allowed": ANSWER,
}

LOGIN = f"/index.php?route=account/login.login&login_token={TOKEN}"
REGISTER = f"/index.php?route=account/register.register&register_token={TOKEN}"
ADDRESS = "/index.php?route=checkout/register.save"
PAY = "/index.php?route=extension/other/payment/card.send"
CONFIRM = "/index.php?route=extension/opencart/payment/cod.confirm"
CONFIG = """workers = 1
[site]
origin = "http://127.0.0.1:PORT"
platform = "opencart"
mode = "live"
holdout = 0
[consent]
required = false
[[form]]
name = "taste"
at = ["/survey"]
fields = ["genre", "mail"]
[form.traits]
favourite = "genre"
[log]
access = "json"
"""


class _Shop(BaseHTTPRequestHandler):
    """Answers calls as shops do, with more in it than anybody asked for."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(b"<!doctype html><html><body><h1>Shop</h1></body></html>", "text/html; charset=utf-8")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/survey":
            self._answer(b'{"success": true}', "application/json")
            return
        customer = {"email": EMAIL, "password": HASH, "token": TOKEN, "address": STREET, "nonce": NONCE}
        said = {"success": "ok", "customer": customer}
        if "login" in self.path or "account/register" in self.path:
            said = {"redirect": f"http://{self.headers['Host']}/?customer_token={TOKEN}", "customer": customer}
        if "cod.confirm" in self.path:
            said = {"redirect": "/index.php?route=checkout/success", "customer": customer, "order_key": TOKEN}
        self._answer(json.dumps(said).encode(), "text/html" if "login" in self.path else "application/json")

    def _answer(self, body: bytes, content_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", "OCSESSID=0c0ffee0c0ffee0c0ffee0; path=/")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A shop of calls, used by somebody with secrets."""
    with threaded_server(_Shop) as port:
        config = CONFIG.replace("PORT", str(port))
        with installation(tmp_path_factory.mktemp("calls"), config) as running:
            _use(running)
            running.settle()
            yield running


def _use(running: Installation) -> None:
    cookies: dict[str, str] = {}

    def ask(method: str, target: str, body: str = "", media_type: str = "application/x-www-form-urlencoded") -> None:
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
        headers = {
            "Accept": "text/html" if method == "GET" else "application/json",
            "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0",
            "Referer": f"http://127.0.0.1:{running.port}/?customer_token={TOKEN}",
            "X-WP-Nonce": NONCE,
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "Content-Type": media_type,
        }
        connection.request(method, target, body.encode(), headers)
        answer = connection.getresponse()
        for field in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = field.partition(";")[0].partition("=")
            cookies[name] = value
        answer.read()
        assert answer.status == 200
        connection.close()

    ask("GET", "/")
    ask("POST", REGISTER, f"firstname=Piol%C3%ADn&lastname=Canario&email={EMAIL}&password={PASSWORD}&card={CARD}")
    ask("POST", LOGIN, f"email={EMAIL}&password={PASSWORD}")
    ask("POST", LOGIN, json.dumps({"email": EMAIL, "password": PASSWORD, "token": TOKEN}), "application/json")
    ask("POST", "/index.php?route=checkout/cart.add", f"product_id=43&quantity=1&token={TOKEN}")
    ask("POST", ADDRESS, f"firstname=Piol%C3%ADn&lastname={CARD}&address_1={STREET}&email={EMAIL}&password={PASSWORD}")
    ask("POST", PAY, json.dumps({"card": CARD, "owner": CARD_OWNER, "token": TOKEN}), "application/json")
    ask("POST", CONFIRM, f"card={CARD}&owner={CARD_OWNER}")
    ask("POST", "/survey", f"genre=Jazz&mail={EMAIL}&comment={ANSWER}&password={PASSWORD}")
    ask("POST", "/survey", f"genre={CARD}&mail={TOKEN}")
    ask("GET", f"/?customer_token={TOKEN}&email={EMAIL}")


def test_the_events_are_there(used: Installation) -> None:
    said = used.command("clicks", "tail", "--no-follow", "--json", "-n", "99", "--config", str(used.config))
    names = [event["name"] for line in said.splitlines() for event in json.loads(line).get("events", ())]
    wanted = {"page_view", "register", "login", "add_to_cart", "begin_checkout", "purchase", "form"}
    assert set(names) == wanted
    assert names.count("purchase") == 1


def test_nothing_secret_is_kept_anywhere(used: Installation) -> None:
    files = {str(path): path.read_bytes() for path in used.data.rglob("*") if path.is_file()}
    assert {"spool", "valkey", "control", "logs"} <= {
        path.removeprefix(f"{used.data}/").split("/")[0] for path in files
    }
    assert _found(SECRETS, files.items()) == []
    client = redis.Redis(unix_socket_path=str(EmbeddedValkey(used.data).socket_path))
    try:
        held = {str(key): key + b"\n" + _content(client, key) for key in client.scan_iter(count=1000)}
    finally:
        client.close()
    assert any(b"Jazz" in content for key, content in held.items() if "profile" in key)
    assert _found(SECRETS, held.items()) == []
    log = (used.config.parent / "serve.log").read_bytes()
    assert b"Traceback" not in log
    clicks = used.command("clicks", "tail", "--no-follow", "--json", "-n", "99", "--config", str(used.config)).encode()
    assert _found(SECRETS, {"log": log, "clicks": clicks}.items()) == []
