"""One page, start to end: open, read facts, decide, edit, splice; or the body as it came, and why.

Invariant: `run` never raises, and without an applied edit the outcome's body is the very object that came in.
"""

import traceback
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from msgspec import Struct

from clicks.catalogue import Product
from clicks.click import Event, Reason
from clicks.facts import PageFacts
from clicks.kinds import page_kind
from clicks.targets import Target, parse_target
from config.platform import Platform
from config.settings import Settings
from decisions.deciding import Decider
from decisions.decision import Decision
from decisions.places import Places
from decisions.proven import proven
from transforms import beacon
from transforms.applying import SHOWN, Applying, Planned, Verdict, listed, reason_for
from transforms.message import personal
from transforms.opening import LONGEST_REMEMBERED, OVER_BUDGET, REMEMBERED, Address, PageReader, ReadFacts
from transforms.page.edits import Edit, Spliced
from transforms.page.engine import Compiler, Page, Refusal
from transforms.page.only_body import OnlyBody
from transforms.page.stretch import Standing
from transforms.transform import PageInput
from visitors.profile import Profile
from visitors.visitor import Visitor

MS_PER_CHOICE = 0.02
MS_PER_ITEM = 0.002
"""What ranking and making edits takes, rounded up from the stages that make bench-stages' page was profiled by."""

_PLACED = "placed"
"""In `PageFacts.derived`."""
PAGE = ""
"""Key of `Outcome.details` for the page as a whole."""


class PageContext(Struct, frozen=True):
    """What is known of a page's exchange. `referrer_key` is written as `Profile.last_page`, `now` is Unix time.

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
    lap: Callable[[str], None] | None = None
    """Told when a stage has ended: "decide", "open" (with the facts), "edit" (with the splice)."""
    is_nobodys: bool = False
    """The request said nothing by which a shop could know who asked: the page holds nothing of anybody."""
    beacon_for: str = ""
    """The page's origin ("https://shop.example") where the visibility beacon may go in; "" where it may not."""


