"""Structures of signed-in pages that wait for a third visitor.

Until then one is known by its delimiters and by keyed hashes of the runs between them; a run that differed once is a
gap for ever. The key is drawn per process: it is that of Python's own SipHash, or derived from it.
"""

from array import array
from collections.abc import Callable, Sequence
from hashlib import blake2b

from transforms.page.anatomy import Span
from transforms.page.pattern import COMMENT_TAIL
from transforms.page.witnesses import Witnesses

Digest = Callable[[bytes], int]
"""A keyed hash of 64 bits."""

_MARK = b"<"
_AS_ONE = bytes(_MARK[0] if byte in b"<>\"'&" else byte for byte in range(256))
_OTHERS = bytes(byte for byte in range(256) if byte not in b"<>\"'&")


def delimiters(body: bytes) -> bytes:
    """The delimiters of `body` in their order: its structure without any text."""
    return body.translate(None, _OTHERS)


def hashes_of(body: bytes, digest: Digest) -> "array[int]":
    """The hashes of what stands between delimiters."""
    return array("q", map(digest, _runs(body)))


def portable_digest(key: bytes) -> Digest:
    """A digest that another process makes alike, given the key."""

    def digest(run: bytes) -> int:
        return int.from_bytes(blake2b(run, digest_size=8, key=key).digest(), "big", signed=True)

    return digest


def process_key() -> bytes:
    """A key for digests that nobody else can guess: Python's own hash has one that is drawn per process."""
    return b"".join(hash(f"digest {number}").to_bytes(8, "big", signed=True) for number in range(4))


def gaps_at(body: bytes, varying: Sequence[int]) -> list[Span]:
    """Where the runs of these numbers, ascending, are."""
    if not varying:
        return []
    gaps, at, wanted = [], 0, set(varying)
    for number, run in enumerate(_runs(body)):
        if number in wanted:
            gaps.append(_within_comment(run, at))
        at += len(run) + 1
    return gaps


def _within_comment(run: bytes, at: int) -> Span:
    """The run at `at`; of a whole comment its content, for the marks around it may not vary.

    The white space before the end mark is left out too: a gap may not touch what ends the comment.
    """
    if run.startswith(b"!--") and run.endswith((b" --", b"\n--")) and len(run) > 3 + COMMENT_TAIL:
        return at + 3, at + len(run) - COMMENT_TAIL
    return at, at + len(run)


class Candidate:
    """A structure of signed-in pages: hashes only, until three visitors were sent it."""

    __slots__ = ("_witnesses", "delimiters", "hashes", "is_portable", "varying")

    def __init__(self, structure: bytes, hashes: "array[int]", *, is_portable: bool) -> None:
        """`is_portable`: the hashes were made in a compile process, by another digest than those made here."""
        self.delimiters = structure
        self.hashes = hashes
        self.is_portable = is_portable
        self.varying: set[int] = set()
        self._witnesses = Witnesses()

    @property
    def size(self) -> int:
        """Bytes held, but for small objects."""
        return len(self.hashes) * 8 + len(self.delimiters)

    @property
    def is_proven(self) -> bool:
        """Three visitors were sent all that does not vary."""
        return self._witnesses.suffice

    def count(self, visitor: str | None) -> None:
        """`visitor` was sent this structure and all that does not vary (as `Witnesses`)."""
        self._witnesses.add(visitor)

    def differing(self, hashes: "array[int]") -> set[int]:
        """The numbers of the runs that vary, now or before."""
        if hashes == self.hashes:
            return self.varying
        return self.varying | {n for n, (a, b) in enumerate(zip(hashes, self.hashes, strict=True)) if a != b}


def _runs(body: bytes) -> list[bytes]:
    """What stands between delimiters."""
    return body.translate(_AS_ONE).split(_MARK)
