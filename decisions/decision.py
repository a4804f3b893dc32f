"""The outcome of deciding: which experiences are shown, and for every other one why not."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from clicks.click import Event, Reason
from config.settings import Experience, Placement


@dataclass(frozen=True, slots=True)
class Choice:
    """An experience that is shown on this page, at its placement."""

    experience: Experience
    placement: Placement
    variant: str = "personalised"
    exposure: Event = field(init=False, repr=False, compare=False)
    """GA4 view_promotion: the visitor sees this experience."""

    def __post_init__(self) -> None:
        """Say what its being seen is in clicks, once for all who see it."""
        data: dict[str, object] = {
            "experience": self.experience.id,
            "placement": self.placement.name,
            "variant": self.variant,
        }
        position = self.experience.settings.get("insert")
        if isinstance(position, str):
            data["position"] = position
        object.__setattr__(self, "exposure", Event("view_promotion", data))


@dataclass(frozen=True, slots=True)
class Decision:
    """Choices in the configuration's order, one reason per experience considered; `variant` of the visitor.

    Visitors for whom the same was decided share one.
    """

    choices: tuple[Choice, ...]
    reasons: tuple[Reason, ...]
    variant: str = ""
    placements: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """Of the choices, in their order."""
    exposures: tuple[Event, ...] = field(init=False, repr=False, compare=False)
    """Likewise."""

    def __post_init__(self) -> None:
        """Join what the choices say."""
        object.__setattr__(self, "placements", tuple([choice.placement.name for choice in self.choices]))
        object.__setattr__(self, "exposures", tuple([choice.exposure for choice in self.choices]))

    def without(self, withdrawn: Mapping[str, str]) -> "Decision":
        """The decision when choices were not shown after all: their experiences with the reasons why."""
        return Decision(
            tuple([choice for choice in self.choices if choice.experience.id not in withdrawn]),
            tuple(
                [
                    Reason(reason.experience, withdrawn[reason.experience])
                    if reason.experience in withdrawn
                    else reason
                    for reason in self.reasons
                ]
            ),
            self.variant,
        )
