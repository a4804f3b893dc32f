"""Commands beside a running installation: profiles, clicks, the switch, why a page looks as it does, offline pages."""

import itertools
import json
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from storage.control import ControlPage
from storage.embedded import EmbeddedValkey
from tests.fixtures.gramola import HIP_HOP, Person, Site, greeting, profile_id, site_config, window
from tests.fixtures.installation import run_command
from tests.fixtures.processes import named, stopped

FIRST_WORKER_SLOT = 2
PROFILE = {
    "id": "importado-0000000001",
    "first_name": "Łukasz",
    "last_name": "Ñandú",
    "email": "lukasz@example.org",
    "customer": True,
    "visits": 7,
    "categories": {"Hip hop": 4.5},
    "orders": 2,
    "value_cents": 4590,
}
_fresh = (f"index.php?language=w{number}" for number in itertools.count())


@pytest.fixture
def command(site: Site) -> Callable[..., str]:
    """Run a command on the installation."""

    def run(*arguments: str, expect: int = 0, stdin: bytes | None = None) -> str:
        return run_command(*arguments, "--config", str(site.vitrina.config), expect=expect, stdin=stdin)

    return run


def test_a_profile_goes_in_and_out_and_away(site: Site, command: Callable[..., str], tmp_path: Path) -> None:
    known = str(PROFILE["id"])
    file = tmp_path / "profiles.jsonl"
    file.write_text(json.dumps(PROFILE) + "\n\n" + json.dumps({"id": "importado-0000000002"}) + "\n")
    assert command("profile", "import", str(file)) == "2 profiles imported\n"
    assert held(site, b"lukasz@example.org") == [], "sealed at rest"
    shown = command("profile", "show", known)
    for part in ("Łukasz Ñandú", "lukasz@example.org", "Hip hop 4.5", "2, 45.90 in all"):
        assert part in shown
    exported = json.loads(command("profile", "export", known))
    assert {name: exported[name] for name in PROFILE if name != "categories"} == {
        name: value for name, value in PROFILE.items() if name != "categories"
    }
    everybody = [json.loads(line)["id"] for line in command("profile", "export").splitlines()]
    assert {known, "importado-0000000002"} <= set(everybody)
    again = json.dumps({**exported, "first_name": "Lucas"})
    assert command("profile", "import", stdin=again.encode()) == "1 profile imported\n"
    assert json.loads(command("profile", "export", known)) == {**exported, "first_name": "Lucas"}
    assert command("profile", "erase", known) == f"{known}: erased\n"
    assert f"{known}: no such profile" in command("profile", "show", known, expect=1)
    assert f"{known}: no such profile" in command("profile", "export", known, expect=1)


def test_a_bad_line_changes_nothing(command: Callable[..., str]) -> None:
    lines = '{"id": "importado-0000000003"}\n{"id": "importado-0000000004", "vists": 1}\n'
    said = command("profile", "import", stdin=lines.encode(), expect=2)
    assert said == 'vitrina: stdin:2: vists: unknown key; did you mean "visits"?\n'
    assert "no such profile" in command("profile", "show", "importado-0000000003", expect=1)


def held(site: Site, text: bytes) -> list[bytes]:
    """Keys of the installation's Redis whose value has this text."""
    client = redis.Redis(unix_socket_path=str(EmbeddedValkey(site.vitrina.data).socket_path))
    try:
        return [key for key in client.scan_iter() if client.type(key) == b"string" and text in (client.get(key) or b"")]
    finally:
        client.close()


def test_clicks_can_be_read_with_redis_hanging(site: Site, command: Callable[..., str]) -> None:
    person = site.visitor()
    (valkey,) = named(site.vitrina.process.pid, "valkey-server")
    with stopped(valkey):
        person.open("about.php?utm_source=boletin")
        person.fetch("images/logo.svg")
        found = [
            json.loads(line) for line in command("clicks", "tail", "--no-follow", "--json", "-n", "1").splitlines()
        ]
        (click,) = found
        assert (click["path"], click["status"], click["profile"]) == ("/about.php", 200, profile_id(person))
        assert click["campaign"] == {"utm_source": "boletin"}
        (asset,) = command("clicks", "tail", "--no-follow", "--json", "--assets", "-n", "1").splitlines()
        assert json.loads(asset)["path"] == "/images/logo.svg"
        (line,) = command("clicks", "tail", "--no-follow", "-n", "1").splitlines()
        assert f" {profile_id(person)[:8]} 200 GET /about.php " in line
        assert "\x1b" not in line
    site.vitrina.settle()


