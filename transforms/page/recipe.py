"""Recipes: edits of one form, planned and proven once on a template; on its other bodies only their payloads are new.

Invariant: what a recipe makes of a body are the very bytes that planning its edits anew would give. Where that is not
certain (a payload that may be refused, a limit, an order that is none) it makes nothing, and the edits are planned.
"""

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from transforms.page.anatomy import Unit
from transforms.page.edits import Edit, Insert, Remove, Reorder, Replace, SetAttribute, SetText
from transforms.page.ground import Ground
from transforms.page.limits import PageLimits
from transforms.page.payload import encode, guard, shape
from transforms.page.plan import Plan
from transforms.page.reorder import Shuffle, shuffle_of

Form = tuple[Hashable, ...]
"""What of some edits, made together, a verdict of the gate and their places depend on: all but texts and orders."""

_REMEMBERED = 64
"""Recipes of one template, and places of them on one layout."""

_RECIPES = ("recipes",)


def form_of(edits: Sequence[Edit]) -> Form:
    """The form of `edits`: equal for edits that one recipe makes."""
    return tuple([_form(edit) for edit in edits])


def _form(edit: Edit) -> Form:
    if isinstance(edit, Reorder):
        return edit.query, edit.positional
    target = edit.target
    if isinstance(edit, SetText):
        return target.query, target.index, "text", shape(edit.text)
    if isinstance(edit, Insert):
        return target.query, target.index, edit.position, shape(edit.payload)
    if isinstance(edit, SetAttribute):
        return target.query, target.index, "attribute", edit.name, edit.value
    if isinstance(edit, Remove):
        return target.query, target.index, "remove"
    return target.query, target.index, "replace", shape(edit.payload)


class Step(NamedTuple):
    """One edit: the offsets of its range's edges, as units have them, and what is known of the bytes put there.

    `sent` are all of them (attributes, removals). Else they are a payload's: behind `lead`, or guarded when that is
    None. Of a reorder `positional` is known.
    """

    number: int
    query: str
    start: int
    end: int
    sent: bytes | None = None
    lead: bytes | None = None
    positional: tuple[str, ...] | None = None


Stand = tuple[int, int, Shuffle | None]
"""Where a step's range is on a body, and how its list is shuffled there."""


class Recipe:
    """Steps in the order of their places; `units` are those of each query, as they were when this was proven."""

    __slots__ = ("steps", "units")

    def __init__(self, steps: Sequence[Step], units: Sequence[tuple[str, Sequence[Unit]]]) -> None:
        self.steps = steps
        self.units = units

    def make(self, ground: Ground, edits: Sequence[Edit], limits: PageLimits) -> bytes | None:
        """The body with `edits`, which are of this form, made; None: they have to be planned."""
        for query, units in self.units:
            if ground.units(query) is not units:
                return None
        body = ground.body
        view = memoryview(body)
        parts: list[bytes | memoryview] = []
        at = size = 0
        for step, (start, end, shuffle) in zip(self.steps, self._stands(ground), strict=True):
            parts.append(view[at:start])
            at = end
            edit = edits[step.number]
            if isinstance(edit, Reorder):
                pieces = None if shuffle is None else shuffle.pieces(body, edit.order)
                if pieces is None:
                    return None
                parts += pieces
                continue
            new = _payload(step, edit, body, start) if step.sent is None else step.sent
            if not new and step.sent is None:
                return None
            parts.append(new)
            size += len(new)
        if size > limits.max_payload_bytes:
            return None
        parts.append(view[at:])
        return b"".join(parts)

    def _stands(self, ground: Ground) -> list[Stand]:
        known = _cache(ground.placed)
        stands: list[Stand] | None = known.get(self)
        if stands is None:
            stands = [
                (
                    ground.at(step.start),
                    ground.at(step.end),
                    None if step.positional is None else shuffle_of(ground, step.query, step.positional),
                )
                for step in self.steps
            ]
            _keep(known, self, stands)
        return stands


def _payload(step: Step, edit: Edit, body: bytes, at: int) -> bytes:
    """What is sent for the payload of an edit; empty when there is nothing to send."""
    if isinstance(edit, SetText):
        return encode(edit.text)
    if not isinstance(edit, Insert | Replace):
        return b""
    sent = encode(edit.payload)
    if step.lead is None:
        return guard(sent, body, at)
    return step.lead + sent if sent else b""


def remembered(ground: Ground, form: Form) -> Recipe | None:
    """The recipe of that form for this body's template."""
    found = _cache(ground.memo).get(form)
    return found if isinstance(found, Recipe) else None


def remember(ground: Ground, form: Form, plans: Sequence[Plan]) -> None:
    """Make a recipe of edits of that `form`, all of which were planned and passed the gate, if there can be one."""
    steps = [_step(ground, plan) for plan in plans]
    whole = sorted((step for step in steps if step is not None), key=lambda step: (step.start, step.end))
    # Any order of a list's blocks may come: its range is that of the whole list.
    is_apart = all(left.end <= right.start for left, right in pairwise(whole))
    if is_apart and len(whole) == len(form):
        queries = dict.fromkeys(plan.query for plan in plans)
        units = [(query, found) for query in queries if (found := ground.units(query)) is not None]
        _keep(_cache(ground.memo), form, Recipe(whole, units))


def _step(ground: Ground, plan: Plan) -> Step | None:
    edit, units = plan.edit, ground.units(plan.query)
    if units is None:
        return None
    if isinstance(edit, Reorder):
        if shuffle_of(ground, edit.query, edit.positional) is None:
            return None
        return Step(plan.number, plan.query, units[0].start, units[-1].end, positional=edit.positional)
    unit = units[plan.nth]
    if isinstance(edit, Insert) and edit.position == "start" and unit.tag in ("pre", "listing", "textarea"):
        return None  # where its content starts is told by the body at hand
    start, end = _edge(ground, unit, plan.start), _edge(ground, unit, plan.end)
    if start is None or end is None:
        return None
    if isinstance(edit, SetAttribute | Remove):
        return Step(plan.number, plan.query, start, end, sent=plan.new)
    sent = encode(edit.text if isinstance(edit, SetText) else edit.payload)
    if isinstance(edit, Insert) and edit.position == "end" and unit.left_open:
        return Step(plan.number, plan.query, start, end, lead=plan.new.removesuffix(sent))
    return Step(plan.number, plan.query, start, end)


def _edge(ground: Ground, unit: Unit, place: int) -> int | None:
    """The offset of the unit's edge that is at this place on the body; None when it is at none of them."""
    edges = [unit.start, unit.content_start, unit.content_end, unit.end, unit.start + 1 + len(unit.tag)]
    edges += [edge for span in unit.attributes.values() for edge in span]
    return next((edge for edge in edges if edge >= 0 and ground.at(edge) == place), None)


def _cache(memo: dict[Any, object]) -> dict[Hashable, Any]:
    known = memo.get(_RECIPES)
    if not isinstance(known, dict):
        known = memo[_RECIPES] = {}
    return known


def _keep(known: dict[Hashable, Any], key: Hashable, value: object) -> None:
    known[key] = value
    if len(known) > _REMEMBERED:
        del known[next(iter(known))]
