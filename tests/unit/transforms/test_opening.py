"""Templates' keys: what a page is expected to look like, and who may teach its fixed text."""

from dataclasses import replace

import pytest
from msgspec import structs

from clicks.targets import parse_target
from config.platform import PathRule
from config.settings import Budget, Placement, Site
from tests.fixtures.held import is_held
from tests.unit.transforms.given import PLACEMENTS, PLATFORM, STRANGER, VISITOR, context, experience, page, settings
from transforms.opening import MAX_ENGINES, Address, PageReader
from transforms.page.engine import Page, Refusal
from transforms.personaliser import Personaliser
from visitors.visitor import Visitor

GREETING = frozenset(["greeting"])


def address(reader: PageReader, target: bytes, here: frozenset[str] = GREETING, host: str = "shop.example") -> Address:
    return reader.address(host, parse_target(target), here)


def outcomes(reader: PageReader, *visits: tuple[str, Visitor, bytes]) -> list[str]:
    """How each visit's page was opened, in order."""
    opened: list[str] = []
    for path, visitor, body in visits:
        found = reader.open(body, b"text/html", address(reader, path.encode()), visitor, learn=True)
        assert isinstance(found, Page)
        opened.append(found.outcome)
    return opened


def test_pages_of_one_path_share_a_template() -> None:
    reader = PageReader(settings(), PLATFORM)
    assert outcomes(reader, ("/a", STRANGER, page()), ("/a?x=1", STRANGER, page()), ("/b", STRANGER, page())) == [
        "compiled",
        "hit",
        "compiled",
    ]


def test_pages_of_a_kind_share_one_only_where_the_platform_says_so() -> None:
    platform = replace(PLATFORM, kinds={"product": (PathRule("/p/*"),)}, template_by_kind=("product",))
    reader = PageReader(settings(), platform)
    assert outcomes(reader, ("/p/1", STRANGER, page()), ("/p/2", STRANGER, page())) == ["compiled", "hit"]


def three(visitor: Visitor) -> list[Visitor]:
    return [structs.replace(visitor, profile=f"visitor-{i}") for i in range(3)]


@pytest.mark.parametrize(
    ("name", "visitors", "body", "is_learnt"),
    [
        ("three signed in", three(VISITOR), page(), True),
        ("one signed in, three times", [VISITOR] * 3, page(), False),
        ("one who counts as new each time", three(structs.replace(VISITOR, fresh=True)), page(), False),
        ("three who can sign out", three(STRANGER), page(rest='<a href="/logoff.php">x</a>'), True),
        ("one who can sign out", [STRANGER] * 3, page(rest='<a href="/logoff.php">x</a>'), False),
        ("anybody, signed out", [STRANGER] * 3, page(), True),
    ],
)
def test_who_teaches_a_template(name: str, visitors: list[Visitor], body: bytes, is_learnt: bool) -> None:
    reader = PageReader(settings(), PLATFORM)
    found = outcomes(reader, *(("/", visitor, body) for visitor in visitors))
    assert found == ["compiled", "hit", "hit"]
    # Before it is learnt the text is known by fingerprints alone.
    assert is_held(reader, "La Gramola") is is_learnt


def test_what_nobody_in_particular_was_sent_is_learnt_at_once() -> None:
    reader, body = PageReader(settings(), PLATFORM), page(rest='<a href="/logoff.php">x</a>')
    at = address(reader, b"/")
    for is_nobodys in (False, False, True):
        assert not is_held(reader, "La Gramola")
        fresh = structs.replace(STRANGER, fresh=True)
        reader.open(body, b"text/html", at, fresh, learn=True, is_nobodys=is_nobodys)
    assert is_held(reader, "La Gramola")


@pytest.mark.parametrize(
    ("rule", "link", "is_signed_in"),
    [
        (PathRule("/**/accounts/logout/"), '<a href="/es/accounts/login/">Login or register</a>', False),
        (PathRule("/**/accounts/logout/"), '<a href="/es/accounts/logout/">Logout</a>', True),
        (PathRule("/**/accounts/logout/"), '<a href="../logout/">Logout</a>', True),
        (PathRule("/**/logoff.php"), '<a href="/login.php">Log in</a>', False),
        (PathRule("/**/logoff.php"), '<a href="/logoff.php?ceid=1">Log off</a>', True),
        (PathRule("/**/index.php", {"route": "account/logout"}), '<a href="?route=account/login">Login</a>', False),
        (PathRule("/**/index.php", {"route": "account/logout"}), '<a href="?route=account%2Flogout">Logout</a>', True),
        (PathRule("/**/", {"customer-logout": "*"}), '<a href="/my-account/">Login</a>', False),
        (PathRule("/**/", {"customer-logout": "*"}), '<a href="/?customer-logout=true">Logout</a>', True),
        (PathRule("/**/", {"signout": "1"}), '<a href="/?page=1">Next</a>', False),
        (PathRule("/**/logout/*"), '<a href="/logout/token">Logout</a>', True),
        (PathRule("/**"), '<a href="/anything">Anything</a>', False),
    ],
)
def test_a_page_counts_as_signed_in_by_its_way_out_only(rule: PathRule, link: str, is_signed_in: bool) -> None:
    reader = PageReader(settings(), replace(PLATFORM, logout=(rule,)))
    for number in range(2):
        assert outcomes(reader, ("/", structs.replace(STRANGER, profile=f"v{number}"), page(rest=link)))
    assert is_held(reader, "La Gramola") is not is_signed_in


def link(name: str) -> bytes:
    return page(rest=f'<a href="/{name}.php" title="{name}">x</a>')


