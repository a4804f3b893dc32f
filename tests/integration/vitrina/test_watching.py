"""A whole installation, watched: metrics, readiness, the access log with its rotation, and a preview by its link."""

import http.client
import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.fixtures.gramola import Site, greeting, profile_id, site_config
from tests.fixtures.installation import installation


@pytest.fixture(scope="module")
def watched(shop_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two workers with an access log; nothing is live, but previews are possible."""
    config = site_config(shop_port).replace('mode = "live"', 'mode = "preview"') + '[log]\naccess = "json"\n'
    with installation(tmp_path_factory.mktemp("watched"), config) as running:
        yield Site(running, shop_port)


def answered(site: Site, path: str) -> tuple[int, str]:
    """What the operator's listener says."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{site.vitrina.admin}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def samples(site: Site) -> dict[tuple[str, ...], float]:
    """Every sample of a scrape, by name and labels."""
    _, text = answered(site, "/metrics")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def eventually(holds: Callable[[], bool], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.05)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_what_visitors_do_is_measured(watched: Site) -> None:
    before = samples(watched)
    person = watched.visitor()
    person.open("index.php")
    person.open("nothing.php")
    eventually(lambda: watched.vitrina.totals()["clicks"] >= 5)
    after = samples(watched)

    def grown(*key: str) -> float:
        return after.get(key, 0.0) - before.get(key, 0.0)

    assert grown("vitrina_answers_total", "2xx", "home") >= 2
    assert grown("vitrina_answers_total", "4xx", "other") == 1
    assert grown("vitrina_added_seconds_count", "read") >= 1
    for stage in ("receive", "identify", "connect", "origin", "open", "decide", "encode", "click", "send"):
        assert grown("vitrina_stage_seconds_count", stage) >= 1, stage
    assert grown("vitrina_decisions_total", "DISABLED") + grown("vitrina_decisions_total", "NOT_TARGETED") >= 1
    assert after["vitrina_process_resident_memory_bytes", "worker 1"] > 10 << 20
    assert after["vitrina_process_starts_total", "worker 2"] == 1
    assert after["vitrina_config_loaded_timestamp_seconds",] <= time.time()
    assert any(key[0] == "vitrina_config_info" and "preview" in key for key in after)


def test_a_worker_that_dies_is_counted_and_redis_away_is_degraded(watched: Site) -> None:
    eventually(lambda: answered(watched, "/ready") == (200, "ready: 2 workers\n"))
    assert answered(watched, "/live") == (200, "live\n")
    starts = samples(watched)["vitrina_process_starts_total", "worker 1"]
    [worker] = _children(watched.vitrina.process.pid, '"slot": 2')
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: samples(watched)["vitrina_process_starts_total", "worker 1"] == starts + 1)
    [valkey] = _children(watched.vitrina.process.pid, "valkey-server")
    os.kill(valkey, signal.SIGSTOP)
    try:
        person = watched.stranger()
        person.open("index.php")
        eventually(lambda: answered(watched, "/ready")[1].startswith("degraded"))
        assert answered(watched, "/ready")[0] == 200
        assert samples(watched)["vitrina_redis_down",] == 1
        eventually(lambda: samples(watched)["vitrina_spool_age_ms",] > 0)
    finally:
        os.kill(valkey, signal.SIGCONT)
    eventually(lambda: answered(watched, "/ready")[1].startswith("ready"))
    watched.vitrina.settle()
    eventually(lambda: samples(watched)["vitrina_spool_age_ms",] == 0)


def test_the_log_is_reopened_on_a_signal_and_every_request_is_in_it(watched: Site) -> None:
    path = watched.vitrina.data / "logs" / "access.log"
    before = len(lines(path))
    old = path.with_name("rotated")
    paths = [f"/one-{number}.php" for number in range(20)]
    for number, asked in enumerate(paths):
        _get(watched, asked)
        if number == 9:
            path.rename(old)
            watched.vitrina.process.send_signal(signal.SIGUSR1)
    eventually(lambda: len(lines(old)) + len(lines(path)) >= before + 20)
    said = [line for line in lines(old) + lines(path) if str(line["path"]).startswith("/one-")]
    assert sorted(str(line["path"]) for line in said) == sorted(paths)
    assert len({line["id"] for line in said}) == 20
    assert {line["address"] for line in said} == {"127.0.0.0"}
    assert lines(path)
    by_id = {click.request: click.path for click in watched.clicks()}
    assert all(by_id[str(line["id"])] == line["path"] for line in said)


def test_a_link_shows_one_browser_what_nobody_else_sees(watched: Site) -> None:
    known = watched.visitor()
    known.register("vista.previa@correo.example", "jilguero-77", "Previa")
    known.open("index.php")
    watched.vitrina.settle()
    profile = profile_id(known)
    assert greeting("Previa").encode() not in known.open("index.php").body
    watched.vitrina.settle()
    config = ("--config", str(watched.vitrina.config))
    exported = watched.vitrina.command("profile", "export", *config, profile)
    link = watched.vitrina.command("preview", *config, "--as", profile, "--url", f"{watched.vitrina.url}/index.php")
    operator = watched.stranger()
    url = urlsplit(link.splitlines()[0])
    shown = operator.open(f"{url.path}?{url.query}")
    assert shown.path == "/index.php"
    assert greeting("Previa").encode() in shown.body
    operator.look_at("5", "6")
    watched.vitrina.settle()
    # Nothing of it is in the profile, and it was nobody else's page.
    assert watched.vitrina.command("profile", "export", *config, profile) == exported
    assert greeting("Previa").encode() not in known.open("index.php").body
    clicks = [click for click in watched.clicks() if click.preview]
    assert len(clicks) >= 3
    assert {(click.profile, click.session, click.events) for click in clicks} == {(None, None, ())}
    assert "profile" in operator.open("_vitrina/preview").body.decode()
    operator.open("_vitrina/preview/leave")
    assert greeting("Previa").encode() not in operator.open("index.php").body


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--as", "nobody-of-that-name"), 1, "no such profile"),
        (("--segment", "kean"), 2, "no such segment; known: keen"),
        (("--for", "8d"), 2, "at most 7d"),
        (("--for", "soon"), 2, "is no duration"),
        (("--url", "ftp://x/"), 2, "a URL such as"),
    ],
)
def test_what_the_link_cannot_be_for(watched: Site, arguments: tuple[str, ...], code: int, words: str) -> None:
    said = watched.vitrina.command("preview", "--config", str(watched.vitrina.config), *arguments, expect=code)
    assert words in said


def test_modes_without_preview_say_so(shop_port: int, tmp_path: Path, watched: Site) -> None:
    config = tmp_path / "site.toml"
    config.write_text("version = 1\n" + site_config(shop_port).replace('mode = "live"', 'mode = "observe"'), "utf-8")
    assert 'mode = "preview"' in watched.vitrina.command("preview", "--config", str(config), expect=2)


def _get(site: Site, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.vitrina.port, timeout=10)
    try:
        connection.request("GET", path)
        connection.getresponse().read()
    finally:
        connection.close()


def _children(parent: int, words: str) -> list[int]:
    """Processes below `parent` with these words on their command line."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            is_child = int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == parent
            if is_child and words in (folder / "cmdline").read_text():
                found.append(int(folder.name))
        except OSError:
            continue
    return found
