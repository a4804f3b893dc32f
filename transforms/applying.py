"""From choices to a spliced page: each transform's edits, who gives way to whom, and what the engine let through.

Invariant: a failing transform costs its own experience alone; what is reported as shown is in the bytes.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from itertools import accumulate
from operator import itemgetter, ne
from typing import Final, NamedTuple

from msgspec import Struct

from clicks.facts import PageFacts
from config.settings import Experience, Settings
from decisions.decision import Choice
from transforms.message import PERSONAL_FIELDS
from transforms.page.edits import Edit, Refused, Reorder, Spliced
from transforms.page.engine import Page
from transforms.page.recipe import Prepared, prepared
from transforms.registry import transform_of
from transforms.transform import Dependence, Names, NotShown, PageInput, Transform

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


class Planned(Struct, frozen=True):
    """The edits of a page's choices, and what each choice has of them."""

    wanted: Prepared
    made: Sequence[Prepared | NotShown]
    verdicts: Sequence[Verdict]
    """Of choices that have none."""


class Applied(Struct, frozen=True):
    """What became of a page's choices: the page as spliced, None where no edit was planned.

    `verdicts` are those of choices that are not, or not wholly, shown; `lists` are the edits in the bytes by which
    lists are shown otherwise.
    """

    spliced: Spliced | None
    verdicts: Sequence[Verdict]
    lists: Sequence[Edit]


_NO_TRANSFORM: Final = NotShown("ERROR", "no transform for these settings")


Claim = tuple[str, str]
"""A placement's selector, and what of it one experience alone can change."""


class _Change:
    """One experience: its transform, what it claims that others want as well, and the edits that it made lately."""

    __slots__ = ("_claim", "_made", "_names_of", "_transform")

    def __init__(self, transform: Transform, claim: Claim | None, depends_on: Dependence) -> None:
        self._claim = claim
        self._transform = transform
        self._names_of = None if depends_on == "page" else _picking(depends_on)
        """What of a visitor's names its edits depend on; None: on more than names."""
        self._made: dict[tuple[int, object], Prepared | NotShown] = {}
        """By how many matches the placement has, and those names."""

    def edits(self, choice: Choice, given: PageInput, matches: int, claims: list[Claim]) -> Prepared | NotShown:
        """The edits for one page whose placement has that many matches; what they claim is added to `claims`."""
        if not matches:
            return NotShown("SELECTOR_MISS", f"{choice.placement.css} matches nothing on this page")
        claim = self._claim
        if claim is not None and claim in claims:
            return NotShown("SUPERSEDED", f"an experience before this one changes the same ({claim[1]})")
        try:
            names_of = self._names_of
            if names_of is None:
                made = self._edits(choice, given)
            else:
                key = (matches, names_of(given.names))
                known = self._made.get(key)
                made = self._remember(key, self._edits(choice, given)) if known is None else known
        except Exception as error:
            # Whatever a transform trips over is its own experience's loss; the message could hold a visitor's text.
            return NotShown("ERROR", f"{self._transform.key} failed: {type(error).__name__}")
        if claim is not None and not isinstance(made, NotShown):
            claims.append(claim)
        return made

    def _remember(self, key: tuple[int, object], made: Prepared | NotShown) -> Prepared | NotShown:
        self._made[key] = made
        if len(self._made) > REMEMBERED:
            del self._made[next(iter(self._made))]
        return made

    def _edits(self, choice: Choice, given: PageInput) -> Prepared | NotShown:
        edits = self._transform.edits(choice, given)
        return edits if isinstance(edits, NotShown) else prepared(edits)


