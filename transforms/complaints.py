"""Wording of configuration problems: place, key, what was found, what is allowed, the nearest match."""

from collections.abc import Iterable
from difflib import get_close_matches

from config.errors import Problem
from config.settings import Experience, Settings


def problem(experience: Experience, settings: Settings, key: str, message: str) -> Problem:
    """A problem with `key` (dotted when nested; "" = the experience itself) of an experience."""
    index = next((i for i, e in enumerate(settings.experiences) if e is experience), None)
    name = "experience" if index is None else f"experience[{index}]"
    return Problem(experience.place, f"{name}.{key}" if key else name, message)


def did_you_mean(found: str, allowed: Iterable[str]) -> str:
    """`; did you mean "rollout"?` when something allowed is near, else what is allowed."""
    names = sorted(allowed)
    near = get_close_matches(found.lower(), names, n=1, cutoff=0.6)
    if near:
        return f'; did you mean "{near[0]}"?'
    return f"; allowed: {', '.join(names)}" if names else ""
