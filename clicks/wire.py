"""The click on the wire: a msgpack array, version first, fields in a fixed order.

Invariant: a field's place never changes and new fields go at the end, so a reader meets older and newer clicks
alike: what is missing takes its default, what is unknown is ignored.
"""

from collections.abc import Callable
from types import GenericAlias
from typing import Any, Final, NamedTuple, get_type_hints

from msgspec import Struct
from msgspec.msgpack import Encoder
from msgspec.structs import astuple

from clicks.click import CLICK_VERSION, Click, Event, Reason
from clicks.rows import Rows

_FIELDS_V1: Final = 28

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
_EVENTS, _REASONS = map(["version", *_TYPES].index, ("events", "reasons"))


encode_click: Final[Callable[[Click], bytes]] = Encoder().encode
"""The click as bytes. Raises TypeError or OverflowError when an event carries what msgpack cannot."""


def decode_click(data: bytes) -> Click:
    """The click that `data` holds. Raises ValueError on anything else; unknown newer trailing fields are ignored."""
    try:
        row = _decoded(data)
    except ValueError as error:
        raise ValueError(f"not a click: {error}") from None
    if row[0] < CLICK_VERSION:
        raise ValueError(f"not a click: version {row[0]}")
    return Click(*row[1 : len(_TYPES) + 1])


def _decoded(data: bytes) -> tuple[Any, ...]:
    try:
        return _ROWS.decode(data)
    except ValueError:
        row = list(_LATER_ROWS.decode(data))
    for place, made in ((_EVENTS, Event), (_REASONS, Reason)):
        if place < len(row):
            row[place] = tuple(made._make(astuple(later)) for later in row[place])
    return tuple(row)
