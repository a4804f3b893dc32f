"""Forms: the shapes and blocks of pages of one kind, whatever their paths, and the templates that follow from them.

A template compares text that a page's path always has; a shape compares structure only, so it fits a cart of another
size, a list of other products, or a page nobody opened before. What matches a shape becomes a template without a
parse. Invariant: a shape that does not give what the parse of its own body gave is never used; of signed-in pages no
slot's text is kept here, and segments only once three visitors were sent them.
"""

from array import array
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from types import MappingProxyType

from transforms.page.anatomy import Anatomy
from transforms.page.candidate import Digest
from transforms.page.charset import Encoding
from transforms.page.composing import Composed, Gap, compose
from transforms.page.facts import read
from transforms.page.lesson import Lesson, Seen, is_as_parsed, lesson
from transforms.page.limits import PageLimits
from transforms.page.locate import Located, Rows, locate
from transforms.page.passing import Asked, Passing
from transforms.page.pattern import Once, Segments, cut
from transforms.page.query import Query, Row
from transforms.page.readings import Reader, Readings
from transforms.page.settling import Settling
from transforms.page.shape import Blocks, Match, Shape
from transforms.page.template import Template
from transforms.page.verdict import Verdicts

_SHAPES = 12
_VERDICTS = 256
_FRUITLESS = 24
_RETRY = 16
_REMEMBERED = 16

Derived = OrderedDict[Hashable, tuple[Template, "array[int]"]]
"""Of one path: the template made of each composition of blocks, with hashes of all that its slots held."""


