"""The click on the wire: a msgpack array, version first, fields in a fixed order.

Invariant: a field's place never changes and new fields go at the end, so a reader meets older and newer clicks
alike: what is missing takes its default, what is unknown is ignored.
"""

from collections.abc import Iterable
from types import GenericAlias
from typing import Any, Final, NamedTuple, get_type_hints

from msgspec import Struct
from msgspec.msgpack import Encoder
from msgspec.structs import astuple

from clicks.click import Click, Event, Reason
from clicks.rows import Rows

CLICK_VERSION: Final = 1

_FIELDS_V1: Final = 28
_ENCODE: Final = Encoder().encode

_Plain = str | int | float | bool | tuple[Any, ...] | dict[str, Any] | None


class _SentEvent(NamedTuple):
    """An `Event`, but for its name: one that this version does not know is kept, and who folds it decides."""

    name: str
    data: dict[str, _Plain]


class _SentReason(NamedTuple):
    experience: str
    code: str
    variant: str


class _LaterEvent(Struct, array_like=True, frozen=True, gc=False):
    """One to which a later version has appended: a named tuple may not be longer, this may."""

    name: str
    data: dict[str, _Plain]


class _LaterReason(Struct, array_like=True, frozen=True, gc=False):
    experience: str
    code: str
    variant: str


def _types(event: type, reason: type) -> dict[str, Any]:
    """By name in the order on the wire, which is the click's own."""
    return get_type_hints(Click) | {
        "catalogue": tuple[tuple[_Plain, ...], ...],
        "events": GenericAlias(tuple, (event, ...)),
        "reasons": GenericAlias(tuple, (reason, ...)),
    }


_TYPES: Final = _types(_SentEvent, _SentReason)
_ROWS: Final = Rows(_TYPES, _FIELDS_V1)
_LATER_ROWS: Final = Rows(_types(_LaterEvent, _LaterReason), _FIELDS_V1)
_DEFAULTS: Final = tuple(Click._field_defaults.get(name) for name in _TYPES)
_EVENTS, _REASONS = map(["version", *_TYPES].index, ("events", "reasons"))


def encode_click(click: Click) -> bytes:
    """The click as bytes. Raises TypeError or OverflowError when an event carries what msgpack cannot."""
    return _ENCODE((CLICK_VERSION, *click))


def encode_clicks(clicks: Iterable[Click]) -> list[bytes]:
    """The same of many."""
    return [_ENCODE((CLICK_VERSION, *click)) for click in clicks]


def decode_click(data: bytes) -> Click:
    """The click that `data` holds. Raises ValueError on anything else; unknown newer trailing fields are ignored."""
    try:
        row = _decoded(data)
    except ValueError as error:
        raise ValueError(f"not a click: {error}") from None
    if row[0] < CLICK_VERSION:
        raise ValueError(f"not a click: version {row[0]}")
    sent = row[1:]
    if len(sent) != len(_TYPES):
        sent = (*sent[: len(_TYPES)], *_DEFAULTS[len(sent) :])
    return Click._make(sent)


def _decoded(data: bytes) -> tuple[Any, ...]:
    try:
        return _ROWS.decode(data)
    except ValueError:
        row = list(_LATER_ROWS.decode(data))
    for place, made in ((_EVENTS, Event), (_REASONS, Reason)):
        if place < len(row):
            row[place] = tuple(made._make(astuple(later)) for later in row[place])
    return tuple(row)
