"""Profiles as bytes: a msgpack array, its version first.

Rules: fields are only ever appended, so a shorter array (an older build's) takes defaults for what it lacks, and of a
longer one (a newer build's, while both run, or before a downgrade) what is unknown here is kept and written back;
another meaning of a field needs another version.
Every value is checked by `decode_profile`; maps stay packed until looked at. `decode_fields` gives the same as a plain
row for folding, and checks what stands in the maps only when `check` is asked to.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, Final

import msgpack

from visitors.affinity import affinities, packed_affinities
from visitors.packed import Packed
from visitors.profile import NOTHING, PROFILE_VERSION, Profile, Shown
from visitors.resting import RESTING_VERSION, awake, rested

SEPARATOR = "\n"
"""Joins the items of one shown list, or the categories of one product: one string decodes faster than forty."""

_Types = frozenset[type[Any]]

_NONE: type[Any] = type(None)
_NUMBER: _Types = frozenset((int, float))
_COUNT: _Types = frozenset((int,))
_TEXT: _Types = frozenset((str,))
_OPTIONAL_TEXT: _Types = frozenset((str, _NONE))
_MAP: _Types = frozenset((dict,))
_TUPLE: _Types = frozenset((tuple,))

# The order on the wire, with the types allowed. Append only.
_FIELDS: Final[tuple[tuple[str, _Types], ...]] = (
    ("id", _TEXT),
    ("created", _NUMBER),
    ("updated", _NUMBER),
    ("first_name", _OPTIONAL_TEXT),
    ("last_name", _OPTIONAL_TEXT),
    ("email", _OPTIONAL_TEXT),
    ("customer", frozenset((bool,))),
    ("newsletter", frozenset((bool,))),
    ("visits", _COUNT),
    ("session", _OPTIONAL_TEXT),
    ("last_click", _NUMBER),
    ("usual_gap_s", _NUMBER | {_NONE}),
    ("page_views", _COUNT),
    ("last_page", _OPTIONAL_TEXT),
    ("products", _MAP),
    ("categories", _MAP),
    ("cart", _MAP),
    ("cart_at", _NUMBER),
    ("orders", _COUNT),
    ("order_ids", _TUPLE),
    ("value_cents", _COUNT),
    ("last_order", _NUMBER),
    ("bought", _MAP),
    ("searches", _TUPLE),
    ("first_source", _OPTIONAL_TEXT),
    ("last_source", _OPTIONAL_TEXT),
    ("exposures", _MAP),
    ("shown", _MAP),
    ("applied", _MAP),
    ("merged", _TUPLE),
    ("moved_to", _OPTIONAL_TEXT),
    ("usual_gap_before_s", _NUMBER | {_NONE}),
    ("visit_started", _NUMBER),
    ("previous_visit", _NUMBER),
    ("sessions", _TUPLE),
    ("topics", _MAP),
    ("traits", _MAP),
    ("bare_orders", _TUPLE),
)
_DEFAULTS: Final = tuple(
    {} if types is _MAP else getattr(Profile(id=""), name) for name, types in _FIELDS
)  # maps as they are on the wire
_DEFAULT_OF: Final = tuple(zip((name for name, _ in _FIELDS), _DEFAULTS, strict=True))
_PLACE: Final = {name: place for place, (name, _) in enumerate(_FIELDS)}
_PRODUCTS, _CATEGORIES, _TOPICS, _SHOWN, _CART, _APPLIED, _BOUGHT, _EXPOSURES, _TRAITS = (
    _PLACE[name]
    for name in ("products", "categories", "topics", "shown", "cart", "applied", "bought", "exposures", "traits")
)
_maps_of: Final = itemgetter(*(_PLACE[name] for name, types in _FIELDS if types is _MAP))
_lists_of: Final = itemgetter(*(_PLACE[name] for name, types in _FIELDS if types is _TUPLE))
_SHOWN_TYPES: Final = frozenset(((float, str, str, int), (int, str, str, int)))

# A field of the profile that is missing from the wire fails here, at import.
_as_constructed: Final = itemgetter(*({**_PLACE, "unknown_fields": len(_FIELDS)}[name] for name in Profile._fields))
_as_sent: Final = attrgetter(*(name for name, _ in _FIELDS))
_PACK: Final = msgpack.Packer(autoreset=True).pack

FIELD_NAMES: Final = tuple(name for name, _ in _FIELDS)
"""In their order on the wire."""


def encode_profile(profile: Profile) -> bytes:
    """The bytes that go to Redis."""
    return encode_fields(_sent(profile), profile.unknown_fields)


def encode_fields(fields: Sequence[Any], further: Sequence[object]) -> bytes:
    """The same of a row of packed fields in the wire's order, and what a later version appended."""
    packed: bytes = _PACK((PROFILE_VERSION, *fields, *further))
    return packed


def encode_resting(profile: Profile) -> bytes:
    """The bytes of a profile whose visitor has gone."""
    fields = dict(zip(_PLACE, _sent(profile), strict=True))
    packed: bytes = msgpack.packb(rested(fields, profile.unknown_fields))
    return packed


