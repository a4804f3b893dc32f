"""Rows: how clicks and profiles lie on the wire, a msgpack array of a version and fields of known types.

Invariant: what another build wrote is read alike. An older one's row is shorter, a newer one's longer; what it appended
comes behind the rest, of whatever type. Types are checked while the bytes are read: there is no row of other types.
"""

import re
from collections.abc import Callable, Mapping
from types import GenericAlias
from typing import Any, Final

from msgspec import MsgspecError
from msgspec.msgpack import Decoder

MOST_FURTHER: Final = 64
"""Fields that newer versions may have appended; a longer array is no row."""

_HEAD_BYTES: Final = 3
"""Of an array of 16 items and more; a smaller one's has 1, and fields follow."""
_PLACE: Final = re.compile(r"\$\[(\d+)\]")


class Rows:
    """Decodes rows whose fields have these names and `types`, in their order; `least` of them any row has."""

    def __init__(self, types: Mapping[str, Any], least: int) -> None:
        self._names = ("version", *types)
        self._types = (int, *types.values())
        self._least = least
        self._decoders: dict[bytes, Callable[[bytes], tuple[Any, ...]]] = {}
        """By the head of an array, which says how many items it has."""

    def decode(self, data: bytes) -> tuple[Any, ...]:
        """The version, the fields and what is behind them; ValueError, which names the field, when these are no such
        bytes."""
        try:
            decode = self._decoders.get(data[:_HEAD_BYTES]) or self._decoder_of(data)
            return decode(data)
        except (MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise ValueError(self._told(error)) from None

    def _decoder_of(self, data: bytes) -> Callable[[bytes], tuple[Any, ...]]:
        head, count = _counted(data)
        known = self._decoders.get(head)
        if known is None:
            known = self._decoders[head] = Decoder(self._row_of(count)).decode
        return known

    def _row_of(self, count: int) -> Any:
        further = count - len(self._types)
        if not self._least < count or further > MOST_FURTHER:
            raise ValueError(f"an array of {count} fields")
        return GenericAlias(tuple, (*self._types[:count], *(Any,) * further))

    def _told(self, error: Exception) -> str:
        return _PLACE.sub(lambda place: self._names[int(place[1])], str(error), count=1)


def _counted(data: bytes) -> tuple[bytes, int]:
    """The head of an array, and how many items it says there are."""
    if data[:1] == b"\xdc":
        return data[:_HEAD_BYTES], int.from_bytes(data[1:_HEAD_BYTES], "big")
    if b"\x90" <= data[:1] < b"\xa0":
        return data[:1], data[0] & 0x0F
    raise ValueError("no array of fields")
