# ruff: noqa: E501 - a table
"""`detect --describe` on shops of known platforms, as if they were not known: what it writes serves untouched."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.detecting import recorded_shop
from bench.events.recorded import RECORDINGS
from tests.fixtures.installation import PATIENT_BUDGET, Installation, run_command, started
from tests.fixtures.page_browser import Browser

SHOPS = {
    "phoenix": (r'[?;&]products_id=(\d+)', "/index.php?cPath=1_4", "/product_info.php?products_id={}"),
    "opencart": (r'href="[^"]*product_id=(\d+)', "/index.php?route=product/category&language=en-gb&path=20", "/index.php?route=product/product&product_id={}"),
    "woo": (r'href="[^"]*/product/([\w-]+)/', "/product-category/clothing/", "/product/{}/"),
    "oscar": (r'href="[^"]*/catalogue/([\w-]+_\d+)/', "/en-gb/catalogue/category/clothing_1/", "/en-gb/catalogue/{}/"),
}  # fmt: skip
"""Shop → how a link names its product, a list, and a product's address."""


@contextmanager
def described(origin: str, folder: Path) -> Iterator[Installation]:
    """Vitrina with the file that detect wrote; only the listeners, the folder and the holdout are the test's own."""
    config = folder / "site.toml"
    said = run_command("detect", origin, "--describe", "--pause", "0", "--write", str(config))
    assert "sure" in said
    run_command("check", str(config))
    text = config.read_text()
    assert 'platform = "own"' in text
    listen = f'data = "{folder}/data"\nlisten = "127.0.0.1:0"\nadmin = "127.0.0.1:0"\n{PATIENT_BUDGET}'
    text = text.replace('data = "./data"', listen).replace("holdout = 5 ", "holdout = 0 ")
    config.write_text(text)
    with started(folder, config, folder / "data", "serve", "--config", str(config)) as vitrina:
        yield vitrina


@pytest.mark.parametrize(
    "shop", [pytest.param(s, marks=() if s in ("opencart", "woo") else pytest.mark.slow) for s in SHOPS]
)
def test_recorded_shops_are_reordered(shop: str, tmp_path: Path) -> None:
    if not (RECORDINGS / shop).is_dir():
        pytest.skip("no recordings beside the project")
    link, category, product = SHOPS[shop]
    with recorded_shop(shop) as origin, described(origin, tmp_path) as vitrina:
        browser = Browser(vitrina.url)
        before = re.findall(link, browser.open(category).text)
        ids = list(dict.fromkeys(before))
        for number in ids[-2:] * 3:
            browser.open(product.format(number))
        vitrina.settle()
        after = list(dict.fromkeys(re.findall(link, browser.open(category).text)))
    assert sorted(after) == sorted(ids)
    assert after != ids
    assert set(after[:3]) & set(ids[-2:])
