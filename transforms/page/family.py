"""Families: what was learnt under one key, and how a body is learnt from.

Invariant: nothing of a signed-in page is kept in clear but what three visitors were sent alike; what is kept is
bounded, and a key whose bodies never match again stops costing time.
"""

from bisect import bisect_right
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.page.anatomy import Span
from transforms.page.candidate import Candidate
from transforms.page.charset import Encoding
from transforms.page.composing import Composed, Gap, gaps_of
from transforms.page.forms import Derived, Forms
from transforms.page.layout import Layout
from transforms.page.limits import PageLimits
from transforms.page.locate import Located, Rows
from transforms.page.pattern import Fingerprints, Segments, cut
from transforms.page.settling import Settling
from transforms.page.shape import Match
from transforms.page.survey import Known, Survey, sighting, survey
from transforms.page.template import Template
from transforms.page.verdict import Verdicts

_FRUITLESS = 32
_RETRY = 16
_SENT = 3
_FEW_SLOTS = 600
_LATELY = 4
_TRIAL = 2
"""Templates that are made when a structure came again: if it was by chance, no body will match one of them."""


@dataclass(frozen=True, slots=True)
class Offered:
    """The objects behind a `Known`, in the same order."""

    templates: Sequence[Template]
    candidates: Sequence[Candidate]
    is_portable: bool


