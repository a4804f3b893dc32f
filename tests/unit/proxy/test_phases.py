"""proxy.phases: pages in step with each other."""

from collections.abc import Callable

import pytest

from proxy.phases import MOST, Phases, Steps


class Turns:
    """An event loop, as far as turns are concerned."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []

    def call_soon(self, what: Callable[[], None]) -> None:
        self.due.append(what)

    def turn(self) -> None:
        due, self.due = self.due, []
        for each in due:
            each()


class Asked:
    """An exchange that can fail, and maybe not even that."""

    def __init__(self, *, is_broken: bool = False) -> None:
        self.failed: list[tuple[int, str]] = []
        self.is_broken = is_broken

    def fail(self, status: int, reason: str) -> None:
        self.failed.append((status, reason))
        if self.is_broken:
            raise ZeroDivisionError("planted")


def page(name: str, steps: int, told: list[str]) -> Steps:
    for number in range(steps - 1):
        told.append(f"{name}{number}")
        yield
    told.append(f"{name}{steps - 1}")


@pytest.fixture
def turns() -> Turns:
    return Turns()


@pytest.fixture
def phases(turns: Turns) -> Phases:
    return Phases(turns)  # type: ignore[arg-type]


def test_pages_of_one_turn_take_each_step_together_and_in_order(turns: Turns, phases: Phases) -> None:
    told: list[str] = []
    for name, steps in (("a", 3), ("b", 1), ("c", 2)):
        phases.begin(Asked(), page(name, steps, told))
    assert told == []
    turns.turn()
    assert told == ["a0", "b0", "c0", "a1", "c1", "a2"]
    assert turns.due == []


@pytest.mark.parametrize("is_broken", [False, True], ids=["answered", "which cannot be answered"])
def test_a_step_that_fails_is_its_own_page_s_loss(turns: Turns, phases: Phases, is_broken: bool) -> None:
    told: list[str] = []

    def broken() -> Steps:
        yield
        raise ZeroDivisionError("planted")

    good, bad = Asked(), Asked(is_broken=is_broken)
    phases.begin(bad, broken())
    phases.begin(good, page("a", 3, told))
    turns.turn()
    assert told == ["a0", "a1", "a2"]
    assert (bad.failed, good.failed) == ([(500, "internal")], [])


def test_more_pages_than_go_together_let_what_has_arrived_come_first(turns: Turns, phases: Phases) -> None:
    told: list[str] = []
    for number in range(2 * MOST + 1):
        phases.begin(Asked(), page(f"{number:02} ", 2, told))
    for turn, size in enumerate((MOST, MOST, 1)):
        assert len(turns.due) == 1
        turns.turn()
        some = range(turn * MOST, turn * MOST + size)
        assert told == [*(f"{number:02} 0" for number in some), *(f"{number:02} 1" for number in some)]
        told.clear()
    assert turns.due == []


def test_a_page_that_begins_while_others_are_made_goes_in_the_next_turn(turns: Turns, phases: Phases) -> None:
    told: list[str] = []

    def leads() -> Steps:
        phases.begin(Asked(), page("late", 1, told))
        yield
        told.append("early")

    phases.begin(Asked(), leads())
    turns.turn()
    assert told == ["early"]
    turns.turn()
    assert told == ["early", "late0"]
