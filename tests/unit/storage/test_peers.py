"""What workers tell each other of their connections."""

from pathlib import Path

from storage.control import ControlPage
from storage.peers import KNOWN_FOR_S, ControlPeers


class Clock:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_the_fewest_of_those_who_accept_and_live(tmp_path: Path) -> None:
    page, clock = ControlPage.create(tmp_path / "control"), Clock()
    mine = ControlPeers(page, 4, clock)
    assert mine.fewest() is None
    mine.tell(0)
    theirs = {number: ControlPeers(page, number, clock) for number in (2, 3, 5)}
    for number, connections in ((2, 7), (3, 9), (5, 1)):
        if number != 5:  # that one was never heard of
            page.slot(number).claim()
        theirs[number].tell(connections)
    assert mine.fewest() is None, "who comes is noticed a little later"
    clock.at += KNOWN_FOR_S
    assert mine.fewest() == 7
    assert theirs[2].fewest() == 9, "the others do not know yet that this one lives"
    theirs[2].tell(12)
    assert mine.fewest() == 9, "counts are those of now"
    theirs[3].tell(None)
    assert mine.fewest() == 12, "and so is who accepts"
    page.slot(2).release()
    assert mine.fewest() is None


def test_who_takes_a_slot_over_accepts_nobody_yet(tmp_path: Path) -> None:
    page = ControlPage.create(tmp_path / "control")
    page.slot(2).claim()
    page.slot(2).accept_with(3)
    assert page.slot(2).accepts_with == 3
    assert page.totals()["connections"] == 0
    page.slot(2).claim()
    assert page.slot(2).accepts_with is None
