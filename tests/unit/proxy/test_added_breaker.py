"""When the breaker on our own time opens, what it lets through meanwhile, and when it closes."""

import pytest

from proxy.added_breaker import REST_S, TRIAL_ONE_IN, TRIALS, WINDOW_PAGES, WINDOW_S, AddedBreaker

LIMIT_S = 0.1
FAST, SLOW = 0.01, 0.2


class Clock:
    """Seconds, set by the test."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def breaker(clock: Clock) -> AddedBreaker:
    return AddedBreaker(LIMIT_S, clock)


def fed(pages: list[float]) -> AddedBreaker:
    clock = Clock()
    found = breaker(clock)
    for page in pages:
        clock.time += 0.01
        found.page_took(page)
    clock.time += WINDOW_S
    found.check(clock.time)
    return found


WINDOWS = [
    ("no page", [], False),
    ("all in time", [FAST] * 300, False),
    ("exactly the limit", [LIMIT_S] * 300, False),
    ("exactly one in twenty", ([SLOW] + [FAST] * 19) * 15, False),
    ("one more", [SLOW] * 6 + [FAST] * 94, True),
    ("more than one in twenty, at the end", [FAST] * 94 + [SLOW] * 6, True),
    ("two slow pages of two", [SLOW] * 2, False),
    ("three slow pages of three", [SLOW] * 3, True),
    ("three of forty, a slow shop", [FAST] * 37 + [SLOW] * 3, True),
    ("three of sixty", [FAST] * 57 + [SLOW] * 3, False),
    ("slow ones of two windows do not add up", [SLOW] * 4 + [FAST] * 96 + [SLOW] * 4 + [FAST] * 96, False),
]


@pytest.mark.parametrize(("pages", "opens"), [row[1:] for row in WINDOWS], ids=[row[0] for row in WINDOWS])
def test_it_opens_when_more_than_one_page_in_twenty_is_slow(pages: list[float], opens: bool) -> None:
    found = fed(pages)
    assert (found.is_open, found.opened) == (opens, int(opens))


def test_it_opens_at_once_where_nothing_can_change_that_any_more() -> None:
    found = breaker(Clock())
    for _ in range(WINDOW_PAGES // 20):
        found.page_took(SLOW)
    assert not found.is_open
    found.page_took(SLOW)
    assert found.is_open


def test_a_page_whose_request_lay_too_long_passes_while_it_is_closed() -> None:
    found = breaker(Clock())
    assert found.allows(LIMIT_S)
    assert not found.allows(LIMIT_S + 0.001)
    assert not found.is_open


def test_it_closes_when_some_pages_in_a_row_were_in_time() -> None:
    clock = Clock()
    found = breaker(clock)
    for _ in range(6):
        found.page_took(SLOW)
    assert not found.allows(0.0)
    found.page_took(FAST)  # begun before
    clock.time += REST_S[0]
    allowed = 0
    while found.is_open:
        asked = [found.allows(0.0) for _ in range(TRIAL_ONE_IN)]
        assert sum(asked) == 1  # the others pass untouched all the while
        allowed += 1
        found.page_took(FAST)
    assert allowed == TRIALS
    assert all(found.allows(0.0) for _ in range(10))
    assert found.opened == 1


def test_each_slow_trial_makes_the_rest_longer() -> None:
    clock = Clock()
    found = breaker(clock)
    for _ in range(6):
        found.page_took(SLOW)
    for rest in (*REST_S, REST_S[-1]):
        clock.time += rest - 0.01
        assert not found.allows(0.0)
        clock.time += 0.02
        assert found.allows(0.0)
        found.page_took(SLOW)
        found.page_took(SLOW)  # a second one in flight is not another failure
        assert found.is_open
    assert found.opened == 1
