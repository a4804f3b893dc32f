"""From choices to a spliced page: each transform's edits, who gives way to whom, and what the engine let through.

Invariant: a failing transform costs its own experience alone; what is reported as shown is in the bytes.
"""

from collections.abc import Hashable, Mapping, Sequence
from operator import ne
from typing import NamedTuple

from clicks.facts import PageFacts
from config.settings import Settings
from decisions.decision import Choice
from transforms.page.edits import Edit, Refused, Remove, Reorder, SetAttribute, Spliced
from transforms.page.engine import Page
from transforms.registry import transform_of
from transforms.transform import NotShown, Transform, TransformInput

SHOWN = "TARGETING_MATCH"
REMEMBERED = 512
"""Edits kept of each experience, by what they depend on."""

_NOBODYS = -1
"""The owner of an edit that no choice asked for."""


def reason_for(refusal: str) -> str:
    """The decision reason for what the engine calls it; its own word stays in the detail."""
    if refusal == "COMPILING":
        return "OVER_BUDGET"
    return refusal if refusal in ("SELECTOR_MISS", "OVER_BUDGET", "ERROR") else "GATE_REFUSED"


class Verdict(NamedTuple):
    """What became of a choice: SHOWN or the reason why not, with a line for the operator."""

    choice: Choice
    code: str
    detail: str = ""


class _Plan:
    """Edits collected so far, in the order of the choices they belong to, and what each choice claimed."""

    __slots__ = ("claims", "edits", "ends")

    def __init__(self) -> None:
        self.edits: list[Edit] = []
        self.ends: list[int] = []
        """For each choice, how many edits there are up to its last one."""
        self.claims: list[tuple[str, str]] = []

    def owners(self) -> list[int]:
        """For each edit the number of its choice."""
        owners: list[int] = []
        for number, end in enumerate(self.ends):
            owners += [number] * (end - len(owners))
        return owners + [_NOBODYS] * (len(self.edits) - len(owners))


class Applied(NamedTuple):
    """What became of a page's choices; `edits` are those that are in the bytes. Without any, `spliced` is None."""

    spliced: Spliced | None
    verdicts: Sequence[Verdict]
    edits: Sequence[Edit]


class _Change:
    """One experience: its transform, what it claims of its placement, and the edits that it made lately."""

    __slots__ = ("_made", "_transform", "claim")

    def __init__(self, transform: Transform, claim: tuple[str, str] | None) -> None:
        self.claim = claim
        self._transform = transform
        self._made: dict[tuple[int, Hashable], Sequence[Edit] | NotShown] = {}

    def edits(self, given: TransformInput, matches: int) -> Sequence[Edit] | NotShown:
        """The edits for one page whose placement has that many matches."""
        transform = self._transform
        try:
            depends_on = transform.depends_on(given.profile)
            if depends_on is None:
                return transform.edits(given)
            made = self._made.get((matches, depends_on))
            if made is None:
                made = self._made[matches, depends_on] = transform.edits(given)
                if len(self._made) > REMEMBERED:
                    del self._made[next(iter(self._made))]
        except Exception as error:
            # Whatever a transform trips over is its own experience's loss; the message could hold a visitor's text.
            return NotShown("ERROR", f"{transform.key} failed: {type(error).__name__}")
        return made


class Applying:
    """The experiences of one configuration, each with its transform and what it claims of its placement."""

    def __init__(self, settings: Settings) -> None:
        self._changes: dict[str, _Change] = {}
        for experience in settings.experiences:
            transform = transform_of(experience)
            if transform is not None:
                claim, placement = transform.claim(experience), settings.placements[experience.at]
                self._changes[experience.id] = _Change(transform, None if claim is None else (placement.css, claim))

    def apply(self, given: Sequence[TransformInput], page: Page, beside: Sequence[Edit] = ()) -> Applied:
        """Make the changes of the choices, in order, and edits `beside` them that belong to none."""
        plan = _Plan()
        verdicts: list[Verdict] = []
        for each in given:
            verdicts.append(self._planned(each, plan))
            plan.ends.append(len(plan.edits))
        plan.edits += beside
        if not plan.edits:
            return Applied(None, verdicts, ())
        spliced = page.splice(plan.edits)
        if not spliced.refused:
            return Applied(spliced, verdicts, plan.edits)
        owners = plan.owners()
        refused: dict[int, list[Refused]] = {}
        for no in spliced.refused:
            refused.setdefault(owners[no.edit], []).append(no)
        refused.pop(_NOBODYS, None)
        for number, why in refused.items():
            # An experience of several edits (hide every block) counts as shown when some of them were made.
            partly = len(why) < owners.count(number)
            code = SHOWN if partly else reason_for(why[0].reason)
            verdicts[number] = Verdict(verdicts[number].choice, code, f"{why[0].reason}: {why[0].detail}")
        left_out = {no.edit for no in spliced.refused}
        return Applied(spliced, verdicts, [edit for number, edit in enumerate(plan.edits) if number not in left_out])

    def _planned(self, given: TransformInput, plan: _Plan) -> Verdict:
        """Add the edits of one choice to the plan."""
        choice = given.choice
        placement = choice.placement
        change = self._changes.get(choice.experience.id)
        if change is None:
            return Verdict(choice, "ERROR", "no transform for these settings")
        matches = given.page.count(placement.name)
        if not matches:
            return Verdict(choice, "SELECTOR_MISS", f"{placement.css} matches nothing on this page")
        claim = change.claim
        if claim is not None and claim in plan.claims:
            return Verdict(choice, "SUPERSEDED", f"an experience before this one changes the same ({claim[1]})")
        edits = change.edits(given, matches)
        if isinstance(edits, NotShown):
            return Verdict(choice, edits.code, edits.detail)
        if claim is not None:
            plan.claims.append(claim)
        plan.edits += edits
        return Verdict(choice, SHOWN)


def product_ids(facts: PageFacts) -> Mapping[str, tuple[str, ...]]:
    """Product ids of each list in the origin's order, "" where unknown."""
    return {name: tuple(item.id or "" for item in items) for name, items in (facts.lists or {}).items()}


def listed(origin: Mapping[str, tuple[str, ...]], edits: Sequence[Edit]) -> tuple[Mapping[str, tuple[str, ...]], int]:
    """Product ids of each list in the order shown after `edits`, and how many positions show another item than the
    origin sent. A platform's list of the very same items as a placement's is shown as that one is."""
    orders: dict[str, Sequence[int]] = {}
    gone: dict[str, set[int]] = {}
    for edit in edits:
        if isinstance(edit, Reorder):
            orders[edit.query] = edit.order
        elif isinstance(edit, Remove) or (isinstance(edit, SetAttribute) and edit.name == "hidden"):
            gone.setdefault(edit.target.query, set()).add(edit.target.index)
    moved = 0
    changed: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    for name in orders.keys() | gone.keys():
        ids = origin.get(name)
        if ids is None:
            continue
        now = orders.get(name)
        if now is None:
            now = range(len(ids))
        else:
            moved += sum(map(ne, now, range(len(ids))))
        out = gone.get(name)
        stay = now if out is None else [source for position, source in enumerate(now) if position not in out]
        changed.append((ids, tuple(map(ids.__getitem__, stay))))
    if not changed:
        return origin, 0
    shown = dict(origin)
    for ids, instead in changed:
        # Most lists are told apart by identity or their first items; to hash them would read them all.
        for name, known in origin.items():
            if known == ids:
                shown[name] = instead
    return shown, moved
