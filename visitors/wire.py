"""Profiles as bytes: a msgpack array, its version first.

Rules: fields are only ever appended, so a shorter array (an older build's) takes defaults for what it lacks and a
longer one (a newer build's, while both run) loses what is unknown; another meaning of a field needs another version.
Every value is checked, so what `decode_profile` returns can be folded and read without further care; maps stay packed
until looked at.
"""

from collections.abc import Mapping
from itertools import chain
from typing import Any, Final

import msgpack

from visitors.affinity import affinities, packed_affinities
from visitors.packed import Packed
from visitors.profile import PROFILE_VERSION, Affinity, Profile, Shown

ITEM_SEPARATOR = "\n"
"""Joins the items of one shown list: one string decodes faster than forty."""

_NONE = type(None)
_NUMBER: Final = frozenset((int, float))
_TEXT: Final = frozenset((str,))
_OPTIONAL_TEXT: Final = frozenset((str, _NONE))
_MAP: Final = frozenset((dict,))
_TEXTS: Final = frozenset((tuple,))

# The order on the wire, with the types allowed. Append only.
_FIELDS: Final[tuple[tuple[str, frozenset[type]], ...]] = (
    ("id", _TEXT),
    ("created", _NUMBER),
    ("updated", _NUMBER),
    ("first_name", _OPTIONAL_TEXT),
    ("last_name", _OPTIONAL_TEXT),
    ("email", _OPTIONAL_TEXT),
    ("customer", frozenset((bool,))),
    ("newsletter", frozenset((bool,))),
    ("visits", frozenset((int,))),
    ("session", _OPTIONAL_TEXT),
    ("last_click", _NUMBER),
    ("usual_gap_s", _NUMBER | {_NONE}),
    ("page_views", frozenset((int,))),
    ("last_page", _OPTIONAL_TEXT),
    ("products", _MAP),
    ("categories", _MAP),
    ("cart", _MAP),
    ("cart_at", _NUMBER),
    ("orders", frozenset((int,))),
    ("order_ids", _TEXTS),
    ("value_cents", frozenset((int,))),
    ("last_order", _NUMBER),
    ("bought", _MAP),
    ("searches", _TEXTS),
    ("first_source", _OPTIONAL_TEXT),
    ("last_source", _OPTIONAL_TEXT),
    ("exposures", _MAP),
    ("shown", _MAP),
    ("applied", _MAP),
    ("merged", _TEXTS),
    ("moved_to", _OPTIONAL_TEXT),
    ("usual_gap_before_s", _NUMBER | {_NONE}),
    ("visit_started", _NUMBER),
    ("previous_visit", _NUMBER),
    ("sessions", _TEXTS),
    ("topics", _MAP),
)
_TYPES: Final = tuple(types for _, types in _FIELDS)
_DEFAULTS: Final = tuple(
    {} if types is _MAP else getattr(Profile(id=""), name) for name, types in _FIELDS
)  # maps as they are on the wire
_AT: Final = {name: place for place, (name, _) in enumerate(_FIELDS)}


def encode_profile(profile: Profile) -> bytes:
    """The bytes that go to Redis."""
    values: list[Any] = [PROFILE_VERSION]
    for name, _ in _FIELDS:
        values.append(getattr(profile, name))
    values[1 + _AT["products"]] = packed_affinities(profile.products)
    values[1 + _AT["categories"]] = packed_affinities(profile.categories)
    values[1 + _AT["shown"]] = packed_shown(profile.shown)
    for name in ("cart", "bought", "exposures", "applied", "topics"):
        place = 1 + _AT[name]
        if type(values[place]) is not dict:
            values[place] = dict(values[place])
    packed: bytes = msgpack.packb(values)
    return packed


