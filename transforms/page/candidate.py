"""The three-visitor rule: nothing of a signed-in page is kept in clear before three visitors were sent the same.

Until then a structure is known by its delimiters and by keyed hashes of the runs between them (Python's own SipHash,
whose key is drawn per process); a run that differed once is a gap for ever.
"""

from array import array

from transforms.page.anatomy import Span

_MARK = b"<"
_AS_ONE = bytes(_MARK[0] if byte in b"<>\"'&" else byte for byte in range(256))
_OTHERS = bytes(byte for byte in range(256) if byte not in b"<>\"'&")
VISITORS = 3
"""Distinct visitors who must have been sent a segment before it is learnt."""


def delimiters(body: bytes) -> bytes:
    """The delimiters of `body` in their order: its structure without any text."""
    return body.translate(None, _OTHERS)


class Candidate:
    """A structure of signed-in pages: hashes only, until three visitors were sent it."""

    __slots__ = ("_visitors", "delimiters", "hashes", "varying")

    def __init__(self, body: bytes) -> None:
        self.delimiters = delimiters(body)
        self.hashes = array("q", map(hash, _runs(body)))
        self.varying: set[int] = set()
        self._visitors: set[int] = set()

    @property
    def size(self) -> int:
        """Bytes held, but for small objects."""
        return len(self.hashes) * 8 + len(self.delimiters)

    @property
    def is_proven(self) -> bool:
        """Three visitors were sent all that does not vary."""
        return len(self._visitors) >= VISITORS

    def count(self, visitor: str | None) -> None:
        """`visitor` was sent this structure and all that does not vary; None is somebody who cannot be told apart."""
        if visitor is not None and not self.is_proven:
            self._visitors.add(hash(visitor))

    def observe(self, body: bytes) -> list[Span]:
        """Compare a body of the same delimiters; its runs that varied, now or before."""
        runs = _runs(body)
        hashes = array("q", map(hash, runs))
        if hashes != self.hashes:
            self.varying.update(n for n, (a, b) in enumerate(zip(hashes, self.hashes, strict=True)) if a != b)
        if not self.varying:
            return []
        gaps, at = [], 0
        for number, run in enumerate(runs):
            if number in self.varying:
                gaps.append((at, at + len(run)))
            at += len(run) + 1
        return gaps


def _runs(body: bytes) -> list[bytes]:
    """What stands between delimiters."""
    return body.translate(_AS_ONE).split(_MARK)
