"""Splice: plan the edits, refuse what conflicts, ask for the gate's verdict, and join slices of the origin's bytes.

Invariant: without an accepted edit the outcome's body is the very object that came in.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

from transforms.page.assemble import assemble, in_order
from transforms.page.edits import (
    Change,
    Edit,
    Insert,
    Refused,
    Remove,
    Reorder,
    Replace,
    SetAttribute,
    SetText,
    Spliced,
)
from transforms.page.ground import Ground
from transforms.page.limits import PageLimits
from transforms.page.plan import Plan, behind_another, plan
from transforms.page.recipe import Form, Prepared, Recipe, remember

Judge = Callable[[Sequence[Plan]], Sequence[bool] | str]
"""Says which of some plans, made together, pass the gate; or a reason why none can be judged."""


def splice(
    ground: Ground, wanted: Prepared, recipes: dict[Form, Recipe] | None, limits: PageLimits, judge: Judge
) -> Spliced:
    """The body with the edits made, each exactly or not at all; by one of the template's recipes, if it keeps any."""
    edits = wanted.edits
    if recipes is not None and (recipe := recipes.get(wanted.form)) is not None:
        made = recipe.make(ground, wanted, limits)
        if made is not None:
            return Spliced(made.body, partial(_told, ground, edits, limits), (), partial(made.stretches, ground))
    spliced, plans = _planned(ground, edits, limits, judge)
    if recipes is not None and len(plans) == len(edits):
        remember(recipes, ground, wanted.form, plans)
    return spliced


def _told(ground: Ground, edits: Sequence[Edit], limits: PageLimits) -> tuple[Change, ...]:
    """The changes that a recipe made."""
    return _changes(in_order(_plans(ground, edits, limits, [])))


def _changes(placed: Sequence[Plan]) -> tuple[Change, ...]:
    return tuple(
        Change(made.number, _KINDS[type(made.edit)], made.start, made.end, made.new, made.moved, made.rewrites)
        for made in placed
    )


def _plans(ground: Ground, edits: Sequence[Edit], limits: PageLimits, refused: list[Refused]) -> list[Plan]:
    """Each edit resolved by itself, unless it changes nothing; what cannot be is added to `refused`."""
    plans: list[Plan] = []
    size = 0
    is_end_closed = False
    for number, edit in enumerate(edits):
        made = plan(number, edit, ground)
        if isinstance(made, Refused):
            refused.append(made)
            continue
        if made.start == made.end and not made.new:
            continue  # a reorder into the order that is there
        size += len(made.new) if not made.moved else 0
        if size > limits.max_payload_bytes or number >= limits.max_edits:
            refused.append(Refused(number, "TOO_LARGE", "more edits or bytes than are put on one page"))
            continue
        if made.is_isolated:
            made = behind_another(made, ground) if is_end_closed else made
            is_end_closed = True
        plans.append(made)
    return plans


def _planned(ground: Ground, edits: Sequence[Edit], limits: PageLimits, judge: Judge) -> tuple[Spliced, Sequence[Plan]]:
    """The outcome of edits that are planned here and now, and the plans that are in it."""
    refused: list[Refused] = []
    plans = _plans(ground, edits, limits, refused)
    placed = in_order(plans) if len(plans) > 1 else plans
    if len(placed) > 1 and any(_conflict(left, right) for left, right in pairwise(placed)):
        plans = _without_conflicts(plans, refused)
        placed = in_order(plans)
    if plans:
        verdict = judge(plans)
        if isinstance(verdict, str):
            refused += [Refused(made.number, verdict, _WHY.get(verdict, "")) for made in plans]
            plans = []
        else:
            for made, is_good in zip(plans, verdict, strict=True):
                if not is_good:
                    refused.append(Refused(made.number, "GATE_REFUSED", f"{made.query}[{made.nth}]: {_GATE}"))
            if not all(verdict):
                plans = [made for made, is_good in zip(plans, verdict, strict=True) if is_good]
                placed = in_order(plans)
    if not plans:
        return Spliced(ground.body, (), tuple(refused)), ()
    return Spliced(assemble(ground.body, placed), _changes(placed), tuple(refused)), plans


_GATE = "the second engine does not agree that the bytes mean this edit"
_WHY = {
    "OVER_BUDGET": "proving this page's edits would take too long",
    "COMPILING": "a compile process proves this page's edits first",
    "TOO_COMPLEX": "nested or attributed too much",
}
_KINDS: dict[type[Edit], str] = {
    Insert: "insert",
    Replace: "replace",
    Remove: "remove",
    SetText: "set_text",
    SetAttribute: "set_attribute",
    Reorder: "reorder",
}


def _without_conflicts(plans: Sequence[Plan], refused: list[Refused]) -> list[Plan]:
    """Plans whose ranges do not overlap; the later edit of two gives way. Insertions at an edge do not conflict."""
    kept: list[Plan] = []
    for made in plans:
        rival = next((other for other in kept if _conflict(made, other)), None)
        if rival is None:
            kept.append(made)
        else:
            refused.append(Refused(made.number, "CONFLICT", f"it overlaps with edit {rival.number}"))
    return kept


def _conflict(left: Plan, right: Plan) -> bool:
    if left.start == left.end or right.start == right.end:
        return (left.start < right.start < left.end) or (right.start < left.start < right.end)
    return left.start < right.end and right.start < left.end


def with_reversal(made: Plan, ground: Ground) -> Plan | None:
    """The plan of a reorder with the opposite order, which the gate must accept as well; None when there is none."""
    if not isinstance(made.edit, Reorder):
        return None
    count = len(made.edit.order)
    opposite = Reorder(made.query, tuple(range(count - 1, -1, -1)), made.edit.positional)
    reversal = plan(made.number, opposite, ground)
    return None if isinstance(reversal, Refused) else reversal
