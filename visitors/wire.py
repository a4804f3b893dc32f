"""Profiles as bytes: a msgpack array, its version first.

Rules: fields are only ever appended, so a shorter array (an older build's) takes defaults for what it lacks, and of a
longer one (a newer build's, while both run, or before a downgrade) what is unknown here is kept and written back;
another meaning of a field needs another version.
Every value is checked while it is decoded; maps stay packed until looked at. `decode_fields` gives the same as a plain
row for folding. `open_profile` is for a page, which reads few of them: the large maps are bytes until one is looked at.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

from msgspec import MsgspecError, Raw
from msgspec.msgpack import Decoder, Encoder

from clicks.rows import Rows
from visitors.interests import as_interests
from visitors.packed import Packed
from visitors.profile import NOTHING, PROFILE_VERSION, Profile, Shown
from visitors.resting import RESTING_VERSION, awake, rested

SEPARATOR = "\n"
"""Joins the items of one shown list, or the categories of one product: one string decodes faster than forty."""

_TYPES: Final[dict[str, Any]] = {
    "id": str,
    "created": float,
    "updated": float,
    "first_name": str | None,
    "last_name": str | None,
    "email": str | None,
    "customer": bool,
    "newsletter": bool,
    "visits": int,
    "session": str | None,
    "last_click": float,
    "usual_gap_s": float | None,
    "page_views": int,
    "last_page": str | None,
    "products": dict[str, float],
    "categories": dict[str, float],
    "cart": dict[str, int],
    "cart_at": float,
    "orders": int,
    "order_ids": tuple[str, ...],
    "value_cents": int,
    "last_order": float,
    "bought": dict[str, float],
    "searches": tuple[str, ...],
    "first_source": str | None,
    "last_source": str | None,
    "exposures": dict[str, tuple[float, ...]],
    "shown": dict[str, tuple[float, str, str, int]],
    "applied": dict[str, int],
    "merged": tuple[str, ...],
    "moved_to": str | None,
    "usual_gap_before_s": float | None,
    "visit_started": float,
    "previous_visit": float,
    "sessions": tuple[str, ...],
    "topics": dict[str, str],
    "traits": dict[str, str],
    "bare_orders": tuple[str, ...],
}
"""Fields in their order on the wire. Append only."""
_ROWS: Final = Rows(_TYPES, 1)
_DATED: Final = dict[str, tuple[float, float]]
_ROWS_OF_1: Final = Rows(_TYPES | {"products": _DATED, "categories": _DATED}, 1)
"""Version 1 had an interest as its score, and the moment at which that was so."""
_AS_NEW: Final = Profile(id="")
_DEFAULTS: Final = tuple({} if getattr(_AS_NEW, name) is NOTHING else getattr(_AS_NEW, name) for name in _TYPES)
_DEFAULT_OF: Final = tuple(zip(_TYPES, _DEFAULTS, strict=True))
_PLACE: Final = {name: place for place, name in enumerate(_TYPES)}
_PRODUCTS, _CATEGORIES, _TOPICS, _SHOWN = (_PLACE[name] for name in ("products", "categories", "topics", "shown"))
_END: Final = 1 + len(_TYPES)
"""Of a row's version and fields; what a later version appended comes there."""

_as_sent: Final = attrgetter(*_TYPES)
_PACK: Final = Encoder().encode
_UNPACK: Final = Decoder().decode

FIELD_NAMES: Final = tuple(_TYPES)
"""In their order on the wire, which is that of `Profile`."""


def encode_profile(profile: Profile) -> bytes:
    """The bytes that go to Redis."""
    return encode_fields(_sent(profile), profile.unknown_fields)


def encode_fields(fields: Sequence[Any], further: Sequence[object]) -> bytes:
    """The same of a row of packed fields in the wire's order, and what a later version appended."""
    return _PACK((PROFILE_VERSION, *fields, *further))


def encode_resting(profile: Profile) -> bytes:
    """The bytes of a profile whose visitor has gone."""
    fields = dict(zip(_PLACE, _sent(profile), strict=True))
    return _PACK(rested(fields, profile.unknown_fields))


def is_resting(data: bytes) -> bool:
    """Whether these bytes are a resting profile's, by their beginning alone."""
    return _version(data) == RESTING_VERSION


def _version(data: bytes) -> int | None:
    """As the beginning says it; None when it says none."""
    head = 1 if data[:1] < b"\xdc" else 3  # the array's length: in the first byte, or in two after it
    return data[head] if len(data) > head else None


def packed_fields(profile: Profile) -> list[Any]:
    """The row that goes to the wire; its maps are copies, so that they may be changed."""
    return [dict(value) if type(value) is dict else value for value in _sent(profile)]


def _sent(profile: Profile) -> list[Any]:
    values = list(_as_sent(profile))
    values[_TOPICS] = packed_topics(profile.topics)
    values[_SHOWN] = packed_shown(profile.shown)
    return values


