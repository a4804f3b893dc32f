"""One page, start to end: open, read facts, decide, edit, splice; or the body as it came, and why.

Invariant: `run` never raises, and without an applied edit the outcome's body is the very object that came in.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from clicks.catalogue import Product
from clicks.click import Event, Reason
from clicks.facts import PageFacts
from clicks.targets import Target
from config.platform import Platform
from config.settings import Settings
from decisions.decision import Decision
from transforms.page.edits import Spliced
from visitors.profile import Profile
from visitors.visitor import Visitor


@dataclass(frozen=True, slots=True)
class PageContext:
    """What is known of the exchange a page belongs to. `referrer_key` and `now` as in `Profile.last_page` and Unix time.

    `rewriting` False (observe, holdout, kill switch) reads facts and changes nothing; `learn` False (errors, answers
    to POSTs) keeps nothing of this body in templates.
    """

    host: str
    target: Target
    visitor: Visitor
    profile: Profile | None
    profile_failure: str | None
    catalogue: Mapping[str, Product]
    referrer_key: str
    now: float
    rewriting: bool
    learn: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What goes out, and all that the click will say of it.

    `outcome` is the template's ("hit", "relocated", "compiled") or why the page was left alone ("BOT", "ERROR",
    "OVER_BUDGET", …). `listed` maps list names to product ids in the order shown ("" where an id cannot be told);
    `moved` counts positions that show another item than the origin sent. `details` has a line for the operator per
    experience id that was not shown for a reason worth a line.
    """

    body: bytes
    outcome: str
    facts: PageFacts | None
    decision: Decision | None
    spliced: Spliced | None
    listed: Mapping[str, tuple[str, ...]]
    moved: int
    reasons: tuple[Reason, ...]
    events: tuple[Event, ...]
    details: Mapping[str, str]


class Personaliser:
    """Personalises pages of one shop under one configuration; one per worker process."""

    def __init__(self, settings: Settings, platform: Platform) -> None:
        self.settings = settings
        self.platform = platform

    def run(self, body: bytes, content_type: bytes | None, context: PageContext) -> Outcome:
        """The page for this visitor. `content_type` is the header's value; never raises."""
        raise NotImplementedError
