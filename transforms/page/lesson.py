"""Lessons: what a parse of one body teaches of the structure of its kind, as plain values, made here or elsewhere.

Invariant: a lesson depends on its bodies and on what is said to vary, and on nothing else; it holds a shape only if
that shape, made of nothing but this body, says of it what the parse said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from transforms.page.anatomy import Anatomy, Place, Span, Unit
from transforms.page.candidate import Digest
from transforms.page.composing import compose
from transforms.page.forming import form
from transforms.page.locate import Located, anatomy_of
from transforms.page.outline import Outline, outline
from transforms.page.shape import Blocks, Loose, Match, Region, Shape, Spot

MAX_DRAFTS = 400
"""Blocks of one lesson; a body with more different ones has no shape."""

Contents = Mapping[int, int]
"""Hashes of what the elements of each context of a body hold (`Outline.contents`)."""

_CONTEXTS = 5000


@dataclass(frozen=True, slots=True)
class Seen:
    """What the elements of each context held on the first body that had some, and where that of others differed."""

    contents: dict[int, int]
    varying: set[int]

    def add(self, contents: Contents) -> None:
        """Compare another body with those seen before; when there are too many contexts all is seen anew."""
        if len(self.contents) > _CONTEXTS or len(self.varying) > _CONTEXTS:
            self.contents.clear()
            self.varying.clear()
        known = self.contents
        self.varying.update([context for context, held in contents.items() if known.setdefault(context, held) != held])


class Draft(NamedTuple):
    """A shape without its bytes: `span` of the lesson's body, and all that `Shape` is told; `key` is the region's that
    it is a block of, None for the whole page."""

    key: int | None
    span: Span
    joints: Sequence[tuple[int, int, str]]
    regions: Sequence[Region]
    spots: tuple[Spot, ...]
    loose: tuple[Loose, ...]
    grids: Mapping[str, tuple[str, ...] | None]
    is_unclosed: bool

    def shape(self, body: bytes, *, is_private: bool) -> Shape:
        """The shape of `body` that this is the draft of."""
        made = Shape(body, self.span, self.joints, self.regions, is_private=is_private, is_unclosed=self.is_unclosed)
        made.spots, made.loose, made.grids = self.spots, self.loose, self.grids
        return made


@dataclass(frozen=True, slots=True)
class Lesson:
    """`contents` of the bodies looked at; blocks, inner ones first, and the whole page's shape at the end.

    Without `drafts` the body has no shape that can be used.
    """

    contents: Sequence[Contents]
    anatomy: Anatomy
    drafts: Sequence[Draft]


def lesson(
    located: Located,
    first: Located | None,
    seen: Seen,
    protected: frozenset[str],
    digest: Digest,
    max_gap: int,
) -> Lesson | None:
    """What a located body teaches, after `first` and all that was `seen`, to which it is added.

    None when it cannot be outlined.
    """
    found = outline(located, protected, digest)
    if found is None:
        return None
    before = None if first is None else outline(first, protected, digest)
    contents = [one.contents for one in (before, found) if one is not None]
    for one in contents:
        seen.add(one)
    anatomy = anatomy_of(located)
    return Lesson(contents, anatomy, _drafts(found, seen.varying, protected, anatomy, max_gap))


def is_as_parsed(match: Match, body: bytes, located: Anatomy, queries: Sequence[Any]) -> bool:
    """Whether what a shape says of the whole of `body` is what a parse said of it."""
    if match.stop != len(body):
        return False
    composed = compose(match, queries)
    return composed is not None and _is_same(composed.anatomy, located)


def _drafts(
    found: Outline, varying: set[int], protected: frozenset[str], anatomy: Anatomy, max_gap: int
) -> list[Draft]:
    blocks = Blocks(max_gap)
    formed = form(found, varying, blocks, protected, is_private=False)
    if formed is None or len(formed.added) >= MAX_DRAFTS:
        return []
    body = found.located.body
    match = formed.shape.match(body, 0, blocks)
    if match is None or not is_as_parsed(match, body, anatomy, found.located.queries):
        return []
    return [_draft(shape, key, start) for key, start, shape in formed.added] + [_draft(formed.shape, None, 0)]


def _draft(shape: Shape, key: int | None, start: int) -> Draft:
    joints = [
        (start + at + size, start + after, kind)
        for at, size, after, kind in zip(shape.starts, shape.sizes, shape.starts[1:], shape.kinds, strict=False)
    ]
    span = start, start + shape.size
    return Draft(key, span, joints, shape.regions, shape.spots, shape.loose, shape.grids, shape.is_unclosed)


def packed(taught: Lesson) -> Any:
    """A lesson as values for msgpack."""
    anatomy = taught.anatomy
    return [
        taught.contents,
        [anatomy.counts, anatomy.units, anatomy.places, anatomy.is_opaque],
        taught.drafts,
    ]


def unpacked(values: Any) -> Lesson:
    """The lesson of such values; any error is the sender's."""
    contents, anatomy, drafts = values
    return Lesson(
        contents,
        anatomy_unpacked(anatomy),
        [_draft_unpacked(draft) for draft in drafts],
    )


def anatomy_unpacked(values: Any) -> Anatomy:
    """An anatomy of its four parts."""
    counts, units, places, is_opaque = values
    return Anatomy(
        counts,
        {name: tuple(map(_unit, found)) for name, found in units.items()},
        {name: tuple(tuple(Place(*place) for place in row) for row in found) for name, found in places.items()},
        is_opaque,
    )


def _unit(values: Any) -> Unit:
    return Unit(*values)._replace(attributes={name: (start, end) for name, (start, end) in values[8].items()})


def _draft_unpacked(values: Any) -> Draft:
    key, (start, end), joints, regions, spots, loose, grids, is_unclosed = values
    return Draft(
        key,
        (start, end),
        [(first, last, kind) for first, last, kind in joints],
        [Region(*region) for region in regions],
        tuple(map(_spot, spots)),
        tuple(Loose(query, field, Place(*place)) for query, field, place in loose),
        {name: None if tags is None else tuple(tags) for name, tags in grids.items()},
        is_unclosed,
    )


def _spot(values: Any) -> Spot:
    query, start, end, unit, parent, places, is_open = values
    return Spot(
        query,
        start,
        end,
        None if unit is None else _unit(unit),
        parent,
        tuple(None if place is None else Place(*place) for place in places),
        is_open,
    )


def _is_same(made: Anatomy, parsed: Anatomy) -> bool:
    """Whether two anatomies of one body are equal but for the numbers that parents have."""
    if parsed.is_opaque or made.counts != parsed.counts:
        return False
    for name, units in parsed.units.items():
        others = made.units[name]
        if [*map(_plain, units)] != [*map(_plain, others)] or _siblings(units) != _siblings(others):
            return False
    return all(_placed(found) == _placed(made.places[name]) for name, found in parsed.places.items())


def _siblings(units: Sequence[Unit]) -> list[int]:
    """For each unit the first one that has the same parent."""
    first: dict[int, int] = {}
    return [first.setdefault(unit.parent, number) for number, unit in enumerate(units)]


def _plain(unit: Unit) -> tuple[object, ...]:
    return (*unit._replace(parent=0, attributes={}), dict(unit.attributes))


def _placed(rows: Sequence[Sequence[object]]) -> list[list[object]]:
    return [list(row) for row in rows]
