"""Which matches of a placement an edit is for: the one element of `at`, or the blocks of `items`."""

from typing import Literal

from config.settings import Experience, Settings
from decisions.decision import Choice
from transforms.page.edits import Insert, Payload, Position, SetText, Target, Text
from transforms.transform import PageInput

Where = Literal["before", "after", "start", "end", "replace"]
INSERT: tuple[Where, ...] = ("before", "after", "start", "end", "replace")
"""Values of `insert`: beside the placement, inside it at either end, or in place of its content."""


def targets(choice: Choice, given: PageInput) -> tuple[Target, ...]:
    """The element of an `at` placement (its first match), or every block of an `items` placement."""
    placement = choice.placement
    if placement.items is None:
        return (Target(placement.name),)
    return tuple(Target(placement.name, i) for i in range(given.page.count(placement.name)))


def insertion(choice: Choice, given: PageInput, position: Position, payload: Payload) -> Insert:
    """Insert beside or inside the placement; beside a list means before its first block or after its last."""
    placement = choice.placement
    last = placement.items is not None and position == "after"
    index = max(given.page.count(placement.name) - 1, 0) if last else 0
    return Insert(Target(placement.name, index), position, payload)


def where(experience: Experience, default: Where) -> Where:
    """The `insert` of an experience."""
    value = experience.settings.get("insert", default)
    return value if value in INSERT else default


def where_problem(experience: Experience, settings: Settings, default: Where) -> str | None:
    """What is wrong with `insert`, given the placement it is used at."""
    value = experience.settings.get("insert", default)
    if value not in INSERT:
        return f"found {value!r}; allowed: {', '.join(INSERT)}"
    placement = settings.placements.get(experience.at)
    if placement is not None and placement.items is not None and value not in ("before", "after"):
        given = f'"{value}"' if "insert" in experience.settings else f'"{value}" (the default)'
        return f'{given} needs one element; beside the list of placement "{placement.name}" write "before" or "after"'
    return None


def replacement(choice: Choice, text: str) -> SetText:
    """Replace the content of the placement by text."""
    return SetText(Target(choice.placement.name), Text(text))
