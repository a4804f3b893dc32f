"""Who is begun and who is refused: turns and a clock of the test's own."""

from collections.abc import Callable
from dataclasses import dataclass, field

from proxy.admission import AT_ONCE, BEHIND_S, SLICE_S, Admission


@dataclass
class Loop:
    """Turns that come when the test says so; each request takes `takes_s` to begin."""

    takes_s: float = 0.0
    now: float = 100.0
    soon: list[Callable[[], None]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    admission: Admission = field(init=False)

    def __post_init__(self) -> None:
        self.admission = Admission(0.25, self.soon.append, lambda: self.now)

    def turn(self, after_s: float = 0.0) -> list[str]:
        """What came of one turn."""
        self.told.clear()
        self.now += after_s
        due, self.soon[:] = list(self.soon), []
        for callback in due:
            callback()
        return list(self.told)


@dataclass(eq=False)
class Client:
    """Notes what becomes of it."""

    loop: Loop
    name: str

    def begin_waiting(self, waited_s: float) -> None:
        self.loop.now += self.loop.takes_s
        self.loop.told.append(f"{self.name} {waited_s:.2f}")

    def refuse_waiting(self) -> None:
        self.loop.told.append(f"no {self.name}")


def asked(loop: Loop, names: str) -> dict[str, Client]:
    clients = {name: Client(loop, name) for name in names}
    for client in clients.values():
        loop.admission.wait(client)
    return clients


def test_nobody_waits_while_the_loop_keeps_up() -> None:
    admission = Loop().admission
    assert not admission.must_wait(0.0)
    assert not any(admission.must_wait(BEHIND_S) for _ in range(2 * AT_ONCE))


def test_a_late_turn_of_few_puts_nobody_off() -> None:
    loop = Loop()
    late = BEHIND_S * 1.1
    assert [loop.admission.must_wait(late) for _ in range(AT_ONCE + 2)] == [False] * AT_ONCE + [True, True]
    loop.turn()
    assert not loop.admission.must_wait(late)


def test_as_long_as_somebody_waits_everybody_does() -> None:
    loop = Loop()
    asked(loop, "a")
    assert loop.admission.must_wait(0.0)
    assert loop.turn() == ["a 0.00"]
    assert not loop.admission.must_wait(0.0)
    assert loop.soon == []


def test_a_slice_of_each_turn_the_last_come_first() -> None:
    loop = Loop(takes_s=SLICE_S * 0.4)
    asked(loop, "abcde")
    assert loop.turn() == ["e 0.00", "d 0.01", "c 0.02"]
    asked(loop, "f")
    assert [line[0] for line in loop.turn(0.1)] == ["f", "b", "a"]
    assert loop.turn() == []


def test_one_is_begun_in_each_turn_however_long_it_takes() -> None:
    loop = Loop(takes_s=1.0)
    asked(loop, "abcd")
    assert [loop.turn(), loop.turn(), loop.turn()] == [["d 0.00"], ["c 1.00"], ["b 2.00", "no a"]]


def test_who_waited_too_long_is_refused_the_oldest_first() -> None:
    loop = Loop(takes_s=SLICE_S * 1.1)
    asked(loop, "abc")
    assert loop.turn(0.1) == ["c 0.10"]
    asked(loop, "de")
    assert [line[0] for line in loop.turn(0.1)] == ["e"]
    asked(loop, "f")
    assert loop.turn(0.1)[1:] == ["no a", "no b"]
    assert [line[0] for line in loop.turn()] == ["d"]


def test_a_pause_refuses_nobody() -> None:
    loop = Loop(takes_s=SLICE_S / 100)
    asked(loop, "abcdefgh")
    assert len(loop.turn(3.0)) == 8


def test_nor_does_a_pause_after_which_there_is_not_time_for_all() -> None:
    loop = Loop(takes_s=SLICE_S * 0.6)
    asked(loop, "abcdef")
    assert [line[0] for line in loop.turn(3.0) + loop.turn() + loop.turn()] == ["f", "e", "d", "c", "b", "a"]


def test_who_has_left_is_not_asked() -> None:
    loop = Loop()
    clients = asked(loop, "ab")
    loop.admission.withdraw(clients["a"])
    loop.admission.withdraw(clients["a"])
    assert loop.turn() == ["b 0.00"]
