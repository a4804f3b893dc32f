"""What a test of a transform needs, in a line: a small shop's page, a platform, a visitor, a configuration."""

from collections.abc import Mapping
from dataclasses import replace

from clicks.catalogue import Product
from clicks.targets import parse_target
from config.platform import ListRule, PathRule, Platform
from config.settings import Experience, Offer, Placement, Settings, Site, TomlValue, Who
from transforms.personaliser import Outcome, PageContext, Personaliser
from visitors.interests import growth
from visitors.profile import Profile
from visitors.visitor import Visitor

NOW = 1_800_000_000.0

PLATFORM = Platform(
    name="test",
    kinds={
        "home": (PathRule("/"),),
        "search": (PathRule("/search"),),
        "product": (PathRule("/product.php", {"id": "*"}),),
        "category": (PathRule("/list"),),
    },
    product_id=(r"/product\.php\?(?:.*&)?id=(\w+)",),
    lists=(ListRule("records", "#records > .record", name_css="b"),),
    sort_params=("sort",),
    search_params=("q",),
    query_fields=("id", "sort", "q"),
    logout=(PathRule("/logoff.php"),),
)

PLACEMENTS = {
    "greeting": Placement("greeting", ("*",), at="#welcome"),
    "grid": Placement("grid", ("*",), items="#records > .record"),
    "missing": Placement("missing", ("*",), at="#nowhere"),
    "at_home": Placement("at_home", ("home",), at="h1"),
}

CATALOGUE = {
    "r1": Product("r1", "Rock one", categories=("rock",), popularity=1.0),
    "r2": Product("r2", "Rock two", categories=("rock",), popularity=5.0),
    "h1": Product("h1", "Hip one", categories=("hiphop",), popularity=2.0),
    "h2": Product("h2", "Hip two", categories=("hiphop",), popularity=9.0),
}

JOSE = Profile(
    id="jose",
    first_name="José",
    last_name="Núñez",
    email="jose@example.org",
    customer=True,
    orders=2,
    categories={"hiphop": 4.0 * growth(NOW)},
)
VISITOR = Visitor(profile="jose", session="s", consent=True, logged_in=True, customer=True)
STRANGER = Visitor(profile="stranger", session="s", consent=True)


def record(product: str, name: str = "") -> str:
    """One block of the list."""
    return f'<div class="record"><a href="/product.php?id={product}"><b>{name or product}</b></a></div>'


def page(*products: str, title: str = "La Gramola", rest: str = "") -> bytes:
    """A page of a small shop."""
    blocks = "\n".join(record(product) for product in products or ("r1", "r2", "h1", "h2"))
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1>"
        f'<div id="welcome">Bienvenido</div>\n<div id="records">\n{blocks}\n</div>{rest}</body></html>'
    ).encode()


def settings(*experiences: Experience, **changes: object) -> Settings:
    """A configuration with these experiences and no holdout; `changes` replace fields of `Settings`."""
    given = Settings(
        site=Site("http://shop.example", holdout=0.0, mode="live"),
        placements=PLACEMENTS,
        offers={
            "vuelve10": Offer(
                "vuelve10", '<p class="offer">{first_name|Hola}: <a href="/cart?c={code}">{code}</a></p>', "VUELVE10"
            ),
        },
        experiences=experiences,
        version="1",
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def experience(at: str, name: str = "x", who: Who = Who(), **keys: TomlValue) -> Experience:  # noqa: B008
    """An experience at a placement with a transform's keys."""
    return Experience(name, at, who=who, settings=keys, place="site.toml:7")


def context(
    *,
    path: str = "/",
    visitor: Visitor = VISITOR,
    profile: Profile | None = JOSE,
    failure: str | None = None,
    catalogue: Mapping[str, Product] = CATALOGUE,
    referrer: str = "",
    now: float = NOW,
    rewriting: bool = True,
) -> PageContext:
    """The exchange a page belongs to."""
    return PageContext(
        "shop.example", parse_target(path.encode()), visitor, profile, failure, catalogue, referrer, now, rewriting
    )


def run(body: bytes, given: Settings | Experience, about: PageContext | None = None) -> Outcome:
    """One page through a new personaliser."""
    if isinstance(given, Experience):
        given = settings(given)
    return Personaliser(given, PLATFORM).run(body, b"text/html; charset=utf-8", about or context())


def code(outcome: Outcome, name: str = "x") -> str:
    """The reason an experience got."""
    return next(reason.code for reason in outcome.reasons if reason.experience == name)
