"""Four real shops under another name, through a whole `serve`: every recorded exchange once more, and a walk by links.

The shops' recordings are no part of the project; without them these tests are skipped.
"""

import http.client
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.fixtures.installation import Installation, installation
from tests.integration.trial.followed import links, naming, naming_in_json
from tests.integration.trial.replay import OF_THE_WIRE, SHOPS, Origin, Recorded, recordings, replaying, unpacked

CONFIG = """
workers = 1
[site]
origin = "http://ORIGIN"
host = "origin"
mode = "observe"
platform = "generic"
"""
"""Nobody consents: no cookie of ours, no page but the shop's."""
NAMES = ("opencart", "oscar", "phoenix", "woo")
CLIENT = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0", "Accept-Encoding": "gzip, deflate, br, zstd"}

pytestmark = pytest.mark.skipif(not SHOPS.is_dir(), reason="no recorded shops here")


@dataclass(slots=True)
class Trial:
    """Vitrina under a name that only its visitors know, and the origin behind it."""

    vitrina: Installation
    origin: Origin

    @property
    def host(self) -> str:
        """The name and port in the address bar."""
        return f"shop.trial.test:{self.vitrina.port}"

    def ask(
        self, method: str, target: str, form: bytes | None = None, **fields: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """One request to that name; the answer and its content."""
        connection = http.client.HTTPConnection("127.0.0.1", self.vitrina.port, timeout=30)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            sent = {"Host": self.host, **CLIENT, **{name.replace("_", "-"): value for name, value in fields.items()}}
            if form is not None:
                sent["Content-Length"] = str(len(form))
            for name, value in sent.items():
                connection.putheader(name, value)
            connection.endheaders(form)
            response = connection.getresponse()
            return response, unpacked(response.read(), response.headers["Content-Encoding"])
        finally:
            connection.close()


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """One for all shops: the origin plays one after the other."""
    with replaying() as origin:
        config = CONFIG.replace("ORIGIN", origin.host)
        with installation(tmp_path_factory.mktemp("trial"), config, "--no-preflight") as running:
            yield Trial(running, origin)


@pytest.fixture(autouse=True)
def _fresh(trial: Trial) -> Iterator[None]:
    trial.origin.script, trial.origin.pages, trial.origin.domain = [], {}, ""
    trial.origin.asked.clear()
    yield
    assert trial.origin.refused == []


def as_sent(recorded: Recorded) -> dict[str, str]:
    """The fields of a recorded request that its client chose."""
    ours = ("host", "user-agent", "accept-encoding", "connection", "content-length")
    return {name: value for name, value in recorded.fields if name.lower() not in ours}


@pytest.mark.parametrize("shop", NAMES)
def test_every_recorded_exchange(trial: Trial, shop: str) -> None:
    """What the origin gets is what it got then; what the browser gets differs by the name alone."""
    theirs, ours = recordings(shop, trial.origin.host), recordings(shop, trial.host)
    assert len(theirs) > 20
    for name, chain in theirs.items():
        trial.origin.script = list(chain)
        location = ""
        for expected, public in zip(chain, ours[name], strict=True):
            target = urlsplit(location)._replace(scheme="", netloc="").geturl() if location else public.target
            response, body = trial.ask(public.method, target, public.form or None, **as_sent(public))
            asked = trial.origin.asked[-1]
            assert (asked.method, asked.target, asked.form) == (expected.method, expected.target, expected.form), name
            for field in ("origin", "referer", "cookie", "content-type"):
                assert asked.value(field) == expected.value(field), name
            assert response.status == expected.code, name
            assert body == public.body, name
            fields = [(key, value) for key, value in response.getheaders() if key.lower() not in OF_THE_WIRE]
            assert fields == public.end_to_end(), name
            location = response.headers["Location"] or ""
            if location and urlsplit(location).netloc:
                assert urlsplit(location).netloc == trial.host, name
            if "json" in (response.headers["Content-Type"] or "") and body:
                assert naming_in_json(body, trial.origin.host) == [], name
            else:
                assert naming(body, trial.origin.host) == [], name
        assert trial.origin.script == [], f"{name}: all its redirects were followed under our name"


def _plain(target: str) -> str:
    """Without the session's id, which one of the shops writes into links until its cookie came back."""
    return re.sub(r"[?&]ceid=\w+", "", target)


@pytest.mark.parametrize("shop", NAMES)
def test_a_walk_by_links(trial: Trial, shop: str) -> None:
    """From the home page to whatever was recorded, by the links on the pages as they came."""
    pages: dict[str, Recorded] = {}
    for chain in recordings(shop, trial.origin.host).values():
        for each in chain:
            if each.method == "GET" and each.code in (200, 301, 302):
                pages.setdefault(each.target, each)
    trial.origin.pages = pages
    waiting, seen = ["/"], {"/"}
    reached = 0
    while waiting:
        target = waiting.pop()
        response, body = trial.ask("GET", target, Accept="text/html", Referer=f"http://{trial.host}/")
        assert response.status == pages[target].code, target
        reached += 1
        assert naming(body, trial.origin.host) == [], target
        found = links(body, f"http://{trial.host}{target}")
        if (location := response.headers["Location"]) is not None:
            parts = urlsplit(location)
            assert parts.netloc in ("", trial.host)
            found = [parts._replace(scheme="", netloc="").geturl()]
        for link in map(_plain, found):
            if link in pages and link not in seen:
                seen.add(link)
                waiting.append(link)
    assert reached >= 5
    assert {asked.target for asked in trial.origin.asked} == seen


JOURNEYS = {
    "opencart": ("home", "login", "x_login", "account_after_login", "x_add", "cart", "checkout"),
    "oscar": ("home", "login", "x_login", "x_add", "cart", "checkout"),
    "phoenix": ("home", "login", "x_login", "x_add", "cart", "checkout"),
    "woo": ("home", "login", "x_login", "x_add_form", "cart", "checkout"),
}
"""A login, something in the cart, and the way to the checkout."""


@pytest.mark.parametrize("shop", NAMES)
def test_a_customers_cookies(trial: Trial, shop: str) -> None:
    """A shop that names its own domain in cookies gets every one of them back, from a jar that knows the trial only."""
    theirs, ours = recordings(shop, trial.origin.host), recordings(shop, trial.host)
    trial.origin.domain = "localhost"
    jar: dict[str, str] = {}
    set_by_origin: dict[str, str] = {}
    for name in JOURNEYS[shop]:
        trial.origin.script = list(theirs[name])
        for expected, public in zip(theirs[name], ours[name], strict=True):
            fields = {key: value for key, value in as_sent(public).items() if key.lower() != "cookie"}
            if jar:
                fields["Cookie"] = "; ".join(f"{key}={value}" for key, value in jar.items())
            response, _ = trial.ask(public.method, public.target, public.form or None, **fields)
            sent = trial.origin.asked[-1].value("cookie")
            assert sent == "; ".join(f"{key}={value}" for key, value in set_by_origin.items()), name
            for line in response.headers.get_all("Set-Cookie", []):
                for key, morsel in SimpleCookie(line).items():
                    assert morsel["domain"] == "shop.trial.test", line
                    jar[key] = morsel.coded_value
            for field, line in expected.answer:
                if field.lower() == "set-cookie":
                    set_by_origin |= {key: morsel.coded_value for key, morsel in SimpleCookie(line).items()}
    assert jar == set_by_origin
    assert jar


def test_what_a_page_sends_back(trial: Trial, tmp_path: Path) -> None:
    """Hidden fields, JSON and queries carry the trial's name; the shop reads its own in them."""
    own, public = trial.origin.host, trial.host
    home = recordings("opencart", own)["home"][0]
    trial.origin.pages = {f"/login?to=http%3A%2F%2F{own.replace(':', '%3A')}%2Fcart": home}
    response, _ = trial.ask("GET", f"/login?to=http%3A%2F%2F{public.replace(':', '%3A')}%2Fcart")
    assert response.status == 200
    for content_type, text in (
        ("application/x-www-form-urlencoded", "a=1&redirect=http%3A%2F%2FHOST%2Fcart"),
        ("application/json", json.dumps({"redirect": "http://HOST/cart"})),
    ):
        is_form = "%3A" in text
        sent, expected = (
            text.replace("HOST", name.replace(":", "%3A") if is_form else name).encode() for name in (public, own)
        )
        trial.ask("POST", "/login", sent, Content_Type=content_type, Origin=f"http://{public}")
        assert trial.origin.asked[-1].form == expected