def decode_profile(data: bytes) -> Profile:
    """The profile of those bytes. ValueError when they are not a profile, or one of a version unknown here."""
    try:
        values = msgpack.unpackb(data, use_list=False, strict_map_key=True)
    except ValueError:
        raise
    except Exception as error:  # msgpack's own FormatError and StackError are ValueErrors; keep the promise for others
        raise ValueError(f"not a profile: {error}") from error
    if type(values) is not tuple or len(values) < 2:
        raise ValueError("not a profile: no array of fields")
    version = values[0]
    if version != PROFILE_VERSION:
        raise ValueError(f"profile version {version!r} found, {PROFILE_VERSION} known")
    fields = values[1 : 1 + len(_FIELDS)]
    if len(fields) < len(_FIELDS):
        fields += _DEFAULTS[len(fields) :]
    _check(fields)
    (
        id_,
        created,
        updated,
        first_name,
        last_name,
        email,
        customer,
        newsletter,
        visits,
        session,
        last_click,
        usual_gap_s,
        page_views,
        last_page,
        products,
        categories,
        cart,
        cart_at,
        orders,
        order_ids,
        value_cents,
        last_order,
        bought,
        searches,
        first_source,
        last_source,
        exposures,
        shown,
        applied,
        merged,
        moved_to,
        usual_gap_before_s,
        visit_started,
        previous_visit,
        sessions,
        topics,
    ) = fields
    return Profile(
        id=id_,
        created=created,
        updated=updated,
        first_name=first_name,
        last_name=last_name,
        email=email,
        customer=customer,
        newsletter=newsletter,
        visits=visits,
        session=session,
        last_click=last_click,
        usual_gap_s=usual_gap_s,
        usual_gap_before_s=usual_gap_before_s,
        visit_started=visit_started,
        previous_visit=previous_visit,
        sessions=sessions,
        page_views=page_views,
        last_page=last_page,
        products=affinities(products),
        categories=affinities(categories),
        topics=topics,
        cart=cart,
        cart_at=cart_at,
        orders=orders,
        order_ids=order_ids,
        value_cents=value_cents,
        last_order=last_order,
        bought=bought,
        searches=searches,
        first_source=first_source,
        last_source=last_source,
        exposures=exposures,
        shown=shown_lists(shown),
        applied=applied,
        merged=merged,
        moved_to=moved_to,
    )


def shown_lists(raw: dict[str, tuple[Any, ...]]) -> Packed[Shown]:
    """Packed (at, items joined, variant, moved) as a mapping of `Shown`."""
    return Packed(raw, _shown)


def packed_shown(values: Mapping[str, Shown]) -> dict[str, tuple[Any, ...]]:
    """The packed form of a mapping of `Shown`; the very dict when it was packed (do not change it)."""
    if isinstance(values, Packed):
        return values.raw
    return {
        key: (shown.at, ITEM_SEPARATOR.join(shown.items), shown.variant, shown.moved) for key, shown in values.items()
    }


def _shown(packed: tuple[Any, ...]) -> Shown:
    at, items, variant, moved = packed
    return Shown(at, tuple(items.split(ITEM_SEPARATOR)) if items else (), variant, moved)


def _check(fields: tuple[Any, ...]) -> None:
    """Types of all fields, and of what the maps hold; whole maps at a time, because this is on the request's path."""
    for value, types in zip(fields, _TYPES, strict=True):
        if type(value) not in types:
            raise ValueError(f"not a profile: {_FIELDS[len(fields) - 1][0]} is a {type(value).__name__}")
    for name in ("products", "categories"):
        pairs = fields[_AT[name]].values()
        if not (_all(pairs, _TEXTS) and set(map(len, pairs)) <= {2} and _all(chain.from_iterable(pairs), _NUMBER)):
            raise ValueError(f"not a profile: {name} holds no scores")
    for name in ("cart", "applied"):
        if not _all(fields[_AT[name]].values(), frozenset((int,))):
            raise ValueError(f"not a profile: {name} holds no counts")
    if not _all(fields[_AT["bought"]].values(), _NUMBER):
        raise ValueError("not a profile: bought holds no times")
    for name, types in (("exposures", _NUMBER), ("topics", _TEXT)):
        lists = fields[_AT[name]].values()
        if not (_all(lists, _TEXTS) and _all(chain.from_iterable(lists), types)):
            raise ValueError(f"not a profile: {name} holds no lists")
    for name in ("order_ids", "searches", "merged", "sessions"):
        if not _all(fields[_AT[name]], _TEXT):
            raise ValueError(f"not a profile: {name} holds no texts")
    for shown in fields[_AT["shown"]].values():
        if type(shown) is not tuple or tuple(map(type, shown)) not in _SHOWN_TYPES:
            raise ValueError("not a profile: shown holds no orders")
    for name in _MAP_NAMES:
        if not _all(fields[_AT[name]], _TEXT):
            raise ValueError(f"not a profile: {name} has a key that is no text")


_SHOWN_TYPES: Final = frozenset(((float, str, str, int), (int, str, str, int)))
_MAP_NAMES: Final = tuple(name for name, types in _FIELDS if types is _MAP)


def _all(values: Any, types: frozenset[type]) -> bool:
    return types.issuperset(map(type, values))
