"""Recipes: edits of one form, planned and proven once on a template; on its other bodies only their payloads are new.

Invariant: what a recipe makes of a body are the very bytes that planning its edits anew would give. Where that is not
certain (a payload that may be refused, a limit, an order that is none) it makes nothing, and the edits are planned.
"""

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

from msgspec import Struct

from transforms.page.anatomy import Unit
from transforms.page.edits import Edit, Insert, Remove, Reorder, Replace, SetAttribute, SetText
from transforms.page.ground import Ground
from transforms.page.limits import PageLimits
from transforms.page.payload import SAFE_BEFORE, encode, guard, shape
from transforms.page.plan import Plan
from transforms.page.reorder import Shuffle, shuffle_of
from transforms.page.stretch import Standing

Form = tuple[Hashable, ...]
"""What of some edits, made together, a verdict of the gate and their places depend on: all but texts and orders."""

_REMEMBERED = 64
"""Recipes of one template, and places of them on one layout."""

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Prepared(Struct, frozen=True):
    """Edits of one page, and what recipes ask of them: their form, and what each sends for its payload, if it has one.
    `lists` are those by which the matches of a query are shown in another order, or fewer of them.

    Most edits are those of other pages, too, and are prepared once.
    """

    edits: Sequence[Edit]
    form: Form
    sent: Sequence[bytes]
    lists: Sequence[Edit]


def prepared(edits: Sequence[Edit]) -> Prepared:
    """The edits with what recipes ask of them."""
    form: list[Form] = []
    sent: list[bytes] = []
    lists: list[Edit] = []
    for edit in edits:
        if isinstance(edit, Reorder):  # of all edits the one that is made for each page
            form.append((edit.query, edit.positional))
            sent.append(b"")
            lists.append(edit)
            continue
        one, payload = _form_and_payload(edit)
        form.append(one)
        sent.append(payload)
        if isinstance(edit, Remove) or (isinstance(edit, SetAttribute) and edit.name == "hidden"):
            lists.append(edit)
    return Prepared(edits, tuple(form), sent, lists)


def _form_and_payload(edit: Insert | Remove | Replace | SetAttribute | SetText) -> tuple[Form, bytes]:
    """The form of an edit, and what is sent for its payload: empty when there is nothing to send."""
    target = edit.target
    if isinstance(edit, SetText):
        return (target.query, target.index, "text", shape(edit.text)), encode(edit.text)
    if isinstance(edit, Insert):
        return (target.query, target.index, edit.position, shape(edit.payload)), encode(edit.payload)
    if isinstance(edit, SetAttribute):
        return (target.query, target.index, "attribute", edit.name, edit.value), b""
    if isinstance(edit, Remove):
        return (target.query, target.index, "remove"), b""
    return (target.query, target.index, "replace", shape(edit.payload)), encode(edit.payload)


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


class Stand(NamedTuple):
    """A step on bodies of one layout: where its range is there, and how its list is shuffled."""

    number: int
    start: int
    end: int
    sent: bytes | None
    lead: bytes | None
    shuffle: Shuffle | None


class Made(Struct, frozen=True):
    """What a recipe made: the body, and what stands where on it. Its parts are not kept: their memory serves the next
    page while it is at hand."""

    body: bytes
    stands: Sequence[Stand]
    sizes: Sequence[int]
    """Bytes put at each stand."""

    def stretches(self, ground: Ground) -> Sequence[Standing]:
        """Where the template's stretches lie on the body."""
        found: list[Standing] = []
        origin = moved = 0
        """Where the origin's bytes go on, and how much further to the right they stand on the body."""
        for stand, size in zip(self.stands, self.sizes, strict=True):
            found += _moved(ground.stretches(origin, stand.start), moved)
            origin = stand.end
            moved += size - (stand.end - stand.start)
        return [*found, *_moved(ground.stretches(origin, len(ground.body)), moved)]


def _moved(stretches: Sequence[Standing], by: int) -> list[Standing]:
    return [Standing(start + by, end + by, stretch) for start, end, stretch in stretches]


class Recipe:
    """Steps in the order of their places, and where they are on bodies of some layouts."""

    __slots__ = ("_stands", "_steps")

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps
        self._stands: dict[Hashable, Sequence[Stand]] = {}

    def make(self, ground: Ground, wanted: Prepared, limits: PageLimits) -> Made | None:
        """The body with edits, which are of this form, made; None: they have to be planned."""
        layout = ground.layout
        stands = self._stands.get(layout)
        if stands is None:
            stands = self._stands_on(ground)
            _keep(self._stands, layout, stands)
        if not stands:
            return None
        body, edits, sent = ground.body, wanted.edits, wanted.sent
        view = memoryview(body)
        parts: list[bytes | memoryview] = []
        sizes: list[int] = []
        at = payload = 0
        # This runs for every personalised page.
        for number, start, end, fixed, lead, shuffle in stands:
            parts.append(view[at:start])
            at = end
            if shuffle is not None:
                edit = edits[number]
                pieces = shuffle.pieces(body, edit.order) if isinstance(edit, Reorder) else None
                if pieces is None:
                    return None
                parts += pieces
                sizes.append(end - start if shuffle.keeps_size else sum(map(len, pieces)))
                continue
            new = fixed
            if new is None:
                new = sent[number]
                if not new:
                    return None
                if lead is not None:
                    new = lead + new
                elif body[start - 1] not in SAFE_BEFORE:
                    new = guard(new, body, start)
            parts.append(new)
            size = len(new)
            sizes.append(size)
            payload += size
        if payload > limits.max_payload_bytes:
            return None
        parts.append(view[at:])
        return Made(b"".join(parts), stands, sizes)

    def _stands_on(self, ground: Ground) -> Sequence[Stand]:
        """The steps on this layout; none of them where one cannot be made there."""
        stands = []
        for step in self._steps:
            shuffle = None if step.positional is None else shuffle_of(ground, step.query, step.positional)
            if shuffle is None and step.positional is not None:
                return ()
            start, end = ground.at(step.start), ground.at(step.end)
            stands.append(Stand(step.number, start, end, step.sent, step.lead, shuffle))
        return stands


def remember(recipes: dict[Form, Recipe], ground: Ground, form: Form, plans: Sequence[Plan]) -> None:
    """Add a recipe of edits of that `form`, all of which were planned and passed the gate, if there can be one."""
    steps = [_step(ground, plan) for plan in plans]
    whole = sorted((step for step in steps if step is not None), key=lambda step: (step.start, step.end))
    # Any order of a list's blocks may come: its range is that of the whole list.
    is_apart = all(left.end <= right.start for left, right in pairwise(whole))
    if is_apart and len(whole) == len(form):
        _keep(recipes, form, Recipe(whole))


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


def _keep(known: dict[Key, Value], key: Key, value: Value) -> None:
    known[key] = value
    if len(known) > _REMEMBERED:
        del known[next(iter(known))]