@pytest.mark.parametrize("redis_is_gone", [False, True])
def test_off_acts_on_the_next_request_in_every_worker(
    site: Site, command: Callable[..., str], redis_is_gone: bool
) -> None:
    person = site.visitor()
    person.register(f"switch{redis_is_gone}@example.com", "una clave 1", "Ursula")
    person.look_at(*HIP_HOP)
    site.vitrina.settle()
    assert greeting("Ursula").encode() in person.open(next(_fresh)).body
    assert "Vitrina is off" in turned_off(site, command, person, redis_is_gone)
    assert command("on") == "Vitrina is on.\n"
    for _ in every_worker(site, person):
        pass
    assert greeting("Ursula").encode() in person.open(next(_fresh)).body


def turned_off(site: Site, command: Callable[..., str], person: Person, redis_is_gone: bool) -> str:
    """Turn it off and see every worker send the origin's bytes from the next request on."""
    if redis_is_gone:
        (valkey,) = named(site.vitrina.process.pid, "valkey-server")
        with stopped(valkey):
            return turned_off(site, command, person, redis_is_gone=False)
    said = command("off")
    for shown in every_worker(site, person):
        assert site.is_sent(person, shown)
    state = json.loads(command("status", "--json"))
    assert (state["running"], state["on"]) == (True, False)
    assert "personalising is off" in command("status")
    with urllib.request.urlopen(f"http://127.0.0.1:{site.vitrina.admin}/metrics", timeout=5) as answer:
        assert b"\nvitrina_on 0\n" in answer.read()
    return said


def every_worker(site: Site, person: Person) -> "itertools.chain[object]":
    """Pages, each over a new connection, until each worker has answered at least one."""
    page = ControlPage.open(site.vitrina.data / "control")
    slots = [page.slot(FIRST_WORKER_SLOT + number) for number in range(2)]
    before = [slot.counts()["requests"] for slot in slots]
    shown = []
    while any(slot.counts()["requests"] == count for slot, count in zip(slots, before, strict=True)):
        shown.append(person.open(next(_fresh)))
        assert len(shown) < 400, "one worker gets no connections"
    page.close()
    return itertools.chain(shown)


def test_explain_says_who_what_and_why(site: Site, command: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "profile.json"
    file.write_text(json.dumps({**PROFILE, "page_views": 9}))
    said = command("explain", "/index.php", "--as", str(file))
    assert said.startswith("/index.php 200, ")
    assert "platform phoenix" in said
    assert "greeting         hola             shown TARGETING_MATCH" in said
    assert "✓ logged_in" in said
    assert "window           escaparate       " in said
    assert "first time this page is seen" in said
    nobody = command("explain", f"{site.vitrina.url}/index.php?cPath=1", expect=1)
    assert "hola             not shown" in nobody
    assert "shown TARGETING_MATCH" not in nobody.replace("not shown", "")
    assert "no such profile" in command("explain", "/", "--as", "nobody-0000000000000", expect=1)
    stored = site.visitor()
    stored.look_at(*HIP_HOP)
    site.vitrina.settle()
    assert "escaparate       shown TARGETING_MATCH" in command("explain", "/index.php", "--as", profile_id(stored))


def test_rewrite_is_the_same_engine_offline(site: Site, tmp_path: Path) -> None:
    person = site.visitor()
    pages = {name: site.sent(person, path) for name, path in (
        ("home.html", "index.php"), ("hip_hop.html", "index.php?cPath=1"), ("about.html", "about.php"),
    )}  # fmt: skip
    source, out = tmp_path / "pages", tmp_path / "out"
    source.mkdir()
    for name, body in pages.items():
        (source / name).write_bytes(body)
    (source / "urls.tsv").write_text("home.html\t/index.php\nhip_hop.html\t/index.php?cPath=1\n")
    (tmp_path / "site.toml").write_text("version = 1\n" + site_config(site.shop_port))
    (tmp_path / "p.json").write_text(json.dumps(PROFILE))
    report = tmp_path / "report.jsonl"
    given = ("rewrite", "--config", str(tmp_path / "site.toml"), "--profile", str(tmp_path / "p.json"))
    run_command(*given, "--batch", str(source), "--out", str(out), "--report", str(report))
    lines = {line["page"]: line for line in map(json.loads, report.read_text("utf-8").splitlines())}
    assert set(lines) == set(pages)
    for name, body in pages.items():
        changed = (out / name).read_bytes()
        assert changed.count(greeting("Łukasz").encode()) == 1
        assert applied(body, lines[name]["edits"]) == changed, "the report is the whole of the change"
    assert window((out / "home.html").read_bytes()) != window(pages["home.html"])
    single = run_command(*given, "--url", "/about.php", stdin=pages["about.html"])
    assert greeting("Łukasz") in single
    signed_out = run_command(*given, "--url", "/about.php", "--signed-out", stdin=pages["about.html"])
    assert "Bienvenido a La Gramola" in signed_out


def applied(body: bytes, edits: list[dict[str, object]]) -> bytes:
    """The page with the reported edits made by nothing but slicing."""
    for edit in reversed(edits):
        start, end = int(str(edit["start"])), int(str(edit["end"]))
        body = body[:start] + str(edit["replacement"]).encode("latin-1") + body[end:]
    return body
