"""What a transform is: settings it owns, problems it finds in them, edits it returns. Only `page` touches HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from clicks.catalogue import Product
from clicks.facts import PageFacts, PageView
from config.errors import Problem
from config.settings import Experience, Offer, Settings
from decisions.decision import Choice
from transforms.page.edits import Edit
from visitors.profile import Profile


@dataclass(frozen=True, slots=True)
class TransformInput:
    """Everything a transform may look at. `page.rows(placement.name)` are the matches of the choice's placement."""

    choice: Choice
    page: PageView
    facts: PageFacts
    profile: Profile | None
    catalogue: Mapping[str, Product]
    offers: Mapping[str, Offer]
    page_key: str
    """host + path?query (kept fields only): the page's name in `Profile.shown` and `Profile.last_page`."""
    stepped_forward: bool
    """The visitor followed a link from the last page; otherwise it may be Back or a reload, and orders stay."""
    now: float


class Transform(Protocol):
    """One kind of change. `key` selects it in [[experience]]; `keys` are all the settings it owns there."""

    key: str
    keys: tuple[str, ...]

    def problems(self, experience: Experience, settings: Settings) -> Sequence[Problem]:
        """Everything wrong with its settings in this experience."""
        ...

    def edits(self, given: TransformInput) -> Sequence[Edit]:
        """The edits for one page; empty when nothing is to change."""
        ...
