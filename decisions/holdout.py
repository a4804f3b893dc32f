"""Who is left out: shares of visitors by a stable hash, so that the same visitor always falls on the same side.

Invariant: the answer depends on the ids and the percentage alone, and a visitor let in at 10 % is still in at 20 %.
Holdout and every experience's rollout are independent of each other.
"""

from hashlib import blake2b

_SCALE = 100.0 / 2**64


def in_holdout(profile_id: str, percent: float) -> bool:
    """This visitor always gets the origin's bytes: `percent` of all visitors do."""
    return percent > 0 and _share("holdout", profile_id) < percent


def in_rollout(profile_id: str, experience_id: str, percent: float) -> bool:
    """This visitor is among the `percent` of visitors that the experience is rolled out to."""
    return percent >= 100.0 or _share("rollout " + experience_id, profile_id) < percent


def _share(purpose: str, profile_id: str) -> float:
    """Where the visitor stands between 0 (inclusive) and 100 (exclusive) for this purpose."""
    digest = blake2b(f"{purpose}\n{profile_id}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") * _SCALE
