"""The pictures of the documents, taken from a running demo: `python -m demo.screenshots PORT` (needs Debian's chromium)."""

import shutil
import sys
from pathlib import Path

IMAGES = Path(__file__).parents[1] / "docs" / "images"
CHROMIUM_ARGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars")


def take(port: int) -> None:
    """Write docs/images; the demo on `port` must be fresh for the pictures to be what a first visitor sees."""
    # Only whoever takes pictures needs playwright, a development dependency.
    from playwright.sync_api import sync_playwright

    shots = (
        ("stranger-and-jose.png", f"http://localhost:{port}/_vitrina/demo/compare?show=stranger,jose", 1360, 860),
        ("byte-lens.png", f"http://localhost:{port}/_vitrina/demo/lens", 1240, 780),
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(CHROMIUM_ARGS))
        for name, url, width, height in shots:
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(url, wait_until="networkidle")
            page.screenshot(path=IMAGES / name)
            page.close()
        browser.close()


if __name__ == "__main__":
    take(int(sys.argv[1]))
