"""The outcome of deciding: which experiences are shown, and for every other one why not."""

from dataclasses import dataclass

from clicks.click import Reason
from config.settings import Experience, Placement


@dataclass(frozen=True, slots=True)
class Choice:
    """An experience that is shown on this page, at its placement."""

    experience: Experience
    placement: Placement
    variant: str = "personalised"


@dataclass(frozen=True, slots=True)
class Decision:
    """Choices in the configuration's order, one reason per experience considered; `variant` of the visitor."""

    choices: tuple[Choice, ...]
    reasons: tuple[Reason, ...]
    variant: str = ""
