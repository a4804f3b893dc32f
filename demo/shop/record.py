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
    """One record. `special_cents` is the reduced price or None; no `stock` is sold out; `sold` orders the bestsellers."""

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
    """Tracks from titles separated by ` | `; their lengths follow from the titles, so they never change."""
    return tuple(
        Track(title, 118 + sum(map(ord, title)) * 7 % 227) for title in (part.strip() for part in titles.split("|"))
    )


def record(
    number: int,
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
    medium: str = "LP 33 rpm",
) -> Record:
    """A record; `novelty` is the day of November 2008 on which it came in, the others came in earlier that year."""
    added = date(2008, 11, novelty) if novelty is not None else date(2008, 1, 7) + timedelta(days=number * 37 % 280)
    return Record(
        number,
        genre,
        title,
        artist,
        year,
        label,
        medium,
        price_cents,
        special,
        stock,
        sold,
        added,
        blurb,
        tracks(titles),
    )
