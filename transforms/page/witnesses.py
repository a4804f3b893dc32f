"""The three-visitor rule: nothing of a signed-in page is kept in clear before three visitors were sent the same.

Invariant: one visitor counts once, and who cannot be told from others never counts. What was sent to somebody whom no
shop could know holds nothing of anybody, so that counts as sent to all.
"""

from typing import Final

VISITORS: Final = 3
"""Distinct visitors who must have been sent something before it is kept."""

EVERYBODY: Final = ""
"""In place of a visitor's token: the request said nothing of who asked."""


class Witnesses:
    """Who was sent something, by hashes of their tokens."""

    __slots__ = ("_are_all", "_hashes")

    def __init__(self) -> None:
        self._hashes: set[int] = set()
        self._are_all = False

    @property
    def suffice(self) -> bool:
        """It may be kept in clear."""
        return self._are_all or len(self._hashes) >= VISITORS

    def gain_nothing(self, visitor: str | None) -> bool:
        """They do not suffice, and will not by somebody who was counted before or cannot be told apart."""
        return not self.suffice and (visitor is None or hash(visitor) in self._hashes)

    def add(self, visitor: str | None) -> bool:
        """`visitor` was sent it, None is somebody who cannot be told apart; whether they suffice now."""
        if visitor == EVERYBODY:
            self._are_all = True
        elif visitor is not None and not self.suffice:
            self._hashes.add(hash(visitor))
        return self.suffice