class Forms:
    """What was learnt of the structure of one kind of page; `is_private`: of signed-in pages."""

    __slots__ = (
        "_asked",
        "_blocks",
        "_brief",
        "_first",
        "_fruitless",
        "_is_private",
        "_limits",
        "_missed",
        "_protected",
        "_queries",
        "_shapes",
        "_verdicts",
        "seen",
        "weight",
    )

    def __init__(
        self, queries: Sequence[Query], protected: frozenset[str], limits: PageLimits, *, is_private: bool
    ) -> None:
        self._queries = queries
        self._protected = protected
        self._limits = limits
        self._is_private = is_private
        self._shapes: list[Shape] = []
        self._blocks = Blocks(limits.max_gap_bytes)
        self._brief = self._blocks.brief()
        self._asked = Asked.of(queries, _VERDICTS)
        self._missed = 0
        self.seen = Seen({}, set())
        self._first: bytes | None = None
        self._verdicts: OrderedDict[tuple[Shape | None, ...], Verdicts] = OrderedDict()
        self._fruitless = 0
        self.weight = 0
        """Bytes held, roughly."""

    def match(self, body: bytes) -> Match | None:
        """Where a known shape and its blocks lie on `body`."""
        return self._match(body, self._blocks)

    def _match(self, body: bytes, blocks: Blocks) -> Match | None:
        for number, shape in enumerate(self._shapes):
            match = shape.match(body, 0, blocks)
            if match is not None and match.stop == len(body):
                if number:
                    self._shapes.insert(0, self._shapes.pop(number))
                self._fruitless = 0
                return match
        return None

    def pass_by(
        self, body: bytes, tags: int, encoding: Encoding, visitor: str | None, readings: Readings, *, keep: bool
    ) -> tuple[Passing, Rows] | None:
        """What the shapes say of a body, with so many `<`, whose like does not come again, and its facts; None when it
        takes a parse.

        With `keep` the rows of its blocks may be kept: the same items come on other pages.
        """
        if self._missed > _FRUITLESS and self._missed % _RETRY:
            self._missed += 1
            return None
        match = self._match(body, self._brief)
        if match is not None:
            passing = Passing(match, body, self._asked)
            reader = Reader(readings, body, self._asked.queries, encoding, visitor, self._is_private, keep)
            rows = passing.read(tags, reader)
            if rows is not None:
                self._missed = 0
                if keep and passing.is_hidden:
                    self.count(match, body, visitor)
                return passing, rows
        self._missed += 1
        return None

    def compose(self, match: Match) -> Composed | None:
        """What a match says of its body, or None when it takes a parse after all."""
        return compose(match, self._queries)

    def facts(self, composed: Composed, body: bytes, encoding: Encoding) -> Rows:
        """The facts of a matched body."""
        return _facts(composed.anatomy, self._queries, body, encoding)

    def once(self, match: Match, body: bytes, encoding: Encoding) -> tuple[Template, Rows] | None:
        """The template and facts of a matched body of which nothing is to be kept."""
        composed = self.compose(match)
        return None if composed is None else (self.passing(composed, encoding), self.facts(composed, body, encoding))

    def passing(self, composed: Composed, encoding: Encoding) -> Template:
        """A template for the composed body only: it holds nothing of it but where everything is."""
        verdicts = self.verdicts_of(composed.structure)
        return Template(Once(), (), composed.anatomy, _NO_FACTS, encoding, verdicts, is_private=True)

    def open(
        self,
        composed: Composed,
        slots: Sequence[Gap],
        body: bytes,
        facts: Rows,
        encoding: Encoding,
        settling: Settling,
    ) -> Template:
        """A template of a signed-in page: it holds tags that three visitors were sent, and of the slots, which are
        gaps, what has settled."""
        gaps = [slots[number] for number in settling.numbers]
        spans = [(gap.start, gap.end) for gap in gaps]
        pattern = Segments(cut(body, spans), self._limits.max_gap_bytes, "".join([gap.kind for gap in gaps]))
        verdicts = self.verdicts_of(composed.structure)
        return Template(pattern, spans, composed.anatomy, facts, encoding, verdicts, is_private=True, settling=settling)

    def template(
        self,
        composed: Composed,
        slots: Sequence[Gap],
        body: bytes,
        facts: Rows,
        encoding: Encoding,
        derived: Derived,
    ) -> Template:
        """A template of which `body` is the sample; `derived` are those of its path, for what may be frozen there."""
        gaps = self._varying_gaps(composed, slots, body, derived)
        spans = [(gap.start, gap.end) for gap in gaps]
        kinds = "".join([gap.kind for gap in gaps])
        pattern = Segments(cut(body, spans), self._limits.max_gap_bytes, kinds)
        verdicts = self.verdicts_of(composed.structure)
        made = Template(pattern, spans, composed.anatomy, facts, encoding, verdicts, is_private=False)
        derived[composed.order] = made, _held(slots, body)
        if len(derived) > _REMEMBERED:
            derived.popitem(last=False)
        return made

    @staticmethod
    def _varying_gaps(composed: Composed, slots: Sequence[Gap], body: bytes, derived: Derived) -> list[Gap]:
        """The gaps that were seen to vary on one path; the others are compared as text there, which is faster."""
        before = derived.get(composed.order)
        if before is not None:
            own = [gap for gap in slots if gap.shape is not None]
            for gap, old, new in zip(own, before[1], _held(own, body), strict=True):
                if old != new and gap.shape is not None:
                    gap.shape.varying.add(gap.number)
        return [gap for gap in slots if gap.start < gap.end and (gap.shape is None or gap.number in gap.shape.varying)]

    def count(self, match: Match, body: bytes, visitor: str | None) -> None:
        """`visitor` was sent all shapes of `match`."""
        match.shape.count(visitor, body, match)
        for blocks in match.blocks:
            for block in blocks:
                self.count(block, body, visitor)

    def verdicts_of(self, structure: tuple[Shape | None, ...]) -> Verdicts:
        """Verdicts hold for all bodies of one structure; on others of the shape the surroundings of edits are told by
        a parse, as on any page that is located anew."""
        known = self._verdicts.get(structure)
        if known is None:
            known = self._verdicts[structure] = Verdicts(self._limits.gates_per_template)
            if len(self._verdicts) > _VERDICTS:
                self._verdicts.popitem(last=False)
        else:
            self._verdicts.move_to_end(structure)
        return known

    @property
    def is_worth_learning(self) -> bool:
        """False for most bodies of a kind whose bodies never match; asking counts."""
        self._fruitless += 1
        return self._fruitless <= _FRUITLESS or self._fruitless % _RETRY == 0

    @property
    def first(self) -> bytes | None:
        """The body that waits for a second one to be compared with."""
        return self._first

    def remember(self, body: bytes) -> None:
        """Keep the first body of a kind until a second one comes to be compared with; never of signed-in pages."""
        if not self._is_private and not self.seen.contents and self._first is None:
            self._first = body
            self.weight += len(body)

    def fail(self) -> None:
        """A body of this kind could not be learnt from: after a few of them most are not tried."""
        self._first = None
        self._fruitless += _FRUITLESS // 3

    def learn(self, located: Located, visitor: str | None, digest: Digest) -> None:
        """Make the structure of a body known, as general as what was seen before tells."""
        first = None if self._first is None else locate(self._first, self._queries)
        gap = self._limits.max_gap_bytes
        self.adopt(lesson(located, first, self.seen, self._protected, digest, gap), located.body, visitor)

    def adopt(self, taught: Lesson | None, body: bytes, visitor: str | None) -> None:
        """Learn what a parse of `body` taught."""
        self._first = None
        if taught is not None:
            for contents in taught.contents:
                self.seen.add(contents)
            if taught.drafts:
                self._take(taught, body, visitor)
            known = self._blocks.weight + sum(known.weight for known in self._shapes)
            self.weight = known + 50 * len(self.seen.contents)

    def _take(self, taught: Lesson, body: bytes, visitor: str | None) -> None:
        """Make the shapes of a lesson known, if with the blocks known here, too, they say what the parse said."""
        added: list[tuple[int, Shape]] = []
        for draft in taught.drafts:
            if draft.key is not None and self._blocks.find(draft.key, body, draft.span) is None:
                block = draft.shape(body, is_private=self._is_private)
                self._blocks.add(draft.key, block)
                added.append((draft.key, block))
        match = self.match(body)
        if match is None:
            shape = taught.drafts[-1].shape(body, is_private=self._is_private)
            match = shape.match(body, 0, self._blocks)
            if match is None or not is_as_parsed(match, body, taught.anatomy, self._queries):
                for key, block in added:
                    self._blocks.drop(key, block)
                return
            self._shapes.insert(0, shape)
            del self._shapes[_SHAPES:]
        self.count(match, body, visitor)


def _held(gaps: Sequence[Gap], body: bytes) -> "array[int]":
    """Hashes of what each slot holds."""
    return array("q", [hash(body[gap.start : gap.end]) for gap in gaps if gap.shape is not None])


_NO_FACTS: Rows = MappingProxyType({})


def _facts(anatomy: Anatomy, queries: Sequence[Query], body: bytes, encoding: Encoding) -> Rows:
    """The facts of a body by its anatomy."""
    facts: dict[str, tuple[Row, ...]] = {}
    for query in queries:
        rows: list[Row] = []
        for number in range(anatomy.counts[query.name]):
            row: dict[str, str | None] = dict.fromkeys(taken.name for taken in query.fields)
            if query.fields:
                for place in anatomy.places[query.name][number]:
                    row[place.name] = read(body[place.start : place.end], place.kind, encoding)
            rows.append(MappingProxyType(row))
        facts[query.name] = tuple(rows)
    return MappingProxyType(facts)