class Family:
    """The templates of one key, most recently matched first, and the structures that wait for a third visitor."""

    __slots__ = (
        "_candidates",
        "_fruitless",
        "_lately",
        "_limits",
        "_protected",
        "derived",
        "is_passing",
        "templates",
        "verdicts",
    )

    def __init__(self, limits: PageLimits, protected: frozenset[str]) -> None:
        self.templates: list[Template] = []
        self.verdicts = Verdicts(limits.gates_per_template)
        self.derived: Derived = OrderedDict()
        """The templates that follow from shapes of the kind of page."""
        self._candidates: list[tuple[Candidate, Template | None]] = []
        """Structures of signed-in pages, with the template of fingerprints that matches them by now."""
        self._limits = limits
        self._protected = protected
        self._fruitless = 0
        self._lately: deque[int] = deque(maxlen=_LATELY)
        """Hashes of the structures that passed by."""
        self.is_passing = False
        """The last body passed, and so will the next one, whether a template would match it or not."""

    @property
    def size(self) -> int:
        """Bytes held, but for small objects."""
        return sum(template.size for template in self.templates) + sum(known.size for known, _ in self._candidates)

    def match(self, body: bytes, encoding: Encoding) -> tuple[Template, Layout] | None:
        """The template that `body` is of, and where its segments are."""
        for number, template in enumerate(self.templates):
            if template.encoding is not encoding and template.encoding != encoding:
                continue
            layout = template.pattern.match(body)
            if layout is not None:
                if number:
                    self.templates.insert(0, self.templates.pop(number))
                self._fruitless = 0
                return template, layout
        return None

    def confirm(self, template: Template, layout: Layout, body: bytes, visitor: str | None) -> tuple[Template, Layout]:
        """A visitor was sent `body`, of a template that waits for visitors; the third one makes it one in clear."""
        if template.settling is not None:
            return self._settle(template, template.settling, layout, body, visitor)
        for number, (candidate, known) in enumerate(self._candidates):
            if known is template:
                candidate.count(visitor)
                if candidate.is_proven and isinstance(template.pattern, Fingerprints):
                    del self._candidates[number]
                    self.templates.remove(template)
                    learnt = self._in_clear(template, template.pattern.cut(body, layout), layout, body)
                    return self._add(learnt), Layout(layout.ends)
        return template, layout

    def _settle(
        self, template: Template, settling: Settling, layout: Layout, body: bytes, visitor: str | None
    ) -> tuple[Template, Layout]:
        """The same template with those gaps only that were seen to vary, once that is known."""
        pattern = template.pattern
        if settling.witnesses.gain_nothing(visitor) or not isinstance(pattern, Segments):
            return template, layout
        gaps = pattern.gaps(layout)
        kept = settling.settles([body[start:end] for start, end in gaps], visitor)
        if kept is None:
            return template, layout
        spans = [gaps[at] for at in kept]
        kinds = "".join([pattern.kinds[at] for at in kept])
        settled = Template(
            Segments(cut(body, spans), self._limits.max_gap_bytes, kinds),
            [template.gaps[at] for at in kept],
            template.anatomy,
            template.read(body, layout, template.encoding),
            template.encoding,
            template.verdicts,
            is_private=True,
            settling=settling,
        )
        self.templates.remove(template)
        return self._add(settled), Layout([0, *(end for _, end in spans)])

    def _in_clear(self, template: Template, segments: tuple[bytes, ...], layout: Layout, body: bytes) -> Template:
        """The same template with the segments of `body`, which matched its fingerprints."""
        return Template(
            Segments(segments, self._limits.max_gap_bytes),
            template.gaps,
            template.anatomy,
            template.read(body, layout, template.encoding),
            template.encoding,
            template.verdicts,
            is_private=True,
        )

    @property
    def is_never_alike(self) -> bool:
        """Bodies of this key never match again: to make a template of each is work for nothing."""
        return self._fruitless >= _FRUITLESS

    @property
    def is_left_alone(self) -> bool:
        """The next body is none of the few that are learnt from although they are never alike."""
        return self.is_never_alike and (self._fruitless + 1) % _RETRY != 0

    def passes(self, structure: int) -> bool:
        """Whether nothing is to be kept of a body of this structure; when one like it came lately, templates are made
        again."""
        if structure in self._lately:
            self._lately.clear()
            self._fruitless = _FRUITLESS - _TRIAL
            self.is_passing = False
            return False
        self.is_passing = True
        self._lately.append(structure)
        return True

    @property
    def is_worth_learning(self) -> bool:
        """False for most bodies of a key whose bodies never match again; asking counts."""
        self._fruitless += 1
        return self._fruitless <= _FRUITLESS or self._fruitless % _RETRY == 0

    def fail(self) -> None:
        """A body of this key could not be compiled: after a few of them most are not tried."""
        if self._fruitless <= _FRUITLESS:
            self._fruitless += _FRUITLESS // 3

    def known(self, encoding: Encoding, near: int | None = None) -> tuple[Known, Offered]:
        """What a body is to be compared with, and the objects behind it, in the same order.

        `near` is the size of a body that goes to a compile process: it is sent few templates, of about its size.
        """
        is_portable = near is not None
        templates = [t for t in self.templates if t.encoding == encoding and isinstance(t.pattern, Segments)]
        if near is not None:
            templates = [t for t in templates if 0.8 * near <= t.size <= 1.25 * near][:_SENT]
        candidates = [known for known, _ in self._candidates if known.is_portable is is_portable]
        segments = tuple(t.pattern.segments for t in templates if isinstance(t.pattern, Segments))
        return Known(segments, candidates), Offered(templates, candidates, is_portable)

    def learn(
        self, located: Located, encoding: Encoding, visitor: str | None, *, is_private: bool
    ) -> tuple[Template | None, Rows]:
        """Make the body part of what is known: as a gap more in a template, or as a template of its own.

        Returns that template, if there is one, and the body's facts.
        """
        known, offered = self.known(encoding)
        found = survey(located, encoding, known, self._limits, self._protected, hash if is_private else None)
        return self.adopt(found, offered, located.body, encoding, visitor, is_private=is_private), found.rows

    def adopt(
        self,
        found: Survey,
        offered: Offered,
        body: bytes,
        encoding: Encoding,
        visitor: str | None,
        *,
        is_private: bool,
    ) -> Template | None:
        """Learn what a survey of `body` told, which was compared with what was `offered`."""
        if found.grown is None and is_private:
            return self._adopt_private(found, offered, body, encoding, visitor)
        gaps: Sequence[Span] = ()
        verdicts = Verdicts(self._limits.gates_per_template)
        if found.grown is not None:
            number, gaps = found.grown
            verdicts = offered.templates[number].verdicts
            self._drop(offered.templates[number])
        pattern = self._segments(body, gaps)
        return self._add(Template(pattern, gaps, found.anatomy, found.rows, encoding, verdicts, is_private=is_private))

    def _adopt_private(
        self,
        found: Survey,
        offered: Offered,
        body: bytes,
        encoding: Encoding,
        visitor: str | None,
        verdicts: Verdicts | None = None,
    ) -> Template | None:
        """Fingerprints, or segments in clear once three visitors were sent them."""
        seen = found.sighting
        if seen is None:
            return None
        before: Template | None = None
        if seen.of is None:
            candidate = Candidate(seen.delimiters, seen.hashes, is_portable=offered.is_portable)
        else:
            candidate = offered.candidates[seen.of]
            candidate.varying |= seen.varying
            for number, (known, template) in enumerate(self._candidates):
                if known is candidate:
                    before = template
                    del self._candidates[number]
                    break
        candidate.count(visitor)
        learnt: Template | None = None
        gaps = seen.gaps
        is_current = len(candidate.varying) == len(seen.varying)
        if gaps is not None and is_current and not (found.anatomy.is_opaque and (gaps or not candidate.is_proven)):
            self._drop(before)
            if verdicts is None:
                verdicts = Verdicts(self._limits.gates_per_template) if before is None else before.verdicts
            pattern = self._segments(body, gaps) if candidate.is_proven else Fingerprints(cut(body, gaps))
            learnt = self._add(Template(pattern, gaps, found.anatomy, found.rows, encoding, verdicts, is_private=True))
        if learnt is None or not candidate.is_proven:
            self._candidates.insert(0, (candidate, learnt or before))
            for _, dropped in self._candidates[self._limits.templates_per_key :]:
                self._drop(dropped)
            del self._candidates[self._limits.templates_per_key :]
        return learnt

    def take(
        self, forms: Forms, match: Match, body: bytes, encoding: Encoding, visitor: str | None, *, is_private: bool
    ) -> tuple[Template, Rows] | None:
        """The template and facts of a body that matches a shape; None when it takes a parse after all.

        What may be kept of it is kept, but of most bodies nothing where they are never alike.
        """
        composed = forms.compose(match)
        if composed is None:
            return None
        facts = forms.facts(composed, body, encoding)
        if is_private:
            forms.count(match, body, visitor)
        slots = gaps_of(match) if self.is_worth_learning else None
        if slots is None or len(slots) > self._limits.max_gaps:
            return forms.passing(composed, encoding), facts
        if is_private:
            return self._take_private(forms, composed, slots, body, facts, encoding, visitor), facts
        before = {template for template, _ in self.derived.values()}
        made = self._add(forms.template(composed, slots, body, facts, encoding, self.derived))
        kept = {template for template, _ in self.derived.values()}
        for template in before - kept:
            self._drop(template)
        for order in [order for order, (template, _) in self.derived.items() if template not in self.templates]:
            del self.derived[order]
        return made, facts

    def _take_private(
        self,
        forms: Forms,
        composed: Composed,
        slots: Sequence[Gap],
        body: bytes,
        facts: Rows,
        encoding: Encoding,
        visitor: str | None,
    ) -> Template:
        """Of a signed-in page fingerprints are kept, as of one that was parsed; its tags once they are known in clear.

        Few slots may all be gaps until it is known which vary; of many only those that varied are, for speed.
        """
        if len(slots) <= _FEW_SLOTS and all(shape.segments is not None for shape in composed.order):
            settling = Settling(composed.structure, slots, body)
            for before in self.templates:
                if before.settling is not None and before.encoding == encoding and settling.follows(before.settling):
                    self._drop(before)
                    break
            settling.witnesses.add(visitor)
            return self._add(forms.open(composed, slots, body, facts, encoding, settling))
        places = [(gap.start, gap.end) for gap in slots]

        def are_in_slots(gaps: Sequence[Span]) -> bool:
            for start, end in gaps:
                number = bisect_right(places, (start, len(body))) - 1
                if number < 0 or end > places[number][1]:
                    return False
            return True

        known, offered = self.known(encoding)
        seen = sighting(body, known.candidates, self._limits, are_in_slots, hash)
        found = Survey(composed.anatomy, facts, None, seen)
        learnt = self._adopt_private(found, offered, body, encoding, visitor, forms.verdicts_of(composed.structure))
        return learnt or forms.passing(composed, encoding)

    def _drop(self, template: Template | None) -> None:
        if template is not None and template in self.templates:
            self.templates.remove(template)

    def _segments(self, body: bytes, gaps: Sequence[Span]) -> Segments:
        return Segments(cut(body, gaps), self._limits.max_gap_bytes)

    def _add(self, template: Template) -> Template:
        self.templates.insert(0, template)
        del self.templates[self._limits.templates_per_key :]
        return template
