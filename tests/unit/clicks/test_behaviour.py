"""Programs told by what they do."""

import pytest

from clicks.behaviour import MOST_PAGES, MOST_REMEMBERED, WINDOW_S, Behaviour


def asked(behaviour: Behaviour, asker: str, times: int, every_s: float, start: float = 0.0) -> list[bool]:
    return [behaviour.asks_for_page(asker, start + number * every_s) for number in range(times)]


@pytest.mark.parametrize(
    ("every_s", "pages", "expected"),
    [(1.0, MOST_PAGES, False), (1.0, MOST_PAGES + 1, True), (0.01, 200, True), (2.5, 500, False)],
)
def test_many_pages_without_a_cookie_or_an_asset(every_s: float, pages: int, expected: bool) -> None:
    assert asked(Behaviour(), "a", pages, every_s)[-1] is expected


def test_it_stays_one_while_it_goes_on() -> None:
    behaviour = Behaviour()
    assert all(asked(behaviour, "a", 200, 1.0)[MOST_PAGES:])
    assert not behaviour.asks_for_page("a", 200 + 3 * WINDOW_S)


def test_a_cookie_or_an_asset_is_a_persons() -> None:
    behaviour = Behaviour()
    for start in range(0, 1000, 20):
        assert not any(asked(behaviour, "office", 20, 1.0, start))
        behaviour.is_person("office")


def test_askers_are_told_apart_and_bounded() -> None:
    behaviour = Behaviour()
    asked(behaviour, "a", 100, 0.1)
    assert not behaviour.asks_for_page("b", 10.0)
    for number in range(MOST_REMEMBERED):
        behaviour.asks_for_page(f"c{number}", 10.0)
    assert not behaviour.asks_for_page("a", 11.0)
