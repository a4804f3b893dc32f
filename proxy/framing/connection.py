"""The Connection field (RFC 9110 section 7.6.1)."""

from collections.abc import Iterable
from functools import lru_cache

NO_OPTIONS: frozenset[bytes] = frozenset()


def connection_options(values: Iterable[bytes]) -> frozenset[bytes]:
    """The options listed by all Connection lines, in lower case."""
    return options_of(b",".join(values))


@lru_cache(maxsize=128)
def options_of(value: bytes) -> frozenset[bytes]:
    """The options listed by one Connection value, in lower case; remembered, for there are few."""
    return frozenset(option for part in value.lower().split(b",") if (option := part.strip(b" \t")))
