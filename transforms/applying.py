"""From choices to a spliced page: each transform's edits, who gives way to whom, and what the engine let through.

Invariant: a failing transform costs its own experience alone; what is reported as shown is in the bytes.
"""

from bisect import bisect_right
from collections.abc import Hashable, Mapping, Sequence
from operator import ne
from typing import NamedTuple

from clicks.facts import PageFacts
from config.settings import Settings
from decisions.decision import Choice
from transforms.page.edits import Edit, Refused, Remove, Reorder, SetAttribute, Spliced
from transforms.page.engine import Page
from transforms.page.recipe import Form, form_of
from transforms.registry import transform_of
from transforms.transform import NotShown, PageInput, Transform

SHOWN = "TARGETING_MATCH"
REMEMBERED = 512
"""Edits kept of each experience, by what they depend on."""


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


class Planned(NamedTuple):
    """The edits of a page's choices, with their form; `ends` says how many there are up to each choice's last one."""

    edits: Sequence[Edit]
    form: Form
    ends: Sequence[int]
    verdicts: Sequence[Verdict]
    """Of choices that have none."""


class Applied(NamedTuple):
    """What became of a page's choices; `edits` are those that are in the bytes. Without any, `spliced` is None.

    `verdicts` are those of choices that are not, or not wholly, shown.
    """

    spliced: Spliced | None
    verdicts: Sequence[Verdict]
    edits: Sequence[Edit]


class _Made(NamedTuple):
    """Edits, and their form."""

    edits: Sequence[Edit]
    form: Form


class _Change:
    """One experience: its transform, what it claims of its placement, and the edits that it made lately."""

    __slots__ = ("_made", "_transform", "claim")

    def __init__(self, transform: Transform, claim: tuple[str, str] | None) -> None:
        self.claim = claim
        self._transform = transform
        self._made: dict[tuple[int, Hashable], _Made | NotShown] = {}

    def edits(self, choice: Choice, given: PageInput, matches: int) -> _Made | NotShown:
        """The edits for one page whose placement has that many matches."""
        transform = self._transform
        try:
            depends_on = transform.depends_on(given.profile)
            if depends_on is None:
                return _made(transform.edits(choice, given))
            made = self._made.get((matches, depends_on))
            if made is None:
                made = self._made[matches, depends_on] = _made(transform.edits(choice, given))
                if len(self._made) > REMEMBERED:
                    del self._made[next(iter(self._made))]
        except Exception as error:
            # Whatever a transform trips over is its own experience's loss; the message could hold a visitor's text.
            return NotShown("ERROR", f"{transform.key} failed: {type(error).__name__}")
        return made


def _made(edits: Sequence[Edit] | NotShown) -> _Made | NotShown:
    return edits if isinstance(edits, NotShown) else _Made(edits, form_of(edits))


class Applying:
    """The experiences of one configuration, each with its transform and what it claims of its placement."""

    def __init__(self, settings: Settings) -> None:
        self._changes: dict[str, _Change] = {}
        for experience in settings.experiences:
            transform = transform_of(experience)
            if transform is not None:
                claim, placement = transform.claim(experience), settings.placements[experience.at]
                self._changes[experience.id] = _Change(transform, None if claim is None else (placement.css, claim))

    def plan(
        self, choices: Sequence[Choice], matches: Sequence[int], given: PageInput, beside: Sequence[Edit]
    ) -> Planned:
        """The changes of the choices, in order, and edits `beside` them that belong to none.

        `matches` says how many matches each choice's placement has on the page.
        """
        edits: list[Edit] = []
        form: Form = ()
        ends: list[int] = []
        claims: list[tuple[str, str]] = []
        verdicts: list[Verdict] = []
        for choice, number in zip(choices, matches, strict=True):
            made = self._planned(choice, number, given, claims)
            if isinstance(made, NotShown):
                verdicts.append(Verdict(choice, made.code, made.detail))
            else:
                edits += made.edits
                form += made.form
            ends.append(len(edits))
        if beside:
            edits += beside
            form += form_of(beside)
        return Planned(edits, form, ends, verdicts)

    def splice(self, planned: Planned, choices: Sequence[Choice], page: Page) -> Applied:
        """Make what was planned for these choices."""
        edits, form, ends, verdicts = planned
        if not edits:
            return Applied(None, verdicts, ())
        spliced = page.splice(edits, form)
        if not spliced.refused:
            return Applied(spliced, verdicts, edits)
        verdicts = [*verdicts, *_of_refused(choices, ends, spliced.refused)]
        left_out = {no.edit for no in spliced.refused}
        return Applied(spliced, verdicts, [edit for number, edit in enumerate(edits) if number not in left_out])

    def _planned(
        self, choice: Choice, matches: int, given: PageInput, claims: list[tuple[str, str]]
    ) -> _Made | NotShown:
        """The edits of one choice; what it claims is added to `claims`."""
        change = self._changes.get(choice.experience.id)
        if change is None:
            return NotShown("ERROR", "no transform for these settings")
        if not matches:
            return NotShown("SELECTOR_MISS", f"{choice.placement.css} matches nothing on this page")
        claim = change.claim
        if claim is not None and claim in claims:
            return NotShown("SUPERSEDED", f"an experience before this one changes the same ({claim[1]})")
        made = change.edits(choice, given, matches)
        if claim is not None and not isinstance(made, NotShown):
            claims.append(claim)
        return made


def _of_refused(choices: Sequence[Choice], ends: Sequence[int], refused: Sequence[Refused]) -> list[Verdict]:
    """What refused edits mean for their choices; `ends` says how many edits there are up to each choice's last one."""
    why: dict[int, list[Refused]] = {}
    for no in refused:
        why.setdefault(bisect_right(ends, no.edit), []).append(no)
    verdicts = []
    for number, nos in why.items():
        if number == len(choices):
            continue  # an edit that no choice asked for
        # An experience of several edits (hide every block) counts as shown when some of them were made.
        partly = len(nos) < ends[number] - (ends[number - 1] if number else 0)
        first = nos[0]
        code = SHOWN if partly else reason_for(first.reason)
        verdicts.append(Verdict(choices[number], code, f"{first.reason}: {first.detail}"))
    return verdicts


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
