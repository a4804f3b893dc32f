"""hide: the placement stays in the page, but is not rendered and not read aloud (the `hidden` attribute)."""

from collections.abc import Sequence

from config.errors import Problem
from config.settings import Experience, Settings
from decisions.decision import Choice
from transforms.complaints import problem
from transforms.page.edits import Edit, SetAttribute
from transforms.targets import targets
from transforms.transform import Dependence, PageInput


class HideElement:
    """`hide = true`: the element of `at`, or every block of `items`."""

    key = "hide"
    keys = ("hide",)

    def depends_on(self, experience: Experience, settings: Settings) -> Dependence:
        """Nothing of the visitor."""
        return ()

    def claim(self, experience: Experience) -> str | None:
        """Once is enough."""
        return "attribute hidden"

    def problems(self, experience: Experience, settings: Settings) -> Sequence[Problem]:
        """Anything but true."""
        found = experience.settings["hide"]
        return (
            [] if found is True else [problem(experience, settings, "hide", f"found {found!r}; only true is allowed")]
        )

    def edits(self, choice: Choice, given: PageInput) -> Sequence[Edit]:
        """The attribute, on each element."""
        return [SetAttribute(target, "hidden", "hidden") for target in targets(choice, given)]
