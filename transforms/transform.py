"""What a transform is: settings it owns, problems it finds in them, edits it returns. Only `page` touches HTML."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from msgspec import Struct

from clicks.catalogue import Product
from clicks.facts import PageFacts, PageView
from config.errors import Problem
from config.settings import Experience, Offer, Settings
from decisions.decision import Choice
from transforms.page.edits import Edit
from visitors.profile import Profile

Names = tuple[str | None, ...]
"""Of a visitor, as far as messages may have them (`message.personal`)."""


class PageInput(Struct, frozen=True):
    """Everything that transforms may look at, but for the choice: the same for all choices of one page.

    `page.rows(choice.placement.name)` are the matches of a choice's placement.
    """

    page: PageView
    facts: PageFacts
    profile: Profile | None
    names: Names
    """The profile's."""
    catalogue: Mapping[str, Product]
    offers: Mapping[str, Offer]
    page_key: str
    """host + path?query (kept fields only): the page's name in `Profile.shown` and `Profile.last_page`."""
    stepped_forward: bool
    """The visitor followed a link from the last page; otherwise it may be Back or a reload, and orders stay."""
    now: float


@dataclass(frozen=True, slots=True)
class NotShown:
    """The experience is not shown on this page after all: `code` is a decision reason, `detail` is for the operator."""

    code: str
    detail: str


Dependence = Collection[str] | Literal["page"]
"""What edits depend on beside the experience and how often its placement is matched: of the visitor no more than these
names of `PERSONAL_FIELDS` (they are made once for all who have the same, for everybody when it is none), or more."""


class Transform(Protocol):
    """One kind of change. `key` selects it in [[experience]]; `keys` are all the settings it owns there."""

    @property
    def key(self) -> str:
        """The setting that selects it."""
        ...

    @property
    def keys(self) -> tuple[str, ...]:
        """All settings it owns, `key` among them."""
        ...

    def claim(self, experience: Experience) -> str | None:
        """What it changes of its placement that only one experience can (the first wins); None: several get along."""
        ...

    def problems(self, experience: Experience, settings: Settings) -> Sequence[Problem]:
        """Everything wrong with its settings in this experience."""
        ...

    def depends_on(self, experience: Experience, settings: Settings) -> Dependence:
        """What its edits depend on."""
        ...

    def edits(self, choice: Choice, given: PageInput) -> Sequence[Edit] | NotShown:
        """The edits for one page; empty when it is shown and that takes no change (a list already in its order)."""
        ...
