"""The click on the wire: a msgpack array, version first, fields in a fixed order.

Invariant: a field's place never changes and new fields go at the end, so a reader meets older and newer clicks
alike: what is missing takes its default, what is unknown is ignored.
"""

from collections.abc import Callable, Mapping
from typing import cast

import msgpack

from clicks.click import Click, Event, EventName, Reason

CLICK_VERSION = 1

_FIELDS_V1 = 28
_PACK: Callable[[object], bytes] = msgpack.Packer(use_bin_type=True, autoreset=True).pack


def encode_click(click: Click) -> bytes:
    """The click as bytes. Raises TypeError or OverflowError when an event carries what msgpack cannot."""
    events, reasons = click.events, click.reasons
    return _PACK(
        (
            CLICK_VERSION,
            click.time,
            click.host,
            click.method,
            click.path,
            click.status,
            click.profile,
            click.session,
            click.customer,
            click.query,
            click.referrer,
            click.campaign,
            click.agent,
            click.content_type,
            click.bytes_out,
            click.origin_ms,
            click.added_us,
            click.kind,
            click.asset,
            click.product,
            click.listed,
            click.catalogue,
            [(event.name, event.data) for event in events] if events else (),
            [(reason.experience, reason.code, reason.variant) for reason in reasons] if reasons else (),
            click.moved,
            click.variant,
            click.outcome,
            click.merged_from,
            click.aborted,
            click.preview,
            click.request,
            click.purposes,
        )
    )


def decode_click(data: bytes) -> Click:
    """The click that `data` holds. Raises ValueError on anything else; unknown newer trailing fields are ignored."""
    try:
        row = msgpack.unpackb(data, use_list=False, strict_map_key=True)
    except (ValueError, msgpack.UnpackException, msgpack.exceptions.StackError, RecursionError) as error:
        raise ValueError(f"not a click: {error}") from error
    if not isinstance(row, tuple) or len(row) < _FIELDS_V1 + 1:
        raise ValueError("not a click: too few fields")
    if not isinstance(row[0], int) or isinstance(row[0], bool) or row[0] < CLICK_VERSION:
        raise ValueError(f"not a click: version {row[0]!r}")
    return _click(row[1:])


def _click(row: tuple[object, ...]) -> Click:
    return Click(
        time=_number(row[0]),
        host=_text(row[1]),
        method=_text(row[2]),
        path=_text(row[3]),
        status=_whole(row[4]),
        profile=_text_or_none(row[5]),
        session=_text_or_none(row[6]),
        customer=_flag(row[7]),
        query=_texts_or_none(row[8]),
        referrer=_text(row[9]),
        campaign=_texts_or_none(row[10]),
        agent=_text(row[11]),
        content_type=_text(row[12]),
        bytes_out=_whole(row[13]),
        origin_ms=_number(row[14]),
        added_us=_whole(row[15]),
        kind=_text(row[16]),
        asset=_flag(row[17]),
        product=_text_or_none(row[18]),
        listed=_lists_or_none(row[19]),
        catalogue=tuple(_tuple(product) for product in _tuple(row[20])),
        events=tuple(_event(_tuple(event)) for event in _tuple(row[21])),
        reasons=tuple(_reason(_tuple(reason)) for reason in _tuple(row[22])),
        moved=_whole(row[23]),
        variant=_text(row[24]),
        outcome=_text(row[25]),
        merged_from=_text_or_none(row[26]),
        aborted=_flag(row[27]),
        preview=_flag(row[28]) if len(row) > 28 else False,
        request=_text(row[29]) if len(row) > 29 else "",
        purposes=_text(row[30]) if len(row) > 30 else "ps",
    )


def _event(row: tuple[object, ...]) -> Event:
    if len(row) < 2:
        raise ValueError("not an event")
    # A name that this version does not know is kept: who folds it decides what to do with it.
    return Event(cast(EventName, _text(row[0])), _mapping(row[1]))


def _reason(row: tuple[object, ...]) -> Reason:
    if len(row) < 3:
        raise ValueError("not a reason")
    return Reason(_text(row[0]), _text(row[1]), _text(row[2]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"not a click: {type(value).__name__} where text belongs")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"not a click: {type(value).__name__} where a number belongs")
    return float(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"not a click: {type(value).__name__} where a whole number belongs")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"not a click: {type(value).__name__} where true or false belongs")
    return value


def _tuple(value: object) -> tuple[object, ...]:
    if not isinstance(value, tuple):
        raise ValueError(f"not a click: {type(value).__name__} where a list belongs")
    return value


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ValueError(f"not a click: {type(value).__name__} where a mapping belongs")
    return value


def _texts_or_none(value: object) -> Mapping[str, str] | None:
    return None if value is None else {key: _text(item) for key, item in _mapping(value).items()}


def _lists_or_none(value: object) -> Mapping[str, tuple[str, ...]] | None:
    if value is None:
        return None
    return {key: tuple(_text(item) for item in _tuple(items)) for key, items in _mapping(value).items()}
