"""The transforms there are, in the order of the documentation; a new one is a file in `builtin/` and a line here."""

from config.errors import Problem
from config.settings import Experience, Settings
from transforms.transform import Transform

TRANSFORMS: tuple[Transform, ...] = ()


def transform_of(experience: Experience) -> Transform | None:
    """The transform an experience uses, told by its key; None when there is none."""
    raise NotImplementedError


def problems(settings: Settings) -> tuple[Problem, ...]:
    """Everything wrong with experiences' settings and placements' selectors."""
    raise NotImplementedError
