"""What the shop sells: genres and records as values. Prices are whole cents of a euro, tax included."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Genre:
    """One of the shop's categories; `id` is what `cPath` carries, `slug` names its pictures."""

    id: int
    slug: str
    name: str
    motto: str


@dataclass(frozen=True, slots=True)
class Track:
    """One track: its title and its length in seconds."""

    title: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Record:
    """One record. `special_cents` is the reduced price or None; `stock` 0 means sold out; `sold` orders the bestsellers."""

    id: int
    genre: Genre
    title: str
    artist: str
    year: int
    label: str
    format: str
    price_cents: int
    special_cents: int | None
    stock: int
    sold: int
    added: date
    blurb: str
    tracks: tuple[Track, ...]

    @property
    def pays_cents(self) -> int:
        """What a customer pays today, in cents."""
        return self.price_cents if self.special_cents is None else self.special_cents

    @property
    def is_sold_out(self) -> bool:
        """True when there is none left to put in a cart."""
        return self.stock == 0


def tracks(titles: str) -> tuple[Track, ...]:
    """Tracks from titles separated by ` | `; lengths are made from the titles so that they are the same at every start."""
    return tuple(
        Track(title, 118 + sum(map(ord, title)) * 7 % 227) for title in (part.strip() for part in titles.split("|"))
    )


def record(
    id: int,
    genre: Genre,
    title: str,
    artist: str,
    year: int,
    label: str,
    price_cents: int,
    blurb: str,
    titles: str,
    *,
    special: int | None = None,
    stock: int = 6,
    sold: int = 0,
    novelty: int | None = None,
    format: str = "LP 33 rpm",
) -> Record:
    """A record; `novelty` is the day of November 2008 on which it came in, records without one came in earlier that year."""
    added = date(2008, 11, novelty) if novelty is not None else date(2008, 1, 7) + timedelta(days=id * 37 % 280)
    return Record(
        id, genre, title, artist, year, label, format, price_cents, special, stock, sold, added, blurb, tracks(titles)
    )
