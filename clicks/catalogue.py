"""The catalogue learnt from served pages: what a product is called, costs and belongs to; popularity beside it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """A product as last seen. `categories` are the texts the shop itself shows; `popularity` decays with time."""

    id: str
    name: str | None = None
    price_cents: int | None = None
    categories: tuple[str, ...] = ()
    image: str | None = None
    url: str | None = None
    sold_out: bool = False
    first_seen: float = 0.0
    last_seen: float = 0.0
    popularity: float = 0.0
