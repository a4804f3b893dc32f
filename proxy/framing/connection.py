"""The Connection field (RFC 9110 section 7.6.1)."""

from collections.abc import Iterable
from functools import lru_cache

NO_OPTIONS: frozenset[bytes] = frozenset()
_LONGEST_REMEMBERED = 64


def connection_options(values: Iterable[bytes]) -> frozenset[bytes]:
    """The options listed by all Connection lines, in lower case."""
    return _split(b",".join(values))


def options_of(value: bytes) -> frozenset[bytes]:
    """The options listed by one Connection value, in lower case; short ones are remembered, for there are few."""
    return _remembered(value) if len(value) <= _LONGEST_REMEMBERED else _split(value)


@lru_cache(maxsize=128)
def _remembered(value: bytes) -> frozenset[bytes]:
    return _split(value)


def _split(value: bytes) -> frozenset[bytes]:
    return frozenset(option for part in value.lower().split(b",") if (option := part.strip(b" \t")))