def test_a_way_out_where_pages_of_a_template_vary_counts_as_well() -> None:
    reader = PageReader(settings(), PLATFORM)
    visits = [("/", structs.replace(STRANGER, profile=f"v{number}"), link(f"in-{number}")) for number in range(3)]
    assert outcomes(reader, *visits) == ["compiled", "relocated", "hit"]
    assert is_held(reader, "La Gramola")
    # The same structure for somebody signed in, whom our cookie does not know: nothing of it is taken for public.
    signed_in = [("/", structs.replace(STRANGER, profile=f"w{number}"), link("logoff")) for number in range(3)]
    assert outcomes(reader, *signed_in) == ["compiled", "hit", "hit"]
    assert outcomes(reader, *visits, *signed_in) == ["hit"] * 6


def test_only_what_applies_is_looked_for() -> None:
    reader = PageReader(settings(), PLATFORM)
    names = [query.name for query in reader.queries(frozenset(["grid"]))]
    assert names[0] == "grid"
    assert "greeting" not in names
    assert "list:records" in names
    assert [query.editable for query in reader.queries(frozenset(["grid"]))] == [True, *[False] * (len(names) - 1)]


def test_many_sets_of_placements_end_in_one_engine() -> None:
    placements = {f"p{i}": Placement(f"p{i}", (f"/{i}",), at="#welcome") for i in range(MAX_ENGINES + 5)}
    given = settings(*(experience(name, name, text="Hola") for name in placements), placements=PLACEMENTS | placements)
    personaliser = Personaliser(given, PLATFORM)
    for i in range(MAX_ENGINES + 5):
        outcome = personaliser.run(page(), b"text/html", context(path=f"/{i}"))
        assert [(reason.experience, reason.code) for reason in outcome.reasons] == [(f"p{i}", "TARGETING_MATCH")]
        assert b">Hola</div>" in outcome.body


def refusal(body: bytes, budget: Budget) -> Refusal | None:
    """Why a reader with this budget leaves a body alone."""
    site = Site("http://shop.example", holdout=0.0, mode="live", budget=budget)
    reader = PageReader(settings(site=site), PLATFORM)
    found = reader.open(body, b"text/html", address(reader, b"/"), STRANGER, learn=True)
    return found if isinstance(found, Refusal) else None


def test_budgets_at_their_edges() -> None:
    body = page() + b" " * (2048 - len(page()))
    assert refusal(body, Budget(max_html_kb=2)) is None
    assert refusal(body + b" ", Budget(max_html_kb=2)) == Refusal("OVER_BUDGET", "2 KB of HTML, max_html_kb = 2")
    assert refusal(body + b" " * 1024, Budget(max_html_kb=2)) == Refusal("OVER_BUDGET", "3 KB of HTML, max_html_kb = 2")
    found = refusal(page() + b" " * (250_000 - len(page())), Budget(rewrite_ms=0.25))
    assert found == Refusal("OVER_BUDGET", "about 1.00 ms, rewrite_ms = 0.25")


def test_the_header_says_the_encoding() -> None:
    reader = PageReader(settings(), PLATFORM)
    found = reader.open(page(), b"text/html; charset=utf-16", address(reader, b"/"), STRANGER, learn=True)
    assert found == Refusal("ENCODING", "the header says utf-16le")


def test_shops_and_targets_have_templates_of_their_own() -> None:
    reader = PageReader(settings(), PLATFORM)

    def outcome(host: str, path: bytes, *, learn: bool = True) -> str:
        found = reader.open(page(), b"text/html", address(reader, path, host=host), STRANGER, learn=learn)
        assert isinstance(found, Page)
        return found.outcome

    assert outcome("a.example", b"/x", learn=False) == "compiled"
    assert outcome("a.example", b"/x") == "compiled"
    assert outcome("a.example", b"/x") == "hit"
    assert outcome("b.example", b"/x") == "compiled"
    assert outcome("a.example", b"/" + b"y" * 600) == "compiled"
    assert outcome("a.example", b"/" + b"y" * 600) == "hit"


@pytest.mark.parametrize(
    ("rule", "link", "is_private"),
    [
        (PathRule("/logoff.php"), "/logoff.php", True),
        (PathRule("/logoff.php"), "/login.php", False),
        (PathRule("/a/*/sign-out"), "/a/7/sign-out", True),
        (PathRule("/index.php", {"route": "account/logout", "x": "*"}), "/index.php?route=account/logout", True),
        (PathRule("/index.php", {"route": "account/logout", "x": "*"}), "/index.php?route=account/login", False),
    ],
)
def test_a_page_with_a_link_to_sign_out_is_private(rule: PathRule, link: str, is_private: bool) -> None:
    reader = PageReader(settings(), replace(PLATFORM, logout=(rule,)))
    body = page(rest=f'<a href="{link}">Salir</a>')
    for _ in range(2):
        found = outcomes(reader, ("/", STRANGER, body))
    assert found == ["hit"]
    assert is_held(reader, "La Gramola") is not is_private


def test_facts_are_kept_by_content_target_and_placements() -> None:
    reader = PageReader(settings(), PLATFORM)
    here = frozenset(["grid"])

    def opened(body: bytes) -> Page:
        found = reader.open(body, b"text/html", address(reader, b"/", here), STRANGER, learn=True)
        assert isinstance(found, Page)
        return found

    opened(page())
    first = reader.facts(opened(page()), address(reader, b"/", here))
    assert reader.facts(opened(page()), address(reader, b"/", here)) is first
    assert first.listed == {"grid": ("r1", "r2", "h1", "h2"), "records": ("r1", "r2", "h1", "h2")}
    assert reader.facts(opened(page()), address(reader, b"/?sort=x", here)) is not first
    other = reader.facts(opened(page("h2", "h1")), address(reader, b"/", here))
    assert other.listed["grid"] == ("h2", "h1")
