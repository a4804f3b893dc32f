"""A bounded memory: from the second time on or at once, for two generations at most."""

from weakref import ref

from proxy.remembered import GENERATION_S, SEEN_ONCE_PER_KEPT, Remembered


class Clock:
    """Seconds, as told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def memory(most: int = 4) -> tuple[Remembered[str, str], Clock]:
    clock = Clock()
    return Remembered(most, clock), clock


def keep(remembered: Remembered[str, str], key: str) -> None:
    remembered.offer(key, "first")
    remembered.offer(key, f"value of {key}")


def test_what_comes_once_is_not_kept() -> None:
    remembered, _ = memory()
    for number in range(SEEN_ONCE_PER_KEPT * 4 + 10):
        remembered.offer(str(number), "value")
    assert len(remembered) == 0
    assert len(remembered._once) <= SEEN_ONCE_PER_KEPT * 4


def test_the_second_time_it_is() -> None:
    remembered, _ = memory()
    keep(remembered, "a")
    assert remembered.get("a") == "value of a"
    assert remembered.get("b") is None


def test_what_is_worth_it_is_kept_at_once_and_as_bounded() -> None:
    remembered, _ = memory()
    for number in range(100):
        remembered.keep(str(number), "value")
        assert remembered.get(str(number)) == "value"
        assert len(remembered) <= 2 * 4


def test_what_is_asked_for_stays_and_what_is_not_goes() -> None:
    remembered, clock = memory()
    keep(remembered, "asked")
    keep(remembered, "left")
    for _ in range(3):
        clock.now += GENERATION_S
        remembered.sweep(clock.now)
        assert remembered.get("asked") == "value of asked"
    assert remembered.get("left") is None


def test_nothing_ages_before_its_time() -> None:
    remembered, clock = memory()
    keep(remembered, "a")
    for _ in range(3):
        clock.now += GENERATION_S / 4
        remembered.sweep(clock.now)
    assert remembered.get("a") is not None


def test_bounded() -> None:
    remembered, _ = memory(4)
    for number in range(100):
        keep(remembered, str(number))
        assert len(remembered) <= 8
    assert remembered.get("99") is not None


def test_forgets_all() -> None:
    remembered, _ = memory()
    keep(remembered, "a")
    remembered.forget()
    assert remembered.get("a") is None


def test_nothing_of_a_generation_is_left_after_two_more() -> None:
    class Value:
        pass

    remembered: Remembered[str, Value] = Remembered(4, Clock())
    value = Value()
    gone = ref(value)
    remembered.keep("a", value)
    del value
    for _ in range(2):
        assert gone() is not None
        remembered.age()
    assert gone() is None
