"""When there is more to do than can be done: whose request is begun now, whose next, whose not at all.

Invariant: what was begun comes first. While the loop is behind, requests that may be refused wait here, and are begun
for a slice of each turn, so that the next turn, with the answers to those that were begun, comes soon: a page is of use
to somebody, or no time is spent on it. Who came last is begun first, as who has waited for long gives up before who has
just come. Who waits longer than `limits.shed_after_s` is refused, but not for one pause of the machine: there is time
again after that.
"""

from collections.abc import Callable
from time import monotonic
from typing import Protocol

BEHIND_S = 0.05
"""A turn of the loop that has lasted so much longer than its timer: requests wait for their turn from here on."""
SLICE_S = 0.02
"""Of each turn goes to beginning requests; what is left of it to the answers, and to reading."""


AT_ONCE = 16
"""Requests of one turn that are begun at once all the same: a late loop with few of them has nothing to put off."""
LASTING = 3
"""Nobody is refused who was not passed over in so many turns: one that lasts long is no overload."""


class Asking(Protocol):
    """A client whose request waits."""

    def begin_waiting(self, waited_s: float) -> None:
        """Begin it now, after so long."""
        ...

    def refuse_waiting(self) -> None:
        """There was no time for it."""
        ...


class Admission:
    """Those who wait, in the order they came."""

    __slots__ = ("_call_soon", "_is_due", "_let_in", "_now", "_shed_after_s", "_turns", "_waiting")

    def __init__(
        self,
        shed_after_s: float,
        call_soon: Callable[[Callable[[], None]], object],
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._shed_after_s = shed_after_s
        self._call_soon = call_soon
        self._now = now
        self._waiting: dict[Asking, tuple[float, int]] = {}
        """Each with the time it came, and the turns there had been."""
        self._turns = 0
        self._is_due = False
        self._let_in = 0

    def must_wait(self, behind_s: float) -> bool:
        """A request that is read now, by a loop so much behind, is not begun at once."""
        if self._waiting:
            return True
        if behind_s <= BEHIND_S:
            return False
        self._let_in += 1
        self._ask_for_a_turn()
        return self._let_in > AT_ONCE

    def wait(self, client: Asking) -> None:
        """It is begun in its turn, or refused."""
        self._waiting[client] = self._now(), self._turns
        self._ask_for_a_turn()

    def withdraw(self, client: Asking) -> None:
        """It has left."""
        self._waiting.pop(client, None)

    def _ask_for_a_turn(self) -> None:
        if not self._is_due:
            self._is_due = True
            self._call_soon(self._turn)

    def _turn(self) -> None:
        self._is_due = False
        self._let_in = 0
        self._turns += 1
        began = now = self._now()
        while self._waiting and now - began < SLICE_S:
            client, (since, _) = self._waiting.popitem()
            client.begin_waiting(now - since)
            now = self._now()
        self._refuse(now - self._shed_after_s)
        if self._waiting:
            self._ask_for_a_turn()

    def _refuse(self, before: float) -> None:
        """Who came before that and was passed over too often, the oldest first."""
        late = []
        for client, (since, turns) in self._waiting.items():
            if since > before or self._turns - turns < LASTING:
                break
            late.append(client)
        for client in late:
            if self._waiting.pop(client, None) is not None:
                client.refuse_waiting()
