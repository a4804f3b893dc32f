"""Facts of a served page: product, lists, category, order; read through `PageView`, never from HTML itself.

Invariant: what cannot be told is None; a list has one `Listed` per match of its query, in the same order.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from clicks.facts import PageFacts, PageView
from clicks.targets import Target
from config.platform import Platform


@dataclass(frozen=True, slots=True)
class Wanted:
    """A fact query: `fields` are (name, css relative to the match, "text" or an attribute)."""

    name: str
    css: str
    fields: tuple[tuple[str, str, str], ...]


LIST_FIELDS: tuple[tuple[str, str, str], ...] = ()
"""Fields that tell a product in any list block; `list_fields(platform)` adds what the platform knows."""


def list_fields(platform: Platform) -> tuple[tuple[str, str, str], ...]:
    """The fields a placement's `items` query needs so that its matches can be read as products of this platform."""
    raise NotImplementedError


def wanted(platform: Platform) -> tuple[Wanted, ...]:
    """The fact queries of a platform: its lists, product, breadcrumb and order."""
    raise NotImplementedError


def read_facts(view: PageView, platform: Platform, target: Target, list_queries: Mapping[str, str]) -> PageFacts:
    """The facts of a page. `list_queries` maps placement names to queries with `list_fields`."""
    raise NotImplementedError
