"""The breaker on our own share of a page's time: while that is too long, pages pass untouched.

Invariant: what is judged is our own time alone (waiting to be read, identifying, and everything after the origin's last
byte), never the origin's, and never one slow page: the 95th percentile of a window, told without keeping its times,
since it is above the limit exactly when more than one page in twenty is. While the breaker is open nothing of a page is
read, held or changed; after a rest a few pages try whether it is over.
"""

import logging
from collections.abc import Callable

_LOG = logging.getLogger("vitrina.proxy")
WINDOW_PAGES = 100
"""Pages that are judged together, at most."""
WINDOW_S = 10.0
"""A shop of few pages is judged on those of so many seconds."""
SLOW_ONE_IN = 20
FEWEST_SLOW = 3
"""One or two slow pages are a cold template or a pause of the machine, whatever share of the window they are."""
REST_S = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""How long pages pass untouched before some are tried again: longer each time that it was not over."""
TRIALS = 10
"""So many pages in time, one after the other, close it."""
TRIAL_ONE_IN = 4
"""While it is tried, the others still pass untouched: a machine that has just caught up is not overrun at once."""


class AddedBreaker:
    """Told of each page that was read; asked before each page."""

    __slots__ = (
        "_asked",
        "_failed_trials",
        "_limit_s",
        "_now",
        "_rests_until",
        "_seen",
        "_slow",
        "_trials",
        "_window_ends",
        "is_open",
        "opened",
    )

    def __init__(self, limit_s: float, now: Callable[[], float]) -> None:
        self.is_open = False
        self.opened = 0
        """How often it opened."""
        self._limit_s = limit_s
        self._now = now
        self._seen = 0
        self._slow = 0
        self._window_ends = 0.0
        self._rests_until = 0.0
        self._failed_trials = 0
        self._trials = 0
        self._asked = 0

    def allows(self, waited_s: float) -> bool:
        """Whether a page may be looked at whose request lay unread for `waited_s`; that alone may be too long."""
        if waited_s > self._limit_s:
            return False
        if not self.is_open:
            return True
        if self._now() < self._rests_until:
            return False
        self._asked += 1
        return self._asked % TRIAL_ONE_IN == 1

    def page_took(self, added_s: float) -> None:
        """A page went out after so much time of ours."""
        is_slow = added_s > self._limit_s
        if self.is_open:
            self._tried(is_slow)
            return
        if is_slow:
            self._slow += 1
        self._seen += 1
        if self._seen == 1:
            self._window_ends = self._now() + WINDOW_S
        if is_slow and self._slow * SLOW_ONE_IN > WINDOW_PAGES:  # whatever is still to come of this window
            self._open()
        elif self._seen >= WINDOW_PAGES or (is_slow and self._now() >= self._window_ends):
            self._judge()

    def check(self, now: float) -> None:
        """Called about once a second: a window that is over is judged, also when no further page comes."""
        if not self.is_open and self._seen and now >= self._window_ends:
            self._judge()

    def _judge(self) -> None:
        if self._slow >= FEWEST_SLOW and self._slow * SLOW_ONE_IN > self._seen:
            self._open()
        else:
            self._failed_trials = 0
            self._seen = self._slow = 0

    def _open(self) -> None:
        self.is_open = True
        self.opened += 1
        _LOG.warning(
            "more than 5 %% of pages took over %.0f ms of our own time; pages pass untouched", self._limit_s * 1000
        )
        self._rest()

    def _rest(self) -> None:
        self._rests_until = self._now() + REST_S[min(self._failed_trials, len(REST_S) - 1)]
        self._failed_trials += 1
        self._seen = self._slow = self._trials = self._asked = 0

    def _tried(self, is_slow: bool) -> None:
        if self._now() < self._rests_until:  # begun before it opened, or before the last trial failed
            return
        if is_slow:
            self._rest()
            return
        self._trials += 1
        if self._trials >= TRIALS:
            self.is_open = False
            self._seen = self._slow = 0
            _LOG.warning("our own time is short again; pages are personalised")
