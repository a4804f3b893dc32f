"""Two customers of La Gramola behind Varnish: on the recipe, and told to cache every page whatever cookies say."""

import http.client
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.fixtures.fronts import FRONTS, HOST, Front, Recipe, careless_varnish, front, missing
from tests.fixtures.gramola import HIP_HOP, Person, gramola, greeting, profile_id, site_config
from tests.fixtures.installation import Installation, installation

PATHS = ("index.php?language=c1", "product_info.php?products_id=9", "index.php?cPath=2", "about.php")
VARNISH = FRONTS["varnish"]
WAYS = {"recipe": VARNISH, "careless": Recipe(careless_varnish, VARNISH.programs, VARNISH.files)}


class _Tls(http.client.HTTPSConnection):
    """To this machine, by a name that only a hosts file knows."""

    def connect(self) -> None:
        raw = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        self.sock = self.context.wrap_socket(raw, server_hostname=self.host)

    def __init__(self, host: str, port: int | None, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=30, context=context)
        self.context = context


@dataclass(slots=True)
class Shopper(Person):
    """Somebody's browser, at the shop's https address."""

    context: ssl.SSLContext | None = None

    def _connection(self, host: str, port: int | None) -> http.client.HTTPConnection:
        assert self.context is not None
        return _Tls(host, port, self.context)


@dataclass(frozen=True, slots=True)
class Shop:
    """La Gramola, Vitrina, Varnish."""

    front: Front
    vitrina: Installation

    def shopper(self) -> Shopper:
        """A new browser that agreed to cookies."""
        context = ssl.create_default_context(cafile=self.front.authority)
        person = Shopper(f"{self.front.url}/", ("osCsid",), context=context)
        person.agree()
        return person


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, int]]:
    """Vitrina before La Gramola, and its port."""
    if (why := missing(VARNISH)) is not None:
        pytest.skip(why)
    with gramola() as port:
        config = site_config(port, head="workers = 1", site=f'trusted = ["127.0.0.1"]\nhosts = ["{HOST}"]')
        with installation(tmp_path_factory.mktemp("shop"), config) as vitrina:
            yield vitrina, port


@pytest.fixture(scope="module", params=WAYS)
def shop(request: pytest.FixtureRequest, site: tuple[Installation, int]) -> Iterator[Shop]:
    """With each of the two configurations of Varnish."""
    vitrina, port = site
    with front(request.param, WAYS[request.param], vitrina.port, port) as before:
        yield Shop(before, vitrina)


def test_nobody_gets_anothers_page(shop: Shop) -> None:
    people: dict[str, Shopper] = {}
    for name in ("Vanesa", "Wilfredo"):
        person = people[name] = shop.shopper()
        person.register(f"{name.lower()}@{shop.front.name}.example", "una clave 1", name)
        person.look_at(*HIP_HOP)
    shop.vitrina.settle()
    for path in PATHS:
        for _ in range(2):
            for name, person in people.items():
                shown = person.open(path)
                assert shown.body.count(greeting(name).encode()) == 1
                assert [other for other in people if other.encode() in shown.body] == [name]
                assert shown.headers["Age"] in (None, "0")
    newcomers = [shop.shopper() for _ in range(2)]
    for newcomer in newcomers:
        shown = newcomer.open("index.php?language=c1")
        assert not [name for name in people if name.encode() in shown.body]
    assert len({profile_id(person) for person in (*people.values(), *newcomers)}) == 4


def test_what_is_nobodys_is_cached(shop: Shop) -> None:
    person = shop.shopper()
    varnish = [person.fetch("images/covers/5.svg").headers["X-Varnish"].split() for _ in range(2)]
    assert [len(ids) for ids in varnish] == [1, 2], "the second is the cache's: it names the request that fetched it"
