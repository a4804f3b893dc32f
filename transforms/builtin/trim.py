"""trim: only the first blocks of a list."""

from collections.abc import Iterator, Sequence

from config.errors import Problem
from config.settings import Experience, Settings
from decisions.decision import Choice
from transforms.complaints import problem
from transforms.page.edits import Edit, Remove, Target
from transforms.transform import Dependence, PageInput


class TrimList:
    """`trim = 4` at a placement with `items`: the first four blocks stay."""

    key = "trim"
    keys = ("trim",)

    def depends_on(self, experience: Experience, settings: Settings) -> Dependence:
        """Nothing of the visitor."""
        return ()

    def claim(self, experience: Experience) -> str | None:
        """A list is trimmed or reordered by one experience."""
        return "items"

    def problems(self, experience: Experience, settings: Settings) -> Sequence[Problem]:
        """No positive number, a placement without a list."""
        return [problem(experience, settings, key, message) for key, message in self._found(experience, settings)]

    def _found(self, experience: Experience, settings: Settings) -> Iterator[tuple[str, str]]:
        keep = experience.settings["trim"]
        placement = settings.placements.get(experience.at)
        if placement is not None and placement.items is None:
            yield "at", f'placement "{placement.name}" names one element; a list needs `items`'
        if type(keep) is not int or keep < 1:
            yield "trim", f"found {keep!r}; a number of blocks is expected, at least 1"

    def edits(self, choice: Choice, given: PageInput) -> Sequence[Edit]:
        """A removal of each block beyond."""
        name = choice.placement.name
        keep = choice.experience.settings["trim"]
        if not isinstance(keep, int):
            return []
        return [Remove(Target(name, i)) for i in range(keep, given.page.count(name))]
