"""`rewrite` on pages of La Gramola: one from stdin to stdout, a folder at once, each byte accounted for."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from demo.shop.catalogue import BY_ID
from tests.fixtures.gramola import PERSONALISED, gramola, greeting, window
from tests.fixtures.installation import run_command
from tests.fixtures.page_browser import Browser
from tests.integration.shops.reported import rebuilt

HOME = "index.php"
CATEGORIES = tuple(f"index.php?cPath={number}" for number in range(1, 7))
OTHERS = (
    "products_new.php",
    "specials.php",
    "product_info.php?products_id=5",
    "advanced_search_result.php?keywords=a",
    "shopping_cart.php",
    "login.php",
    "create_account.php",
    "about.php",
    "nothing.php",
)

PROFILE = {
    "first_name": "José",
    "page_views": 9,
    "categories": {"Hip hop": 5.0, "Rap": 1.0},
    "products": {"5": 2.0},
}


@pytest.fixture(scope="module")
def pages() -> Iterator[Mapping[str, bytes]]:
    """Pages of the running shop by their address, as a browser that never came before is sent them."""
    with gramola() as port:
        site = f"http://127.0.0.1:{port}/"
        yield {address: Browser(site).open(address).body for address in (HOME, *CATEGORIES, *OTHERS)}


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, ...]:
    """The arguments that name a configuration, a profile and the report."""
    (tmp_path / "site.toml").write_text(
        'version = 1\n[site]\norigin = "http://gramola.test"\nplatform = "phoenix"\n'
        f"budget = {{ rewrite_ms = 10000, decide_ms = 10000 }}\n{PERSONALISED}",
        "utf-8",
    )
    (tmp_path / "profile.json").write_text(json.dumps(PROFILE), "utf-8")
    config, profile, report = (str(tmp_path / name) for name in ("site.toml", "profile.json", "report.jsonl"))
    return ("--config", config, "--profile", profile, "--report", report)


def rewritten(body: bytes, *arguments: str) -> bytes:
    """`rewrite` as a filter."""
    command = [sys.executable, "-m", "vitrina", "rewrite", *arguments]
    return subprocess.run(command, input=body, capture_output=True, timeout=60, check=True).stdout


def reports(tmp_path: Path) -> list[dict[str, Any]]:
    """The lines of the report."""
    return [json.loads(line) for line in (tmp_path / "report.jsonl").read_text("utf-8").splitlines()]


def _codes(line: Mapping[str, Any]) -> dict[str, str]:
    return {reason["experience"]: reason["code"] for reason in line["reasons"]}


def test_one_page_from_stdin_to_stdout(pages: Mapping[str, bytes], files: tuple[str, ...], tmp_path: Path) -> None:
    body = pages[HOME]
    out = rewritten(body, *files, "--url", "http://gramola.test/index.php")
    (line,) = reports(tmp_path)
    assert (line["page"], line["url"]) == ("-", "http://gramola.test/index.php")
    assert rebuilt(body, line) == out
    assert greeting("José").encode() in out
    assert {"hola": "TARGETING_MATCH", "vuelve": "TARGETING_MATCH"}.items() <= _codes(line).items()


def test_signed_out_there_is_no_name(pages: Mapping[str, bytes], files: tuple[str, ...], tmp_path: Path) -> None:
    out = rewritten(pages[HOME], *files, "--url", "/index.php", "--signed-out")
    (line,) = reports(tmp_path)
    assert rebuilt(pages[HOME], line) == out
    assert b"Jos" not in out
    assert {"hola": "NOT_TARGETED"}.items() <= _codes(line).items()


@pytest.mark.parametrize("url", ["/admin/index.php", "/checkout_payment.php"])
def test_where_nothing_may_be_touched_a_page_comes_out_as_it_came(
    url: str, pages: Mapping[str, bytes], files: tuple[str, ...], tmp_path: Path
) -> None:
    assert rewritten(pages[HOME], *files, "--url", url) == pages[HOME]
    assert reports(tmp_path)[0]["edits"] == []


ANYTHING = {
    "empty": b"",
    "JSON": b"{}",
    "fragment": b"<p>caf\xe9",
    "UTF-16": b"\xff\xfe<\x00p\x00>\x00",
    "row": b"<tr><td>x",
    "every byte": bytes(range(256)),
}


def test_anything_goes_through(files: tuple[str, ...], tmp_path: Path) -> None:
    origin, out = tmp_path / "in", tmp_path / "out"
    origin.mkdir()
    for name, body in ANYTHING.items():
        (origin / f"{name}.html").write_bytes(body)
    (origin / "urls.tsv").write_text("".join(f"{name}.html\t/index.php\n" for name in ANYTHING), "utf-8")
    run_command("rewrite", *files, "--batch", str(origin), "--out", str(out))
    lines = {line["page"]: line for line in reports(tmp_path)}
    for name, body in ANYTHING.items():
        assert (out / f"{name}.html").read_bytes() == body, name
        assert rebuilt(body, lines[f"{name}.html"]) == body, name
    every = ANYTHING["every byte"]
    assert rewritten(every, *files, "--url", "/index.php") == every


def test_a_folder_at_once(pages: Mapping[str, bytes], files: tuple[str, ...], tmp_path: Path) -> None:
    origin, out = tmp_path / "in", tmp_path / "out"
    (origin / "below").mkdir(parents=True)
    names = {f"below/page{number:02}.html": address for number, address in enumerate(pages)}
    for name, address in names.items():
        (origin / name).write_bytes(pages[address])
    (origin / "notes.txt").write_text("no page", "utf-8")
    (origin / "urls.tsv").write_text("".join(f"{name}\t/{address}\n" for name, address in names.items()), "utf-8")
    run_command("rewrite", *files, "--batch", str(origin), "--out", str(out))

    lines = {line["page"]: line for line in reports(tmp_path)}
    assert set(lines) == set(names)
    assert sorted(path.name for path in out.rglob("*.*")) == sorted(Path(name).name for name in names)
    for name, address in names.items():
        body = (out / name).read_bytes()
        assert rebuilt(pages[address], lines[name]) == body, address
        assert lines[name]["refused"] == [], address
        assert greeting("José").encode() in body, address

    # Genres are known from the pages of the categories: a record that nobody opened moves up on the home page.
    home = next(name for name, address in names.items() if address == HOME)
    before, after = window(pages[HOME]), window((out / home).read_bytes())
    assert sorted(after) == sorted(before)
    assert after != before
    assert any(edit["kind"] == "reorder" for edit in lines[home]["edits"])
    assert {BY_ID[int(record)].genre.name for record in after[:3]} == {"Hip hop"}
    assert {BY_ID[int(record)].genre.name for record in before[:3]} != {"Hip hop"}
    assert len(set(after[:3]) - {"5"}) >= 2, "nobody opened these"


def test_the_platform_is_told_from_the_pages(
    pages: Mapping[str, bytes], files: tuple[str, ...], tmp_path: Path
) -> None:
    config = tmp_path / "site.toml"
    config.write_text(config.read_text("utf-8").replace('"phoenix"', '"auto"'), "utf-8")
    asked = ("--url", "/product_info.php?products_id=5")
    rewritten(pages[OTHERS[2]], *files, *asked)
    assert {"hola": "TARGETING_MATCH"}.items() <= _codes(reports(tmp_path)[0]).items()


def test_what_is_not_there_is_named(files: tuple[str, ...], tmp_path: Path) -> None:
    nowhere, out = str(tmp_path / "nowhere"), str(tmp_path / "out")
    assert "no such folder" in run_command("rewrite", *files, "--batch", nowhere, "--out", out, expect=2)
    assert "belong together" in run_command("rewrite", *files, "--batch", nowhere, expect=2)
