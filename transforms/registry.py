"""The transforms there are, in the order of the documentation; a new one is a file in `builtin/` and a line here."""

from collections.abc import Iterator

from config.errors import Problem
from config.settings import Experience, Settings
from transforms.builtin.hide import HideElement
from transforms.builtin.offer import OfferMarkup
from transforms.builtin.remove import RemoveElement
from transforms.builtin.reorder import ReorderList
from transforms.builtin.set_attribute import AttributeValue
from transforms.builtin.text import MessageText
from transforms.builtin.trim import TrimList
from transforms.complaints import did_you_mean, problem
from transforms.page import selectors
from transforms.page.query import Query
from transforms.transform import Transform

TRANSFORMS: tuple[Transform, ...] = (
    MessageText(),
    OfferMarkup(),
    ReorderList(),
    AttributeValue(),
    HideElement(),
    TrimList(),
    RemoveElement(),
)

STANDARD_KEYS = ("id", "at", "who", "rollout", "cap")
"""Keys that every experience may have; `config` reads them."""

_BY_KEY = {transform.key: transform for transform in TRANSFORMS}


def transform_of(experience: Experience) -> Transform | None:
    """The transform an experience uses, told by its key; None when it names none, or several."""
    found = [_BY_KEY[key] for key in experience.settings if key in _BY_KEY]
    return found[0] if len(found) == 1 else None


def problems(settings: Settings) -> tuple[Problem, ...]:
    """Everything wrong with experiences' settings and placements' selectors (compiled by both parsers)."""
    found: list[Problem] = []
    for experience in settings.experiences:
        found.extend(_experience_problems(experience, settings))
    found.extend(_selector_problems(settings))
    return tuple(found)


def _experience_problems(experience: Experience, settings: Settings) -> Iterator[Problem]:
    names = [key for key in experience.settings if key in _BY_KEY]
    transform = transform_of(experience)
    allowed = (*STANDARD_KEYS, *(transform.keys if transform is not None else _all_keys()))
    for key in experience.settings:
        if key not in allowed and not (transform is None and key in names):
            yield problem(experience, settings, key, f"unknown key{did_you_mean(key, allowed)}")
    if transform is not None:
        yield from transform.problems(experience, settings)
    elif names:
        yield problem(experience, settings, "", f"has {' and '.join(names)}; one change per experience")
    else:
        yield problem(experience, settings, "", f"changes nothing; it needs one of {', '.join(_BY_KEY)}")


def _all_keys() -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for transform in TRANSFORMS for key in transform.keys))


def _selector_problems(settings: Settings) -> Iterator[Problem]:
    for placement in settings.placements.values():
        if placement.at is None and placement.items is None:
            continue  # that it has none was said when it was read
        key = f"placement.{placement.name}.{'at' if placement.items is None else 'items'}"
        for message in selectors.problems((Query(placement.name, placement.css),)):
            yield Problem(placement.place, key, message)
