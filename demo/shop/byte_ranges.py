"""One byte range of a known length (RFC 9110 §14). Several at once are answered whole, as the RFC allows."""

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=\s*(\d{0,15})-(\d{0,15})\s*\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Whole:
    """No usable range was asked for: 200."""


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes `first` to `last`, both included: 206."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Unsatisfiable:
    """The range lies outside: 416."""


def read_range(header: str | None, length: int) -> Whole | Part | Unsatisfiable:
    """What a `Range` header asks of a representation of that length; an invalid or foreign one is ignored."""
    match = _RANGE.match(header) if header else None
    if match is None:
        return Whole()
    first, last = match.groups()
    if not first and not last:
        return Whole()
    if not first:
        suffix = int(last)
        return Part(max(length - suffix, 0), length - 1) if suffix and length else Unsatisfiable()
    if last and int(last) < int(first):
        return Whole()
    if int(first) >= length:
        return Unsatisfiable()
    return Part(int(first), min(int(last), length - 1) if last else length - 1)
