"""La Gramola with Vitrina in front, whole process trees: one for all tests that leave it as they found it."""

import os
from collections.abc import Iterator

import pytest

from tests.fixtures.gramola import Site, gramola, site_config
from tests.fixtures.installation import installation

SECRET_NAME = "VITRINA_TEST_DEBUG_SECRET"
SECRET = "open-sesame-2718"


@pytest.fixture(scope="session")
def shop_port() -> Iterator[int]:
    """The shop."""
    with gramola() as port:
        yield port


@pytest.fixture(scope="session")
def site(shop_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two workers in front of the shop; somebody has opened every genre, so the catalogue knows them."""
    os.environ[SECRET_NAME] = SECRET
    config = site_config(shop_port, site=f'debug_secret = "env:{SECRET_NAME}"')
    with installation(tmp_path_factory.mktemp("site"), config) as running:
        found = Site(running, shop_port)
        first = found.visitor()
        for genre in range(1, 7):
            first.open(f"index.php?cPath={genre}")
        running.settle()
        yield found
    del os.environ[SECRET_NAME]