def decode_profile(data: bytes) -> Profile:
    """The profile of those bytes. ValueError when they are not a profile, or one of a version unknown here."""
    return shaped(decode_fields(data))


def open_profile(data: bytes) -> Profile:
    """As `decode_profile`, for who only reads, by name and little of it: a large map is read when it is looked at, and
    is empty when it is not of its types."""
    if _version(data) != PROFILE_VERSION:
        return decode_profile(data)
    row = _OPENED_ROWS.decode(data)
    return _Opened._make((*row[1:_END], *_DEFAULTS[len(row) - 1 :], row[_END:]))


def decode_fields(data: bytes) -> tuple[Any, ...]:
    """All fields known here, maps packed and nobody else's, and behind them what is not known. ValueError as
    `decode_profile`."""
    version = _version(data)
    try:
        if version == 1:
            return _of_version_1(_ROWS_OF_1.decode(data))
        row = _ROWS.decode(_awake(data) if version == RESTING_VERSION else data)
    except ValueError as error:
        raise ValueError(f"not a profile: {error}") from None
    if row[0] != PROFILE_VERSION:
        raise ValueError(f"profile version {row[0]} found; 1, {RESTING_VERSION} and {PROFILE_VERSION} are known")
    return _whole(row)


def _whole(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The fields of a row, with defaults where an older build wrote none."""
    return row[1:] if len(row) >= _END else (*row[1:], *map(_own, _DEFAULTS[len(row) - 1 :]))


def _of_version_1(row: tuple[Any, ...]) -> tuple[Any, ...]:
    fields = list(_whole(row))
    for place in (_PRODUCTS, _CATEGORIES):
        fields[place] = as_interests(fields[place])
    return tuple(fields)


def _awake(data: bytes) -> bytes:
    """The bytes of a resting profile if it were awake: so it is checked as they are, and faster than as objects."""
    try:
        found, further = awake(_UNPACK(data))
        whole = [default if (value := found.get(name)) is None else value for name, default in _DEFAULT_OF]
        return encode_fields(whole, further)
    except (MsgspecError, OverflowError, RecursionError, TypeError) as error:
        raise ValueError(str(error)) from None


def _own(default: Any) -> Any:
    return {} if type(default) is dict else default


def shaped(values: tuple[Any, ...]) -> Profile:
    """The profile of a row such as `decode_fields` gives; they share their maps."""
    row = list(values[: len(_TYPES)])
    row[_TOPICS] = topics(row[_TOPICS])
    row[_SHOWN] = shown_lists(row[_SHOWN])
    row.append(values[len(_TYPES) :])
    return Profile._make(row)


def shown_lists(raw: dict[str, tuple[Any, ...]]) -> Mapping[str, Shown]:
    """Packed (at, items joined, variant, moved) as a mapping of `Shown`."""
    return Packed(raw, _shown) if raw else NOTHING


def packed_shown(values: Mapping[str, Shown]) -> dict[str, tuple[Any, ...]]:
    """The packed form of a mapping of `Shown`; the very dict when it was packed (do not change it)."""
    if isinstance(values, Packed):
        return values.raw
    return {key: (shown.at, SEPARATOR.join(shown.items), shown.variant, shown.moved) for key, shown in values.items()}


def topics(raw: dict[str, str]) -> Mapping[str, tuple[str, ...]]:
    """Packed categories (joined) by product as a mapping of tuples."""
    return Packed(raw, _joined) if raw else NOTHING


def packed_topics(values: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The packed form of categories by product; the very dict when it was packed (do not change it)."""
    if isinstance(values, Packed):
        return values.raw
    return {key: SEPARATOR.join(categories) for key, categories in values.items()}


def _shown(packed: tuple[Any, ...]) -> Shown:
    at, items, variant, moved = packed
    return Shown(at, _joined(items), variant, moved)


def _joined(packed: str) -> tuple[str, ...]:
    return tuple(packed.split(SEPARATOR)) if packed else ()


class _Later:
    """A map that its profile has as msgpack's bytes until somebody looks at it."""

    def __init__(self, of: Callable[[Any], Mapping[str, Any]] | None = None) -> None:
        self._of = of

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name
        self._place = _PLACE[name]
        self._read = Decoder(_TYPES[name]).decode

    def __get__(self, profile: "_Opened", owner: type) -> Any:
        found: Any = profile[self._place]
        if type(found) is Raw:  # else the row ended before it
            try:
                found = self._read(found)
                if self._of is not None:
                    found = self._of(found)
            except (MsgspecError, UnicodeDecodeError, RecursionError):
                found = NOTHING
        profile.__dict__[self._name] = found
        return found


class _Opened(Profile):
    """A profile of which the maps are bytes that may have dozens of entries, and of which a page reads few or none."""

    products: Any = _Later()
    categories: Any = _Later()
    topics: Any = _Later(topics)
    shown: Any = _Later(shown_lists)
    applied: Any = _Later()


_OPENED_ROWS: Final = Rows({name: Raw if name in vars(_Opened) else type_ for name, type_ in _TYPES.items()}, 1)
