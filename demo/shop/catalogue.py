"""The catalogue: all records, by id and by genre, and the lists that the shop shows; built once at import."""

from collections.abc import Iterable

from demo.shop.genres import GENRES as GENRES
from demo.shop.record import Genre as Genre
from demo.shop.record import Record as Record
from demo.shop.record import Track as Track
from demo.shop.records import bolero_y_salsa, electronica, flamenco, hip_hop, jazz, rock

RECORDS: tuple[Record, ...] = (
    *hip_hop.RECORDS,
    *flamenco.RECORDS,
    *jazz.RECORDS,
    *rock.RECORDS,
    *electronica.RECORDS,
    *bolero_y_salsa.RECORDS,
)
BY_ID: dict[int, Record] = {record.id: record for record in RECORDS}
GENRE_BY_ID: dict[int, Genre] = {genre.id: genre for genre in GENRES}
NEWEST: tuple[Record, ...] = tuple(sorted(RECORDS, key=lambda record: (-record.added.toordinal(), record.id)))
NOVELTIES: tuple[Record, ...] = NEWEST[:12]
BESTSELLERS: tuple[Record, ...] = tuple(sorted(RECORDS, key=lambda record: -record.sold)[:10])
SPECIALS: tuple[Record, ...] = tuple(record for record in NEWEST if record.special_cents is not None)
RECORD_OF_THE_MONTH: Record = BY_ID[24]

SORTABLE: tuple[str, ...] = ("artist", "title", "year", "price")
"""What the columns of a listing sort by; `sort=2a` is the second of them ascending, `sort=4d` the fourth descending."""


def of_genre(genre: Genre) -> tuple[Record, ...]:
    """The genre's records, newest first."""
    return tuple(record for record in NEWEST if record.genre == genre)


def search(keywords: str) -> tuple[Record, ...]:
    """Records whose artist, title, label, genre or tracks contain every one of the words; no words find nothing."""
    words = fold(keywords).split()
    if not words:
        return ()
    return tuple(record for record in NEWEST if all(word in _HAYSTACKS[record.id] for word in words))


def sort(records: Iterable[Record], order: str) -> tuple[Record, ...]:
    """The records in the order of a `sort` parameter; an unknown one leaves them as they are."""
    if len(order) != 2 or order[0] not in "1234" or order[1] not in "ad":
        return tuple(records)
    column = SORTABLE[int(order[0]) - 1]
    backwards = order[1] == "d"
    match column:
        case "artist":
            return tuple(sorted(records, key=lambda record: fold(record.artist), reverse=backwards))
        case "title":
            return tuple(sorted(records, key=lambda record: fold(record.title), reverse=backwards))
        case "year":
            return tuple(sorted(records, key=lambda record: record.year, reverse=backwards))
        case _:
            return tuple(sorted(records, key=lambda record: record.pays_cents, reverse=backwards))


def also_bought(record: Record) -> tuple[Record, ...]:
    """Six records for "customers who bought this": three of its genre and three others, the same at every call."""
    same = [other for other in of_genre(record.genre) if other.id != record.id]
    others = [other for other in RECORDS if other.genre != record.genre]
    start = record.id * 5 % len(same)
    step = record.id * 11
    near = [same[(start + place) % len(same)] for place in range(3)]
    far = [others[(step + 17 * place) % len(others)] for place in range(3)]
    return tuple(pick for pair in zip(far, near, strict=True) for pick in pair)


_ACCENTS = str.maketrans("áéíóúüñàèìòùç¡¿", "aeiouunaeiouc  ")


def fold(text: str) -> str:
    """Text as the search compares it: lower case and without Spanish accents."""
    return text.lower().translate(_ACCENTS).strip()


_HAYSTACKS: dict[int, str] = {
    record.id: fold(
        " ".join(
            (
                record.artist,
                record.title,
                record.label,
                record.genre.name,
                str(record.year),
                *(track.title for track in record.tracks),
            )
        )
    )
    for record in RECORDS
}
