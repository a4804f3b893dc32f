"""remove: the placement is not in the page at all."""

from collections.abc import Sequence

from config.errors import Problem
from config.settings import Experience, Settings
from decisions.decision import Choice
from transforms.complaints import problem
from transforms.page.edits import Edit, Remove
from transforms.targets import targets
from transforms.transform import Dependence, PageInput


class RemoveElement:
    """`remove = true`: the element of `at`, or every block of `items`."""

    key = "remove"
    keys = ("remove",)

    def depends_on(self, experience: Experience, settings: Settings) -> Dependence:
        """Nothing of the visitor."""
        return ()

    def claim(self, experience: Experience) -> str | None:
        """What is gone can neither be ordered nor trimmed; other changes to it are the engine's to refuse."""
        return "items"

    def problems(self, experience: Experience, settings: Settings) -> Sequence[Problem]:
        """Anything but true."""
        found = experience.settings["remove"]
        if found is True:
            return []
        return [problem(experience, settings, "remove", f"found {found!r}; only true is allowed")]

    def edits(self, choice: Choice, given: PageInput) -> Sequence[Edit]:
        """A removal of each element."""
        return [Remove(target) for target in targets(choice, given)]
