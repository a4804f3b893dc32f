"""Settling: in a template made of a signed-in page's shape every slot is a gap, until it is known what varies.

Invariant: what a slot held is known by a keyed hash alone until three visitors were sent the same; then it is fixed
text, which is faster to compare and of which nothing is read again. What differed once is a gap for ever.
"""

from array import array
from collections.abc import Hashable, Sequence

from transforms.page.composing import Gap
from transforms.page.witnesses import Witnesses


class Settling:
    """What is known of the slots of bodies of one structure on one path; it goes along from template to template."""

    __slots__ = ("_hashes", "_structure", "_varying", "is_settled", "numbers", "witnesses")

    def __init__(self, structure: Hashable, slots: Sequence[Gap], body: bytes) -> None:
        """Of the first body; `structure` is equal for bodies that have the same slots, be they what they may."""
        empty = tuple([number for number, slot in enumerate(slots) if slot.start == slot.end])
        self._structure = structure, empty  # a gap is never empty: where a slot is on some bodies, there are two
        self._hashes = array("q", [hash(body[slot.start : slot.end]) for slot in slots])
        self._varying: set[int] = set()
        self.witnesses = Witnesses()
        """Of all that does not vary."""
        self.is_settled = False
        """What does not vary is fixed text by now."""
        self.numbers: Sequence[int] = sorted(set(range(len(slots))).difference(empty))
        """The slots that are gaps of the template, in their order."""

    @property
    def size(self) -> int:
        """Bytes held, but for small objects."""
        return 8 * len(self._hashes)

    def follows(self, before: "Settling") -> bool:
        """Take over what was known `before`, if that is of the same structure."""
        if self._structure != before._structure or len(self._hashes) != len(before._hashes):
            return False
        self._varying = before._varying
        self._compare(range(len(self._hashes)), before._hashes)
        self._hashes = before._hashes
        self.witnesses = before.witnesses
        self.is_settled = before.is_settled
        if self.is_settled:
            self.numbers = [number for number in self.numbers if number in self._varying]
        return True

    def _compare(self, numbers: Sequence[int], hashes: Sequence[int]) -> None:
        """Note which of these slots hold something else than the hashes, one for each, say."""
        known = self._hashes
        self._varying.update([n for n, found in zip(numbers, hashes, strict=True) if known[n] != found])

    def settles(self, contents: Sequence[bytes], visitor: str | None) -> Sequence[int] | None:
        """`visitor` was sent a body whose gaps hold `contents`: which of them stay gaps, once that is known."""
        self._compare(self.numbers, [hash(content) for content in contents])
        if not self.witnesses.add(visitor):
            return None
        self.is_settled = True
        kept = [at for at, number in enumerate(self.numbers) if number in self._varying]
        self.numbers = [self.numbers[at] for at in kept]
        return kept
