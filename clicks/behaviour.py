"""Programs that pass for browsers, told by what they do: many pages, never a cookie, nothing of what pages are made of.

Invariant: whoever sends back any cookie or fetches a single picture, style or script is a person from then on; whoever
cannot be told from others (several people behind one address of a private network) is never judged.
"""

from collections.abc import Hashable
from typing import Final

MOST_PAGES: Final = 30
WINDOW_S: Final = 60.0
"""More pages than that in so many seconds, all without a cookie and without an asset in between, are a program's."""

MOST_REMEMBERED: Final = 4096
"""Askers kept in memory; the one silent longest is forgotten first."""


class Behaviour:
    """Counts, per asker (address and user agent). Times are seconds of any steady clock."""

    __slots__ = ("askers",)

    def __init__(self) -> None:
        self.askers: dict[Hashable, tuple[float, int, bool]] = {}
        """Who is counted: since when, how many pages, and whether it was a program in the window before."""

    def asks_for_page(self, asker: Hashable, now: float) -> bool:
        """A page is asked for without any cookie: whether this is a program."""
        since, count, was_program = self.askers.pop(asker, (now, 0, False))
        if now - since > WINDOW_S:
            # It stays one for another window, or it would be a person again for thirty pages a minute.
            was_program = count > MOST_PAGES and now - since <= 2 * WINDOW_S
            since, count = now, 0
        count += 1
        if len(self.askers) >= MOST_REMEMBERED:
            del self.askers[next(iter(self.askers))]
        self.askers[asker] = (since, count, was_program)
        return was_program or count > MOST_PAGES

    def is_person(self, asker: Hashable) -> None:
        """It sent a cookie or asked for an asset."""
        self.askers.pop(asker, None)
