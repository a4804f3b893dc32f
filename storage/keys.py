"""Every key in Redis, in one place.

Invariant: keys that one script touches share a hash tag, so that the scripts also run on a Cluster. What belongs to
the whole site lives in the slot of `{vitrina}`; each profile lives in the slot of its own id.
"""

from binascii import crc_hqx
from functools import cache
from typing import Final

from storage.tombstones import digest

STREAM: Final = b"vitrina:{vitrina}:clicks"
"""Stream of clicks; an entry has s (spool id), f (first sequence), n (count), b (framed records)."""
SHIPPED: Final = b"vitrina:{vitrina}:shipped"
"""Hash: spool id → last sequence that is in the stream."""
SHIPPED_AT: Final = b"vitrina:{vitrina}:shipped:at"
"""Sorted set: spool id by when (Unix seconds of the server) something of it was shipped last."""
LEASE: Final = b"vitrina:{vitrina}:consumer"
"""Name of the consumer that folds now; expires when it stops renewing."""
TOTALS: Final = b"vitrina:{vitrina}:totals"
"""Hash of site-wide counters."""
CATALOGUE: Final = b"vitrina:{vitrina}:catalogue"
"""Hash: product id → product on the wire."""
CATALOGUE_VERSION: Final = b"vitrina:{vitrina}:catalogue:version"
"""Counter of catalogue writes."""
CATALOGUE_CHANGES: Final = b"vitrina:{vitrina}:catalogue:changes"
"""Sorted set: product id by the version that changed it last."""
ERASURES: Final = b"vitrina:{vitrina}:erasures"
"""Sorted set: hash of an erased visitor's id by when; tells other machines, which have spools of their own."""

GROUP: Final = b"profiles"
"""The consumer group that folds clicks into profiles."""

PROFILE_PREFIX: Final = b"vitrina:profile:"
_ERASED: Final = b"vitrina:erased:"
PROFILE_PATTERN: Final = PROFILE_PREFIX + b"*"
ERASED_PATTERN: Final = _ERASED + b"*"
_SLOTS: Final = 16384


def profile_key(profile_id: str) -> bytes:
    """Where a profile's bytes are."""
    return b"%b{%b}" % (PROFILE_PREFIX, profile_id.encode())


def erased_key(profile_id: str) -> bytes:
    """The mark that a profile was erased: its value is the time (Unix seconds) up to which clicks are refused.

    It names nobody: a hash, and in the braces a number that lies in the profile's own slot.
    """
    return b"%b%b{%b}" % (_ERASED, digest(profile_id).encode(), _numbers()[crc_hqx(profile_id.encode(), 0) % _SLOTS])


def profile_id(key: bytes) -> str:
    """The id in a profile's key; ValueError when it is not one."""
    if not (key.startswith(PROFILE_PREFIX + b"{") and key.endswith(b"}")):
        raise ValueError(f"not a profile key: {key!r}")
    return key[len(PROFILE_PREFIX) + 1 : -1].decode()


@cache
def _numbers() -> tuple[bytes, ...]:
    """For each slot of a Cluster the first number whose digits lie in it; all are looked for once, for some 25 ms."""
    found: dict[int, bytes] = {}
    number = 0
    while len(found) < _SLOTS:
        digits = b"%d" % number
        found.setdefault(crc_hqx(digits, 0) % _SLOTS, digits)
        number += 1
    return tuple(found[slot] for slot in range(_SLOTS))