class Applying:
    """The experiences of one configuration, each with its transform and what it claims of its placement."""

    def __init__(self, settings: Settings) -> None:
        every = [(one, transform) for one in settings.experiences if (transform := transform_of(one)) is not None]
        claims = [_claim(experience, transform, settings) for experience, transform in every]
        wanted = Counter(claims)
        self._changes: dict[str, _Change] = {}
        for (experience, transform), claim in zip(every, claims, strict=True):
            depends_on = transform.depends_on(experience, settings)
            self._changes[experience.id] = _Change(transform, claim if wanted[claim] > 1 else None, depends_on)

    def plan(
        self, choices: Sequence[Choice], matches: Sequence[int], given: PageInput, beside: Sequence[Edit]
    ) -> Planned:
        """The changes of the choices, in order, and edits `beside` them that belong to none.

        `matches` says how many matches each choice's placement has on the page.
        """
        edits: list[Edit] = []
        form: list[Hashable] = []
        sent: list[bytes] = []
        lists: list[Edit] = []
        every: list[Prepared | NotShown] = []
        claims: list[Claim] = []
        verdicts: list[Verdict] = []
        changes = self._changes
        for choice, number in zip(choices, matches, strict=True):
            change = changes.get(choice.experience.id)
            made = _NO_TRANSFORM if change is None else change.edits(choice, given, number, claims)
            every.append(made)
            if isinstance(made, NotShown):
                verdicts.append(Verdict(choice, made.code, made.detail))
                continue
            edits += made.edits
            form += made.form
            sent += made.sent
            if made.lists:
                lists += made.lists
        if beside:
            more = prepared(beside)
            edits += more.edits
            form += more.form
            sent += more.sent
        return Planned(Prepared(edits, tuple(form), sent, lists), every, verdicts)

    def splice(self, planned: Planned, choices: Sequence[Choice], page: Page) -> Applied:
        """Make what was planned for these choices."""
        wanted, verdicts = planned.wanted, planned.verdicts
        if not wanted.edits:
            return Applied(None, verdicts, ())
        spliced = page.made(wanted)
        refused = spliced.refused
        if not refused:
            return Applied(spliced, verdicts, wanted.lists)
        verdicts = [*verdicts, *_of_refused(choices, planned.made, refused)]
        left_out = {no.edit for no in refused}
        edits = [edit for number, edit in enumerate(wanted.edits) if number not in left_out]
        return Applied(spliced, verdicts, prepared(edits).lists)


def _picking(wanted: Collection[str]) -> Callable[[Names], object]:
    """Takes the wanted ones of a visitor's names."""
    places = [place for place, name in enumerate(PERSONAL_FIELDS) if name in wanted]
    return itemgetter(*places) if places else lambda names: None


def _claim(experience: Experience, transform: Transform, settings: Settings) -> Claim | None:
    claim = transform.claim(experience)
    return None if claim is None else (settings.placements[experience.at].css, claim)


def _of_refused(
    choices: Sequence[Choice], made: Sequence[Prepared | NotShown], refused: Sequence[Refused]
) -> list[Verdict]:
    """What refused edits mean for their choices; `made` is what each of them has of all the edits, in order."""
    counts = [0 if isinstance(one, NotShown) else len(one.edits) for one in made]
    ends = list(accumulate(counts))
    why: dict[int, list[Refused]] = {}
    for no in refused:
        why.setdefault(bisect_right(ends, no.edit), []).append(no)
    verdicts = []
    for number, nos in why.items():
        if number == len(choices):
            continue  # an edit that no choice asked for
        # An experience of several edits (hide every block) counts as shown when some of them were made.
        partly = len(nos) < counts[number]
        first = nos[0]
        code = SHOWN if partly else reason_for(first.reason)
        verdicts.append(Verdict(choices[number], code, f"{first.reason}: {first.detail}"))
    return verdicts


def product_ids(facts: PageFacts) -> Mapping[str, tuple[str, ...]]:
    """Product ids of each list in the origin's order, "" where unknown."""
    return {name: tuple([item.id or "" for item in items]) for name, items in (facts.lists or {}).items()}


def alike(lists: Mapping[str, tuple[str, ...]]) -> Mapping[str, Sequence[str]]:
    """For each list the names of those with the very same items, its own among them."""
    return {name: [other for other, ids in lists.items() if ids == own] for name, own in lists.items()}


def listed(
    origin: Mapping[str, tuple[str, ...]], names_alike: Mapping[str, Sequence[str]], edits: Sequence[Edit]
) -> tuple[Mapping[str, tuple[str, ...]], int]:
    """Product ids of each list in the order shown after `edits`, and how many positions show another item than the
    origin sent. A platform's list of the very same items as a placement's is shown as that one is."""
    if not edits:
        return origin, 0
    orders: dict[str, Sequence[int]] = {}
    gone: dict[str, set[int]] = {}
    for edit in edits:
        if isinstance(edit, Reorder):
            orders[edit.query] = edit.order
        else:
            gone.setdefault(edit.target.query, set()).add(edit.target.index)
    shown = dict(origin)
    moved = 0
    for name in {**orders, **gone}:
        ids = origin.get(name)
        if ids is None:
            continue
        stay: Sequence[int] = range(len(ids))
        order, left_out = orders.get(name), gone.get(name)
        if order is not None:
            moved += sum(map(ne, order, stay))
            stay = order
        if left_out is not None:
            stay = [source for position, source in enumerate(stay) if position not in left_out]
        instead = itemgetter(*stay)(ids) if len(stay) > 1 else tuple([ids[source] for source in stay])
        for other in names_alike[name]:
            shown[other] = instead
    return shown, moved