def is_resting(data: bytes) -> bool:
    """Whether these bytes are a resting profile's, by their beginning alone."""
    head = 1 if data[:1] < b"\xdc" else 3  # the array's length: in the first byte, or in two after it
    return data[head : head + 1] == bytes((RESTING_VERSION,))


def packed_fields(profile: Profile) -> list[Any]:
    """The row that goes to the wire; its maps are copies, so that they may be changed."""
    return [dict(value) if type(value) is dict else value for value in _sent(profile)]


def _sent(profile: Profile) -> list[Any]:
    values = list(_as_sent(profile))
    values[_PRODUCTS] = packed_affinities(profile.products)
    values[_CATEGORIES] = packed_affinities(profile.categories)
    values[_TOPICS] = packed_topics(profile.topics)
    values[_SHOWN] = packed_shown(profile.shown)
    return values


def decode_profile(data: bytes) -> Profile:
    """The profile of those bytes. ValueError when they are not a profile, or one of a version unknown here."""
    values = decode_fields(data)
    check(values)
    return shaped(values)


def read_profile(data: bytes) -> Profile:
    """`decode_profile` for one page, by whose guard a damaged map's values are caught when they are looked at.

    Never fold or write what it returns.
    """
    return shaped(decode_fields(data))


def decode_fields(data: bytes) -> tuple[Any, ...]:
    """All fields known here, of the right kinds, maps packed and nobody else's, and behind them what is not known.
    ValueError as `decode_profile`; what is in the maps and lists is not looked at."""
    try:
        values = msgpack.unpackb(data, use_list=False, strict_map_key=True)
    except ValueError:
        raise
    except Exception as error:  # msgpack's own FormatError and StackError are ValueErrors; keep the promise for others
        raise ValueError(f"not a profile: {error}") from error
    if type(values) is not tuple or len(values) < 2:
        raise ValueError("not a profile: no array of fields")
    version = values[0]
    if version == RESTING_VERSION:
        found, further = awake(values)
        sent = tuple([found[name] if name in found else _own(default) for name, default in _DEFAULT_OF])
        fields = (*sent, *further)
    elif version == PROFILE_VERSION:
        fields = values[1:]
        if len(fields) < len(_FIELDS):
            fields += tuple(map(_own, _DEFAULTS[len(fields) :]))
    else:
        raise ValueError(f"profile version {version!r} found, {PROFILE_VERSION} and {RESTING_VERSION} known")
    _check_types(tuple(map(type, fields[: len(_FIELDS)])))
    return fields


def _own(default: Any) -> Any:
    return {} if type(default) is dict else default


def shaped(values: tuple[Any, ...]) -> Profile:
    """The profile of a row such as `decode_fields` gives; they share their maps."""
    row = list(values[: len(_FIELDS)])
    row[_PRODUCTS] = affinities(row[_PRODUCTS])
    row[_CATEGORIES] = affinities(row[_CATEGORIES])
    row[_TOPICS] = topics(row[_TOPICS])
    row[_SHOWN] = shown_lists(row[_SHOWN])
    row.append(values[len(_FIELDS) :])
    return Profile._make(_as_constructed(row))


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


def check(sent: tuple[Any, ...]) -> None:
    """Types of what the fields hold; many at a time, for there are thousands of profiles. ValueError when one is not
    what it must be."""
    pairs = (*sent[_PRODUCTS].values(), *sent[_CATEGORIES].values())
    if not (_all(pairs, _TUPLE) and {2}.issuperset(map(len, pairs)) and _all(chain.from_iterable(pairs), _NUMBER)):
        raise ValueError("not a profile: products or categories hold no scores")
    if not _all((*sent[_CART].values(), *sent[_APPLIED].values()), _COUNT):
        raise ValueError("not a profile: cart or applied hold no counts")
    exposures = sent[_EXPOSURES].values()
    if not (_all(exposures, _TUPLE) and _all(chain(sent[_BOUGHT].values(), *exposures), _NUMBER)):
        raise ValueError("not a profile: bought or exposures hold no times")
    if not _all(chain(sent[_TOPICS].values(), sent[_TRAITS].values(), *_lists_of(sent)), _TEXT):
        raise ValueError("not a profile: a list holds no texts")
    shown = sent[_SHOWN].values()
    if shown and not (_all(shown, _TUPLE) and _SHOWN_TYPES.issuperset([tuple(map(type, each)) for each in shown])):
        raise ValueError("not a profile: shown holds no orders")
    if not _all(chain(*_maps_of(sent)), _TEXT):
        raise ValueError("not a profile: a key is no text")


@lru_cache(maxsize=256)  # optional fields give a few dozen shapes
def _check_types(found: tuple[type[Any], ...]) -> None:
    for kind, (name, types) in zip(found, _FIELDS, strict=True):
        if kind not in types:
            raise ValueError(f"not a profile: {name} is a {kind.__name__}")


def _all(values: Any, types: _Types) -> bool:
    return types.issuperset(map(type, values))


def _joined(packed: str) -> tuple[str, ...]:
    return tuple(packed.split(SEPARATOR)) if packed else ()
