"""Families: what was learnt under one key, and how a body is learnt from.

Invariant: nothing of a signed-in page is kept in clear but what three visitors were sent alike; what is kept is
bounded, and a key whose bodies never match again stops costing time.
"""

from collections.abc import Sequence

from transforms.page.align import grow
from transforms.page.anatomy import Anatomy, Span
from transforms.page.candidate import Candidate, delimiters
from transforms.page.charset import Encoding
from transforms.page.contexts import may_vary
from transforms.page.layout import Layout
from transforms.page.limits import PageLimits
from transforms.page.locate import Located, anatomy_of, rows_of
from transforms.page.pattern import Fingerprints, Segments, cut, is_clean
from transforms.page.template import Template
from transforms.page.verdict import Verdicts

_FRUITLESS = 32
_RETRY = 16


class Family:
    """The templates of one key, most recently matched first, and the structures that wait for a third visitor."""

    __slots__ = ("_candidates", "_fruitless", "_limits", "_protected", "templates", "verdicts")

    def __init__(self, limits: PageLimits, protected: frozenset[str]) -> None:
        self.templates: list[Template] = []
        self.verdicts = Verdicts(limits.gates_per_template)
        self._candidates: list[tuple[Candidate, Template | None]] = []
        """Structures of signed-in pages, with the template of fingerprints that matches them by now."""
        self._limits = limits
        self._protected = protected
        self._fruitless = 0

    @property
    def size(self) -> int:
        """Bytes held, but for small objects."""
        return sum(template.size for template in self.templates) + sum(known.size for known, _ in self._candidates)

    def match(self, body: bytes, encoding: Encoding) -> tuple[Template, Layout] | None:
        """The template that `body` is of, and where its segments are."""
        for number, template in enumerate(self.templates):
            if template.encoding != encoding:
                continue
            layout = template.pattern.match(body)
            if layout is not None:
                if number:
                    self.templates.insert(0, self.templates.pop(number))
                self._fruitless = 0
                return template, layout
        return None

    def confirm(self, template: Template, layout: Layout, body: bytes, visitor: str | None) -> tuple[Template, Layout]:
        """A visitor was sent `body`, of a template of fingerprints; the third one makes it a template in clear."""
        for number, (candidate, known) in enumerate(self._candidates):
            if known is template:
                candidate.count(visitor)
                if candidate.is_proven and isinstance(template.pattern, Fingerprints):
                    del self._candidates[number]
                    self.templates.remove(template)
                    learnt = self._in_clear(template, template.pattern.cut(body, layout), layout, body)
                    return self._add(learnt), Layout(layout.ends)
        return template, layout

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

    def learn(self, located: Located, encoding: Encoding, visitor: str | None, *, is_private: bool) -> Template | None:
        """Make the body part of what is known: as a gap more in a template, or as a template of its own."""
        self._fruitless += 1
        if self._fruitless > _FRUITLESS and self._fruitless % _RETRY:
            return None
        anatomy = anatomy_of(located)
        for number, known in enumerate(self.templates):
            if known.encoding != encoding or anatomy.is_opaque or not isinstance(known.pattern, Segments):
                continue
            gaps = grow(known.pattern.segments, located.body, self._limits.max_gaps, self._limits.max_gap_bytes)
            if gaps is not None and may_vary(located, gaps, self._protected):
                del self.templates[number]
                pattern = self._segments(located.body, gaps)
                facts = rows_of(located, anatomy, encoding)
                return self._add(
                    Template(pattern, gaps, anatomy, facts, encoding, known.verdicts, is_private=is_private)
                )
        if is_private:
            return self._learn_private(located, anatomy, encoding, visitor)
        facts, verdicts = rows_of(located, anatomy, encoding), Verdicts(self._limits.gates_per_template)
        pattern = self._segments(located.body, ())
        return self._add(Template(pattern, (), anatomy, facts, encoding, verdicts, is_private=False))

    def _learn_private(
        self, located: Located, anatomy: Anatomy, encoding: Encoding, visitor: str | None
    ) -> Template | None:
        """Fingerprints, or segments in clear once three visitors were sent them."""
        body = located.body
        structure = delimiters(body)
        found = next((n for n, (known, _) in enumerate(self._candidates) if known.delimiters == structure), None)
        if found is None:
            candidate, before, gaps = Candidate(body), None, list[Span]()
        else:
            candidate, before = self._candidates.pop(found)
            gaps = candidate.observe(body)
        candidate.count(visitor)
        template = None
        if (
            not (anatomy.is_opaque and (gaps or not candidate.is_proven))
            and len(gaps) <= self._limits.max_gaps
            and all(is_clean(body[start:end]) for start, end in gaps)
            and may_vary(located, gaps, self._protected)
        ):
            if before is not None and before in self.templates:
                self.templates.remove(before)
            verdicts = Verdicts(self._limits.gates_per_template) if before is None else before.verdicts
            pattern = self._segments(body, gaps) if candidate.is_proven else Fingerprints(cut(body, gaps))
            facts = rows_of(located, anatomy, encoding)
            template = self._add(Template(pattern, gaps, anatomy, facts, encoding, verdicts, is_private=True))
        if template is None or not candidate.is_proven:
            self._candidates.insert(0, (candidate, template or before))
            for _, dropped in self._candidates[self._limits.templates_per_key :]:
                if dropped is not None and dropped in self.templates:
                    self.templates.remove(dropped)
            del self._candidates[self._limits.templates_per_key :]
        return template

    def _segments(self, body: bytes, gaps: Sequence[Span]) -> Segments:
        return Segments(cut(body, gaps), self._limits.max_gap_bytes)

    def _add(self, template: Template) -> Template:
        self.templates.insert(0, template)
        del self.templates[self._limits.templates_per_key :]
        return template
