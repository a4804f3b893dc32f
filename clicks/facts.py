"""What a served page says: kind, product, lists, cart; read through the `PageView` protocol, so this stays pure."""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

Row = Mapping[str, str | None]
"""One match of a query: field name to value. A row that is that of several pages has an attribute `derived`, in which
its reader may keep what it reads of it."""


class PageView(Protocol):
    """A located page: rows of values per query name (see `clicks.wanted` for the names)."""

    def rows(self, name: str) -> Sequence[Row]:
        """Matches of the query in document order, each a mapping from field name to value."""
        ...

    def count(self, name: str) -> int:
        """Number of matches."""
        ...


@dataclass(frozen=True, slots=True)
class Listed:
    """A product in a list on a page; `id` is None where it cannot be told. Price in the shop's minor unit (cents)."""

    id: str | None
    name: str | None = None
    price_cents: int | None = None
    url: str | None = None
    image: str | None = None


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """The product a page is about."""

    id: str
    name: str | None = None
    price_cents: int | None = None
    categories: tuple[str, ...] = ()
    image: str | None = None
    sold_out: bool = False


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order-success page: what was bought."""

    id: str
    value_cents: int | None = None
    items: tuple[str, ...] = ()
    currency: str | None = None
    """ISO 4217, where the total's sign or code tells it."""
    links: tuple[str, ...] = ()
    """Targets of what was bought, where its id is not in the URL."""


@dataclass(frozen=True, slots=True)
class PageFacts:
    """Everything decisions and clicks need of a page. `lists` maps a placement or platform list name to its items."""

    kind: str = "other"
    product: ProductFacts | None = None
    category: str | None = None
    lists: Mapping[str, tuple[Listed, ...]] | None = None
    order: OrderFacts | None = None
    sorted_by_visitor: bool = False
    """The visitor sorted, filtered or paged: lists on this page keep their order."""
    hydrated: bool = False
    """Scripts take the markup over and expect it as the shop rendered it (`clicks.hydration`)."""
    hits: int | None = None
    """A search page: how many results there are."""
    derived: MutableMapping[str, object] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was worked out from these very facts, a few things by name: most pages of a template share their facts, and
    it ends with them. Nothing in it may depend on more than the facts, the page's target and the configuration, unless
    that is kept beside it."""
