"""Clicks that are due: whatever goes together, none waits when the first byte of its answer leaves."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from clicks.click import Click
from proxy.due_clicks import DueClicks
from proxy.phases import Phases, Steps
from tests.unit.proxy.test_phases import Asked, Turns


class Disk:
    """A sink with room for so many clicks."""

    def __init__(self, room: int) -> None:
        self.paths: list[str] = []
        self.writes = 0
        self._room = room

    def append(self, *clicks: Click) -> int:
        kept = clicks[: self._room - len(self.paths)]
        self.paths += [click.path for click in kept]
        self.writes += 1
        return len(kept)


class Answers:
    """Answers of one data plane; `unlogged` are those whose bytes left before their click was written."""

    def __init__(self, room: int) -> None:
        self.disk = Disk(room)
        self.counted: Counter[str] = Counter()
        self.due = DueClicks(self.disk, lambda name, n: self.counted.update({name: n}))
        self.sent: list[str] = []
        self.unlogged: list[str] = []

    def in_step(self, path: str, steps_before: int, fails: bool) -> Steps:
        for _ in range(steps_before):
            yield
        if fails:
            raise ZeroDivisionError("planted")
        self.due.add(Click(1.0, "shop", "GET", path, 200))
        yield
        self._send(path)

    def at_once(self, path: str) -> None:
        self.due.add(Click(1.0, "shop", "GET", path, 200))
        self._send(path)

    def _send(self, path: str) -> None:
        self.due.write()
        self.sent.append(path)
        self.unlogged += {path} - set(self.disk.paths)


ANSWERS = st.lists(st.tuples(st.integers(0, 4), st.sampled_from(("in step", "in step", "alone", "fails"))), max_size=40)


@given(ANSWERS, st.integers(0, 60))
def test_no_byte_leaves_before_its_click(made: list[tuple[int, str]], room: int) -> None:
    turns, answers = Turns(), Answers(room)
    phases = Phases(turns)  # type: ignore[arg-type]
    for number, (steps_before, way) in enumerate(made):
        if way == "alone":
            answers.at_once(f"/{number}")
        else:
            phases.begin(Asked(), answers.in_step(f"/{number}", steps_before, way == "fails"))
    while turns.due:
        turns.turn()
        assert len(answers.sent) == len(answers.disk.paths) + len(answers.unlogged), "nothing waits between two turns"
    ended = [f"/{number}" for number, (_, way) in enumerate(made) if way != "fails"]
    assert sorted(answers.sent) == sorted(ended)
    assert len(answers.unlogged) == max(0, len(ended) - room), "those for which there was no room"
    assert answers.counted["clicks"] == len(answers.disk.paths)


def test_nothing_due_is_no_write() -> None:
    answers = Answers(9)
    answers.due.write()
    assert (answers.disk.writes, answers.counted) == (0, Counter())
