"""Pages recorded from real shops through `rewrite --batch`: not one byte changes outside the reported edits."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.installation import run_command
from tests.integration.shops.reported import rebuilt

SHARED = Path(os.environ.get("VITRINA_SHARED", Path(__file__).parents[4] / "shared"))
SHOPS = SHARED / "shops"

CONFIG = """
version = 1
[site]
origin = "http://shop.test"
platform = "PLATFORM"
budget = { rewrite_ms = 10000, decide_ms = 10000 }
[placement.body]
on = "*"
at = "body"
[placement.heading]
on = "*"
at = "h1"
[placement.header]
on = "*"
at = "header, #top, .header"
[placement.footer]
on = "*"
at = "footer, .footer"
[placement.main]
on = "*"
at = "#content, main, .page_inner, #bodyContent"
[placement.search]
on = "*"
at = "input[name=search], input[name=s], input[name=keywords], input[name=q]"
[placement.blocks]
on = "*"
items = "BLOCKS"
[offer.bread]
html = '<p class="aviso">Hola {first_name|amigo}: <a href="/pan?a=1&amp;b=2">10 % con <b>{code}</b></a></p>'
code = "PAN"
[[experience]]
id = "last"
at = "body"
insert = "end"
offer = "bread"
[[experience]]
id = "greeting"
at = "heading"
insert = "end"
text = " para {first_name}"
[[experience]]
id = "above"
at = "heading"
insert = "before"
offer = "bread"
[[experience]]
id = "welcome"
at = "header"
insert = "start"
text = "Hola, {first_name}"
[[experience]]
id = "footer"
at = "footer"
text = "Hasta pronto, {first_name} & co."
[[experience]]
id = "main"
at = "main"
insert = "start"
offer = "bread"
[[experience]]
id = "hint"
at = "search"
set_attribute = { name = "placeholder", value = "¿Qué buscas, {first_name}?" }
[[experience]]
id = "order"
at = "blocks"
reorder = { by = "affinity", search = true }
[[experience]]
id = "short"
at = "blocks"
insert = "after"
text = "Ya está, {first_name}"
"""

PLATFORMS = {
    "phoenix": ("phoenix", ".card.is-product", 5),
    "oscar": ("oscar", "article.product_pod", 9),
    "woo": ("generic", "li.product", 0),
    "opencart": ("generic", ".product-thumb", 7),
}
"""Folder → platform file, what a product's block is there, and how many pages at least show another order.

Of Woo's blocks the generic platform cannot tell the products."""

PROFILE = {
    "first_name": "José <i>",
    "categories": {"Books": 3.0, "Movies": 2.0},
    "products": {str(number): float(number * 7919 % 101 + 1) for number in range(1, 300)},
}


def recorded(shop: str, to: Path) -> int:
    """Lay the recorded pages out with the URL that each was asked for; how many they are."""
    if not (SHOPS / shop).is_dir():
        pytest.skip("no recorded shops here")
    urls = []
    pages = sorted((SHOPS / shop).glob("*.html"))
    for page in pages:
        (to / page.name).write_bytes(page.read_bytes())
        exchange = page.with_suffix(".http")
        target = exchange.read_bytes().split(maxsplit=3)[2].decode("latin-1") if exchange.exists() else "/"
        urls.append(f"{page.name}\t{target}\n")
    (to / "urls.tsv").write_text("".join(urls), "utf-8")
    return len(pages)


@pytest.mark.parametrize("shop", PLATFORMS)
def test_nothing_changes_outside_the_reported_edits(shop: str, tmp_path: Path) -> None:
    origin, out, report = tmp_path / "in", tmp_path / "out", tmp_path / "report.jsonl"
    origin.mkdir()
    count = recorded(shop, origin)
    platform, blocks, reordered = PLATFORMS[shop]
    config = tmp_path / "site.toml"
    config.write_text(CONFIG.replace("PLATFORM", platform).replace("BLOCKS", blocks), "utf-8")
    profile = tmp_path / "profile.json"
    profile.write_text(json.dumps(PROFILE), "utf-8")
    files = ("--config", config, "--profile", profile, "--batch", origin, "--out", out, "--report", report)
    run_command("rewrite", *map(str, files))

    lines: list[dict[str, Any]] = [json.loads(line) for line in report.read_text("utf-8").splitlines()]
    assert len(lines) == count
    moved = 0
    for line in lines:
        body = (out / line["page"]).read_bytes()
        came = (origin / line["page"]).read_bytes()
        assert rebuilt(came, line) == body, line["page"]
        assert line["outcome"] not in ("ERROR", "OVER_BUDGET"), line["page"]
        assert line["refused"] == [], line["page"]
        moved += any(edit["kind"] == "reorder" for edit in line["edits"])
        is_closed = all(reason["code"] in ("DISABLED", "NOT_TARGETED") for reason in line["reasons"])
        if came.lower().rstrip().endswith(b"</html>") and not is_closed:  # a payment page is not touched
            assert len(line["edits"]) > 1, line["page"]
    assert moved >= reordered
