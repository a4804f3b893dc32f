"""The three-visitor rule: nothing of a signed-in page is kept in clear before three visitors were sent the same.

Until then a structure is known by its delimiters and by keyed hashes of the runs between them (Python's own SipHash,
whose key is drawn per process); a run that differed once is a gap for ever.
"""

import re
from array import array

from transforms.page.anatomy import Span
from transforms.page.template import is_clean

_DELIMITER = re.compile(rb"""[<>"'&]""")
_OTHERS = bytes(sorted(set(range(256)) - set(b"<>\"'&")))
VISITORS = 3
"""Distinct visitors who must have been sent a segment before it is learnt."""


def delimiters(body: bytes) -> bytes:
    """The delimiters of `body` in their order: its structure without any text."""
    return body.translate(None, _OTHERS)


class Candidate:
    """A structure seen for fewer than three visitors: hashes only."""

    __slots__ = ("delimiters", "hashes", "varying", "visitors")

    def __init__(self, body: bytes, visitor: str) -> None:
        self.delimiters = delimiters(body)
        self.hashes = array("q", map(hash, _DELIMITER.split(body)))
        self.varying: set[int] = set()
        self.visitors = {hash(visitor)}

    def observe(self, body: bytes, visitor: str) -> list[Span] | None:
        """Compare a body of the same delimiters; the gaps of this body once three visitors agree on the rest."""
        runs = _DELIMITER.split(body)
        hashes = array("q", map(hash, runs))
        if hashes != self.hashes:
            self.varying.update(n for n, (a, b) in enumerate(zip(hashes, self.hashes, strict=True)) if a != b)
        self.visitors.add(hash(visitor))
        if len(self.visitors) < VISITORS:
            return None
        gaps, at = [], 0
        for number, run in enumerate(runs):
            if number in self.varying:
                if not is_clean(run):
                    return None
                gaps.append((at, at + len(run)))
            at += len(run) + 1
        return gaps
