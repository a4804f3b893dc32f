"""Golden pages: `tests/golden/<transform>/<case>/{page.html,input.toml,expected.html}`; `make golden` rewrites them.

`input.toml` holds the request (`url`, `content_type`), the visitor, what is known of them, the catalogue (id →
categories) and, in `config`, placements and experiences as an operator writes them.
"""

import os
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from clicks.catalogue import Product
from clicks.targets import parse_target
from config.decode import decode
from config.platforms import load_platform
from transforms.page.edits import Spliced
from transforms.personaliser import PageContext, Personaliser
from transforms.registry import TRANSFORMS, problems
from visitors.interests import growth
from visitors.profile import Profile, Shown
from visitors.visitor import Visitor

GOLDEN = Path(__file__).parents[2] / "golden"
CASES = sorted(path.parent for path in GOLDEN.glob("*/*/input.toml"))
NOW = 1_800_000_000.0
SITE = 'version = 1\n[site]\norigin = "http://shop.example"\nplatform = "phoenix"\nmode = "live"\nholdout = 0\n'


def profile_of(table: dict[str, Any]) -> Profile:
    """A profile from a case: interests as scores, orders shown ten minutes ago."""
    given: dict[str, Any] = {"id": "visitor"} | table
    for name in ("categories", "products"):
        given[name] = {key: score * growth(NOW) for key, score in given.get(name, {}).items()}
    given["shown"] = {key: Shown(NOW - 600, tuple(ids)) for key, ids in given.get("shown", {}).items()}
    return Profile(**given)


def by_the_report(body: bytes, spliced: Spliced | None) -> bytes:
    """The page made again from the origin's bytes and the reported changes alone."""
    for change in sorted(spliced.changes if spliced else (), key=lambda change: change.start, reverse=True):
        body = body[: change.start] + change.replacement + body[change.end :]
    return body


@pytest.mark.parametrize("case", CASES, ids=[f"{case.parent.name}/{case.name}" for case in CASES])
def test_golden(case: Path) -> None:
    given = tomllib.loads((case / "input.toml").read_text("utf-8"))
    settings = decode(SITE + given["config"], "input.toml", case)
    assert problems(settings) == ()
    url = urlsplit(given["url"])
    context = PageContext(
        host="shop.example",
        target=parse_target((url.path + (f"?{url.query}" if url.query else "")).encode()),
        visitor=Visitor(profile="visitor", session="s", consent=True, **given.get("visitor", {})),
        profile=profile_of(given["profile"]) if "profile" in given else None,
        profile_failure=None,
        catalogue={key: Product(key, categories=tuple(names)) for key, names in given.get("catalogue", {}).items()},
        referrer_key="",
        now=NOW,
        rewriting=True,
    )
    body = (case / "page.html").read_bytes()
    outcome = Personaliser(settings, load_platform("phoenix")).run(body, given["content_type"].encode(), context)
    expected = case / "expected.html"
    if os.environ.get("VITRINA_GOLDEN") == "write":
        expected.write_bytes(outcome.body)
    assert outcome.body == expected.read_bytes()
    assert by_the_report(body, outcome.spliced) == outcome.body
    if case.name.endswith(("untouched", "refused")):
        assert outcome.body is body
    else:
        assert {reason.code for reason in outcome.reasons} == {"TARGETING_MATCH"}
        assert outcome.body != body


def test_every_transform_has_a_golden_page() -> None:
    assert {transform.key for transform in TRANSFORMS} <= {case.parent.name for case in CASES}
