"""The click on the wire: a msgpack array, version first, fields in a fixed order.

Invariant: a field's place never changes and new fields go at the end, so a reader meets older and newer clicks
alike: what is missing takes its default, what is unknown is ignored.
"""

from functools import partial
from typing import Any, Final, get_type_hints

from msgspec import Struct
from msgspec.msgpack import Encoder
from msgspec.structs import astuple

from clicks.click import Click, Event, Reason
from clicks.rows import Rows

CLICK_VERSION: Final = 1

_FIELDS_V1: Final = 28
_ENCODE: Final = Encoder().encode

_Plain = str | int | float | bool | tuple[Any, ...] | dict[str, Any] | None


class _SentEvent(Struct, array_like=True, frozen=True, gc=False):
    """A name that this version does not know is kept: who folds it decides what to do with it."""

    name: str
    data: dict[str, _Plain]


class _SentReason(Struct, array_like=True, frozen=True, gc=False):
    experience: str
    code: str
    variant: str


_TYPES: Final[dict[str, Any]] = get_type_hints(Click) | {
    "catalogue": tuple[tuple[_Plain, ...], ...],
    "events": tuple[_SentEvent, ...],
    "reasons": tuple[_SentReason, ...],
}
"""By name in the order on the wire, which is the click's own."""
_ROWS: Final = Rows(_TYPES, _FIELDS_V1)
_DEFAULTS: Final = tuple(Click._field_defaults.get(name) for name in _TYPES)
# As `Event(...)`, without a frame of Python for each.
_event, _reason = partial(tuple.__new__, Event), partial(tuple.__new__, Reason)
_EVENTS, _REASONS = map(list(_TYPES).index, ("events", "reasons"))


def encode_click(click: Click) -> bytes:
    """The click as bytes. Raises TypeError or OverflowError when an event carries what msgpack cannot."""
    return _ENCODE((CLICK_VERSION, *click))


def decode_click(data: bytes) -> Click:
    """The click that `data` holds. Raises ValueError on anything else; unknown newer trailing fields are ignored."""
    try:
        version, *sent = _ROWS.decode(data)
    except ValueError as error:
        raise ValueError(f"not a click: {error}") from None
    if version < CLICK_VERSION:
        raise ValueError(f"not a click: version {version}")
    if len(sent) != len(_TYPES):
        sent = [*sent[: len(_TYPES)], *_DEFAULTS[len(sent) :]]
    if sent[_EVENTS]:
        sent[_EVENTS] = tuple(map(_event, map(astuple, sent[_EVENTS])))
    if sent[_REASONS]:
        sent[_REASONS] = tuple(map(_reason, map(astuple, sent[_REASONS])))
    return Click._make(sent)