class Outcome(Struct, frozen=True):
    """What goes out, and all that the click will say of it.

    `outcome` is the template's ("hit", "relocated", "compiled") or why the page was left alone ("BOT", "ERROR",
    "OVER_BUDGET", …). `listed` maps list names to product ids in the order shown ("" where an id cannot be told);
    `moved` counts positions that show another item than the origin sent. `details` has a line for the operator per
    experience that was not, or not wholly, shown (key PAGE: about the page).
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

    def stretches_of(self, sent: bytes) -> Sequence[Standing]:
        """Long runs of what is sent that are the same on other pages of the template."""
        return () if self.spliced is None or self.spliced.body is not sent else self.spliced.stretches


class _Opened(Struct, frozen=True):
    """A page that may be changed, and what was decided for it: `matches` are those of each choice's placement,
    `beside` are edits that no choice asked for."""

    page: Page
    read: ReadFacts
    decision: Decision
    matches: Sequence[int]
    name: str
    """As in `Address`."""
    beside: Sequence[Edit]


class Personaliser:
    """Personalises pages of one shop under one configuration; one per worker process."""

    def __init__(self, settings: Settings, platform: Platform, compiler: Compiler | None = None) -> None:
        """With a `compiler` large pages are compiled by it, and go out as they came until that is done."""
        self._settings = settings
        self._platform = platform
        self._places = Places(settings.placements.values())
        self._reader = PageReader(settings, platform, compiler)
        self._decider = Decider(settings)
        self._applying = Applying(settings)
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._address)

    @property
    def templates(self) -> tuple[int, int]:
        """How many templates there are, and their bytes."""
        return self._reader.templates

    def expected(self, host: str, target: Target, visitor: Visitor) -> OnlyBody | None:
        """The body that most likely comes, where the page has not varied so far."""
        address = self._address_of(host, target.raw)
        return address.engine.expected(address.of_one if visitor.logged_in else address.of_all)

    def run(self, body: bytes, content_type: bytes | None, context: PageContext) -> Outcome:
        """The page for this visitor. `content_type` is the header's value; never raises."""
        steps = self.steps(body, content_type, context)
        try:
            while True:
                next(steps)
        except StopIteration as done:
            made: Outcome = done.value
            return made

    def steps(self, body: bytes, content_type: bytes | None, context: PageContext) -> Generator[None, None, Outcome]:
        """As `run`, with a pause between one step and the next: several pages may go through them together. One whose
        stages are timed takes them at once."""
        lap = context.lap
        try:
            opened = self._open(body, content_type, context)
            if isinstance(opened, Outcome):
                return opened
            if lap is None:
                yield
            planned = self._plan(opened, context)
            if lap is None:
                yield
            outcome = self._change(opened, planned)
            if lap is not None:
                lap("edit")
            return outcome
        except Exception as error:
            # DESIGN 9: any failure of ours sends the shop's own bytes. The message could hold a visitor's text.
            reasons = tuple(Reason(experience.id, "ERROR") for experience in self._settings.experiences)
            return _untouched(body, "ERROR", None, Decision((), reasons), {PAGE: _where_it_failed(error)})

    def _open(self, body: bytes, content_type: bytes | None, context: PageContext) -> "_Opened | Outcome":
        """The page with what is meant for it; its outcome, if that is to stay as it came."""
        target, visitor = context.target, context.visitor
        address = self._address_of(context.host, target.raw)
        decision = self._decider.decide(
            address.here, visitor, context.profile, context.profile_failure, context.now, enabled=context.rewriting
        )
        if context.lap is not None:
            context.lap("decide")
        if visitor.bot:
            # A crawler's walk over every page would push the templates of pages that people open out of memory.
            return _untouched(body, "BOT", None, decision)
        page = self._reader.open(
            body, content_type, address, visitor, learn=context.learn, is_nobodys=context.is_nobodys
        )
        if isinstance(page, Refusal):
            code = reason_for(page.reason)
            verdicts = [Verdict(choice, code, page.detail) for choice in decision.choices]
            details = {PAGE: f"{page.reason}: {page.detail}"}
            return _untouched(body, page.reason, None, _settled(decision, verdicts), details)
        read = _placed(self._reader.facts(page, address), context.catalogue)
        if context.lap is not None:
            context.lap("open")
        beside = (beacon.EDIT,) if context.beacon_for and beacon.has_room(page, context.beacon_for) else ()
        if not decision.choices and not beside:
            return _untouched(body, page.outcome, read, decision)
        matches = page.counts(decision.placements)
        if why := self._exceeds_budget(matches):
            verdicts = [Verdict(choice, OVER_BUDGET, why) for choice in decision.choices]
            return _untouched(body, OVER_BUDGET, read, _settled(decision, verdicts), {PAGE: f"{OVER_BUDGET}: {why}"})
        return _Opened(page, read, decision, matches, address.name, beside)

    def _address_of(self, host: str, raw: bytes) -> Address:
        return self._remembered(host, raw) if len(raw) <= LONGEST_REMEMBERED else self._address(host, raw)

    def _address(self, host: str, raw: bytes) -> Address:
        target = parse_target(raw)
        here = self._places.here(page_kind(self._platform, target), target.text)
        return self._reader.address(host, target, here)

    def _exceeds_budget(self, matches: Sequence[int]) -> str:
        """Why ranking and making edits is predicted to take longer than `decide_ms`; "" when it is not.

        `matches` has, for each choice, how many matches its placement has.
        """
        predicted = MS_PER_CHOICE * len(matches) + MS_PER_ITEM * sum(matches)
        budget = self._settings.site.budget.decide_ms
        return f"about {predicted:.2f} ms, decide_ms = {budget:g}" if predicted > budget else ""

    def _plan(self, opened: "_Opened", context: PageContext) -> Planned:
        """The edits for what was decided, as far as transforms go along, and those beside that."""
        profile = proven(context.profile, context.visitor)
        name = opened.name
        given = PageInput(
            page=opened.page,
            facts=opened.read.facts,
            profile=profile,
            names=personal(profile),
            catalogue=context.catalogue,
            offers=self._settings.offers,
            page_key=name,
            stepped_forward=(
                profile is not None
                and context.referrer_key not in ("", name)
                and context.referrer_key == profile.last_page
            ),
            now=context.now,
        )
        return self._applying.plan(opened.decision.choices, opened.matches, given, opened.beside)

    def _change(self, opened: "_Opened", planned: Planned) -> Outcome:
        """The page with the edits made, as far as the engine goes along."""
        page, read, decision = opened.page, opened.read, opened.decision
        applied = self._applying.splice(planned, decision.choices, page)
        spliced = applied.spliced
        shown, moved = listed(read.listed, read.alike, applied.lists)
        settled = _settled(decision, applied.verdicts)
        return Outcome(
            body=page.body if spliced is None else spliced.body,
            outcome=page.outcome,
            facts=read.facts,
            decision=settled,
            spliced=spliced,
            listed=shown,
            moved=moved,
            reasons=settled.reasons,
            events=settled.exposures,
            details=_details(applied.verdicts) if applied.verdicts else {},
        )


def _placed(read: ReadFacts, catalogue: Mapping[str, Product]) -> ReadFacts:
    """The facts, with the categories that lists told of a product whose own page names none."""
    facts = read.facts
    product = facts.product
    if product is None or product.categories or (known := catalogue.get(product.id)) is None or not known.categories:
        return read
    before = facts.derived.get(_PLACED)
    if (
        isinstance(before, ReadFacts)
        and before.facts.product is not None
        and before.facts.product.categories == known.categories
    ):
        return before
    placed = replace(read, facts=replace(facts, product=replace(product, categories=known.categories)))
    facts.derived[_PLACED] = placed
    return placed


def _untouched(
    body: bytes, outcome: str, read: ReadFacts | None, decision: Decision, details: Mapping[str, str] | None = None
) -> Outcome:
    """The body as it came; `decision` has no choices."""
    return Outcome(
        body=body,
        outcome=outcome,
        facts=None if read is None else read.facts,
        decision=decision,
        spliced=None,
        listed={} if read is None else read.listed,
        moved=0,
        reasons=decision.reasons,
        events=(),
        details=details or {},
    )


def _settled(decision: Decision, verdicts: Sequence[Verdict]) -> Decision:
    """The decision with what became of choices with a verdict: those not shown after all have another reason."""
    if not verdicts:
        return decision
    withdrawn = {verdict.choice.experience.id: verdict.code for verdict in verdicts if verdict.code != SHOWN}
    return decision.without(withdrawn) if withdrawn else decision


def _details(verdicts: Sequence[Verdict]) -> Mapping[str, str]:
    return {verdict.choice.experience.id: verdict.detail for verdict in verdicts if verdict.detail}


def _where_it_failed(error: Exception) -> str:
    """The kind of error and the line of ours it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
