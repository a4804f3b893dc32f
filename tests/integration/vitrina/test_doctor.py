"""The doctor as a whole: a clean run on the demo's shop, selectors and added time, one check beside another."""

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.fixtures.gramola import site_config
from tests.fixtures.installation import run_command
from tests.integration.vitrina.examining import examining, found_by, page, plain
from vitrina.doctor.checks import CHECKS, examined
from vitrina.doctor.finding import Finding, exit_code

OF_THE_MACHINE = ("disk", "open_files", "added_time")
"""What these find tells of where the tests run, and of how busy it is."""


async def test_a_shop_without_a_fault(tmp_path: Path) -> None:
    told: list[Finding] = []
    text = '[placement.title]\non = "*"\nat = "#title"\n[placement.grid]\non = "/"\nitems = "#grid > .box"\n'
    async with examining(plain, tmp_path, text) as examination:
        findings = await examined(examination, told.append)
    assert told == findings
    assert {finding.check for finding in findings} == set(CHECKS)
    assert [f for f in findings if f.status not in ("ok", "unknown") and f.check not in OF_THE_MACHINE] == []
    assert [finding.check for finding in findings if finding.status == "unknown"] == ["client_address", "cookies"]


@pytest.mark.parametrize(
    ("placement", "status", "words"),
    [
        ('on = "*"\nat = "#title"', "ok", "match on 2 pages"),
        ('on = "*"\nat = "#missing"', "fail", "matches nothing"),
        ('on = "*"\nat = ".note"', "warn", "matches 2 elements"),
        ('on = "/sale/**"\nitems = ".box"', "ok", ""),
        ('on = "/sale/**"\nitems = "#grid"', "warn", "a single block"),
        ('on = "/nowhere/**"\nat = "#title"', "unknown", "no page"),
    ],
)
async def test_selectors(tmp_path: Path, placement: str, status: str, words: str) -> None:
    async with examining(
        plain, tmp_path, f'[placement.sale]\non = "/sale/**"\nat = "h1"\n[placement.x]\n{placement}\n'
    ) as e:
        finding = await found_by("selectors", e)
        assert [each.answer.target for each in e.pages] == ["/", "/sale/one"]
    assert finding.status == status, finding
    assert words in finding.found


async def test_a_selector_for_who_has_signed_in_is_a_warning(tmp_path: Path) -> None:
    text = '[placement.x]\non = "*"\nat = "#account"\n[[experience]]\nid = "hola"\nat = "x"\n'
    text += 'who = { logged_in = true }\ntext = "Hola"\n'
    async with examining(plain, tmp_path, text) as examination:
        finding = await found_by("selectors", examination)
    assert (finding.status, "signed-in" in finding.means) == ("warn", True)


async def test_added_time_and_another_answer(tmp_path: Path) -> None:
    async with examining(plain, tmp_path) as examination:
        finding = await found_by("added_time", examination)
        assert finding.status in ("ok", "warn"), finding
        assert "median of 2 pairs of /" in finding.found
        assert "customer" not in finding.found, "nothing is configured for one"

    greeting = '[placement.x]\non = "*"\nat = "h1"\n[[experience]]\nid = "hola"\nat = "x"\n'
    greeting += 'who = { logged_in = true, has = ["first_name"] }\ntext = "Hola, {first_name}"\n'
    for text, words in ((greeting, "changed"), (greeting.replace("h1", "h6"), "not changed")):
        async with examining(plain, tmp_path, text) as examination:
            finding = await found_by("added_time", examination)
        assert f" ms for a customer, whose page was {words}" in finding.found

    async def refuses_via(request: web.Request) -> web.StreamResponse:
        return web.Response(status=403) if "Via" in request.headers else page(request)

    async with examining(refuses_via, tmp_path) as examination:
        finding = await found_by("added_time", examination)
    assert (finding.status, "200 directly and 403" in finding.found) == ("fail", True)


@pytest.mark.parametrize(("check", "name"), [(check, name) for name, check in CHECKS.items()], ids=list(CHECKS))
async def test_no_check_hides_the_others_when_the_shop_is_away(check: Any, name: str, tmp_path: Path) -> None:
    async with examining(plain, tmp_path, origin="http://127.0.0.1:1") as examination:
        findings = await check(examination)
    assert findings
    assert {finding.check for finding in findings} == {name}


@pytest.mark.parametrize(
    ("statuses", "code"), [(["ok"], 0), (["ok", "unknown"], 0), (["ok", "warn"], 1), (["warn", "fail"], 2), ([], 0)]
)
def test_exit_codes(statuses: list[Any], code: int) -> None:
    assert exit_code([Finding("x", status, "") for status in statuses]) == code


def test_the_demo_shop_is_sound(shop_port: int, tmp_path: Path) -> None:
    config = tmp_path / "site.toml"
    config.write_text(f'version = 1\ndata = "{tmp_path}/data"\n' + site_config(shop_port), "utf-8")
    findings = json.loads(run_command("doctor", str(config), "--json", "--pairs", "3", expect=None))  # see below
    wrong = [f for f in findings if f["status"] not in ("ok", "unknown") and f["check"] not in OF_THE_MACHINE]
    assert wrong == []
    assert {finding["check"] for finding in findings} == set(CHECKS)
    assert not (tmp_path / "data").exists()
