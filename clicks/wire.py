"""The click on the wire: a msgpack array, version first, fields in a fixed order.

Invariant: a field's place never changes and new fields go at the end, so a reader meets older and newer clicks
alike: what is missing takes its default, what is unknown is ignored.
"""

from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from typing import Any, Final, cast

import msgpack

from clicks.click import Click, Event, EventName, Reason

CLICK_VERSION: Final = 1

_FIELDS_V1: Final = 28
_PACK: Final = msgpack.Packer(use_bin_type=True, autoreset=True).pack

_Kinds = frozenset[type[Any]]

_NONE: type[Any] = type(None)
_TEXT: _Kinds = frozenset((str,))
_TEXT_OR_NONE: _Kinds = frozenset((str, _NONE))
_NUMBER: _Kinds = frozenset((int, float))
_WHOLE: _Kinds = frozenset((int,))
_FLAG: _Kinds = frozenset((bool,))
_MAP: _Kinds = frozenset((dict,))
_MAP_OR_NONE: _Kinds = frozenset((dict, _NONE))
_LIST: _Kinds = frozenset((tuple,))

_FIELDS: Final[tuple[tuple[str, _Kinds], ...]] = (
    ("time", _NUMBER),
    ("host", _TEXT),
    ("method", _TEXT),
    ("path", _TEXT),
    ("status", _WHOLE),
    ("profile", _TEXT_OR_NONE),
    ("session", _TEXT_OR_NONE),
    ("customer", _FLAG),
    ("query", _MAP_OR_NONE),
    ("referrer", _TEXT),
    ("campaign", _MAP_OR_NONE),
    ("agent", _TEXT),
    ("content_type", _TEXT),
    ("bytes_out", _WHOLE),
    ("origin_ms", _NUMBER),
    ("added_us", _WHOLE),
    ("kind", _TEXT),
    ("asset", _FLAG),
    ("product", _TEXT_OR_NONE),
    ("listed", _MAP_OR_NONE),
    ("catalogue", _LIST),
    ("events", _LIST),
    ("reasons", _LIST),
    ("moved", _WHOLE),
    ("variant", _TEXT),
    ("outcome", _TEXT),
    ("merged_from", _TEXT_OR_NONE),
    ("aborted", _FLAG),
    ("preview", _FLAG),
    ("request", _TEXT),
    ("purposes", _TEXT),
)
"""In their order on the wire, with the types they may have there. Append only."""
_TIME, _QUERY, _CAMPAIGN, _ORIGIN_MS, _LISTED, _CATALOGUE, _EVENTS, _REASONS = (
    [name for name, _ in _FIELDS].index(name)
    for name in ("time", "query", "campaign", "origin_ms", "listed", "catalogue", "events", "reasons")
)
_DEFAULTS: Final = tuple(Click._field_defaults.get(name) for name, _ in _FIELDS)


def encode_click(click: Click) -> bytes:
    """The click as bytes. Raises TypeError or OverflowError when an event carries what msgpack cannot."""
    return cast(bytes, _PACK((CLICK_VERSION, *click)))


def decode_click(data: bytes) -> Click:
    """The click that `data` holds. Raises ValueError on anything else; unknown newer trailing fields are ignored."""
    try:
        row = msgpack.unpackb(data, use_list=False, strict_map_key=True)
    except (ValueError, msgpack.UnpackException, msgpack.exceptions.StackError, RecursionError) as error:
        raise ValueError(f"not a click: {error}") from error
    if not isinstance(row, tuple) or len(row) < _FIELDS_V1 + 1:
        raise ValueError("not a click: too few fields")
    if type(row[0]) is not int or row[0] < CLICK_VERSION:
        raise ValueError(f"not a click: version {row[0]!r}")
    sent = list(row[1 : 1 + len(_FIELDS)])
    if len(sent) < len(_FIELDS):
        sent += _DEFAULTS[len(sent) :]
    _check_kinds(tuple(map(type, sent)))
    sent[_TIME], sent[_ORIGIN_MS] = float(sent[_TIME]), float(sent[_ORIGIN_MS])
    _check_maps(sent[_QUERY], sent[_CAMPAIGN], sent[_LISTED])
    if not _all(sent[_CATALOGUE], _LIST):
        raise ValueError("not a click: catalogue holds what is no list")
    # A name that this version does not know is kept: who folds it decides what to do with it.
    sent[_EVENTS] = tuple([_event(event) for event in sent[_EVENTS]])
    if sent[_REASONS]:
        sent[_REASONS] = tuple([_reason(reason) for reason in sent[_REASONS]])
    return Click._make(sent)


@lru_cache(maxsize=256)  # optional fields give a few dozen shapes
def _check_kinds(found: tuple[type[Any], ...]) -> None:
    for kind, (name, allowed) in zip(found, _FIELDS, strict=True):
        if kind not in allowed:
            raise ValueError(f"not a click: {name} is a {kind.__name__}")


def _check_maps(query: Any, campaign: Any, listed: Any) -> None:
    """Types of what they hold; what is not there needs no look, and most clicks lack most of it."""
    for texts in (query, campaign):
        if texts and not (_all(texts, _TEXT) and _all(texts.values(), _TEXT)):
            raise ValueError("not a click: query or campaign hold what is no text")
    if listed:
        if not (_all(listed, _TEXT) and _all(listed.values(), _LIST)):
            raise ValueError("not a click: listed holds what is no list")
        if not _all(chain.from_iterable(listed.values()), _TEXT):
            raise ValueError("not a click: listed holds what is no list of texts")


def _event(sent: Any) -> Event:
    if (
        type(sent) is tuple
        and len(sent) > 1
        and type(sent[0]) is str
        and type(sent[1]) is dict
        and _all(sent[1], _TEXT)
    ):
        return Event(cast(EventName, sent[0]), sent[1])
    raise ValueError("not a click: not an event")


def _reason(sent: Any) -> Reason:
    if type(sent) is tuple and len(sent) > 2 and _all(sent[:3], _TEXT):
        return Reason(sent[0], sent[1], sent[2])
    raise ValueError("not a click: not a reason")


def _all(values: Iterable[object], kinds: _Kinds) -> bool:
    return kinds.issuperset(map(type, values))
