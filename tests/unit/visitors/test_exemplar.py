"""Somebody made up for a segment belongs to it."""

import tomllib
from typing import Any

import pytest

from config.decode import decode
from config.settings import Segment
from tests.unit.docs.reading import ROOT
from visitors.exemplar import exemplar
from visitors.segments import matches

NOW = 1_800_000_000.0


def segments(text: str) -> dict[str, Segment]:
    settings = decode(f'version = 1\n[site]\norigin = "http://10.0.0.5"\n{text}', "site.toml", ROOT)
    return dict(settings.segments)


@pytest.mark.parametrize(
    "who",
    [
        "all = [{ visits = { gte = 3 } }]",
        "all = [{ visits = { gt = 3 } }, { visits = { lt = 5 } }]",
        "all = [{ orders = { gte = 1 } }, { silent_for = '2x usual_gap' }]",
        "all = [{ silent_for = '60d' }]",
        "all = [{ silent_for = { lt = '5m' } }]",
        "all = [{ silent_for = { gt = '30d' } }, { silent_for = { lte = '40d' } }]",
        "all = [{ orders = 0 }]",
        "all = [{ value = { gte = 250 } }]",
        "all = [{ value_cents = { gt = 9999 } }]",
        "all = [{ cart_items = { gte = 2 } }]",
        "all = [{ days_since_order = { lte = 3 } }]",
        "all = [{ days_since_order = { gt = 100 } }]",
        "all = [{ likes = 'Vinilos' }]",
        "all = [{ interests = { has = ['Rock', 'Jazz'] } }]",
        "all = [{ bought = '17' }, { in_cart = '5' }]",
        "all = [{ searches = { contains = 'vinilo' } }]",
        "all = [{ first_source = 'newsletter' }, { last_source = { ne = 'ads' } }]",
        "all = [{ agent = 'mobile' }]",
        "all = [{ newsletter = true }, { logged_in = false }]",
        "all = [{ logged_in = true }, { has = ['first_name'] }]",
        "all = [{ has = ['email', 'orders', 'cart_items'] }]",
        "all = [{ customer = true }]",
        "any = [{ visits = { gte = 5 } }, { orders = { gte = 1 } }]",
        "all = [{ visits = { lt = 3 } }]\nany = [{ visits = { gte = 5 } }, { orders = { gte = 1 } }]",
        "all = [{ segment = 'base' }, { visits = { gte = 9 } }]",
        "all = [{ segment = { ne = 'base' } }]",
    ],
)
def test_somebody_of_the_segment(who: str) -> None:
    known = segments(f"[segment.base]\nall = [{{ orders = {{ gte = 2 }} }}]\n[segment.tested]\n{who}\n")
    found = exemplar("tested", known, NOW)

    assert found is not None
    profile, visitor = found
    assert matches(known["tested"].who, profile, visitor, known, NOW)
    assert profile.id == visitor.profile


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("tested", "all = [{ visits = { gte = 5 } }, { visits = { lt = 5 } }]"),
        ("nobody", "all = [{ visits = 1 }]"),
        ("tested", "all = [{ newsletter = true }, { newsletter = false }]"),
    ],
)
def test_nobody_can_be_made_up(name: str, who: str) -> None:
    assert exemplar(name, segments(f"[segment.tested]\n{who}\n"), NOW) is None


def _examples() -> list[tuple[str, dict[str, Any]]]:
    texts = [path.read_text("utf-8") for path in sorted((ROOT / "docs").rglob("*.md"))]
    blocks = [block.split("```")[0] for text in texts for block in text.split("```toml\n")[1:]]
    found = []
    for block in blocks:
        try:
            found += [(name, block) for name in tomllib.loads(block).get("segment", {})]
        except tomllib.TOMLDecodeError:
            continue
    return found


@pytest.mark.parametrize(("name", "block"), _examples(), ids=lambda value: str(value)[:20])
def test_segments_of_the_documents_have_examples(name: str, block: str) -> None:
    try:
        known = segments(block)
    except Exception:
        pytest.skip("a part of a configuration")
    assert exemplar(name, known, NOW) is not None
