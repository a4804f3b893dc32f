"""`platform = "auto"` at shops with a known platform's marks: its rules where they fit, else what was learnt."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.samples import SampleFolder
from tests.fixtures.gramola import clicks_in, gramola
from tests.fixtures.gramola_in_guise import Guise, in_guise
from tests.fixtures.installation import installation
from tests.fixtures.page_browser import Browser
from tests.fixtures.processes import wait_until
from vitrina.learning import Learning

MARKED = Guise(3)
"""Other names and addresses, but the session's cookie is still the platform's."""
PAGES = (
    "index.php", "index.php?cPath=1", "index.php?cPath=2", "index.php?cPath=3", "product_info.php?products_id=5",
    "product_info.php?products_id=17", "product_info.php?products_id=30", "specials.php", "products_new.php",
    "about.php",
)  # fmt: skip


@pytest.fixture(scope="module")
def shop() -> Iterator[int]:
    with gramola() as port:
        yield port


def samples_of(port: int, guise: Guise | None, folder: Path) -> SampleFolder:
    """Pages as workers keep them: each of somebody who came without a cookie."""
    samples = SampleFolder(folder)
    host = f"127.0.0.1:{port}"
    for address in PAGES:
        target = "/" + (guise.to_here(address) if guise else address)
        page = Browser(f"http://{host}/").open(target)
        assert samples.offer(target, host, page.headers["Content-Type"], ("osCsid",), page.body)
    return samples


def test_the_platform_stays_where_its_lists_are(shop: int, tmp_path: Path) -> None:
    learning = Learning(samples_of(shop, None, tmp_path / "samples"), tmp_path / "learnt.toml")
    assert learning.is_due
    assert learning.learn() is None
    assert not (tmp_path / "learnt.toml").exists()


def test_its_marks_are_not_enough(shop: int, tmp_path: Path) -> None:
    with in_guise(MARKED, shop) as origin:
        learning = Learning(samples_of(origin, MARKED, tmp_path / "samples"), tmp_path / "learnt.toml")
        assert learning.learn() is not None
    assert (tmp_path / "learnt.toml").exists()


@pytest.mark.slow
def test_workers_go_on_with_what_was_learnt(shop: int, tmp_path: Path) -> None:
    with in_guise(MARKED, shop) as origin:
        config = f'[site]\norigin = "http://127.0.0.1:{origin}"\nplatform = "auto"\n[consent]\nrequired = false\n'
        with installation(tmp_path, config) as vitrina:
            for address in PAGES:
                Browser(vitrina.url + "/").open("/" + MARKED.to_here(address))
            log = tmp_path / "serve.log"
            assert "the shop runs on phoenix" in log.read_text()
            wait_until(lambda: "the shop was learnt" in log.read_text())
            Browser(vitrina.url + "/").open("/" + MARKED.product(5))
            vitrina.settle()
            viewed = [click.product for click in clicks_in(vitrina.data) if click.kind == "product"]
    assert viewed[-1] == str(MARKED.number(5))
