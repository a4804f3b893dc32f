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
from transforms.page.limits import PageLimits
from transforms.page.locate import Located, anatomy_of, rows_of
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
        self._candidates: list[Candidate] = []
        self._limits = limits
        self._protected = protected
        self._fruitless = 0

    @property
    def size(self) -> int:
        """Bytes held, but for small objects."""
        hashes = sum(len(candidate.hashes) * 8 + len(candidate.delimiters) for candidate in self._candidates)
        return sum(template.size for template in self.templates) + hashes

    def match(self, body: bytes, encoding: Encoding) -> tuple[Template, list[int]] | None:
        """The template that `body` is of, and where its segments start."""
        for number, template in enumerate(self.templates):
            ends = template.match(body)
            if ends is not None and template.encoding == encoding:
                if number:
                    self.templates.insert(0, self.templates.pop(number))
                self._fruitless = 0
                return template, ends
        return None

    def learn(self, located: Located, encoding: Encoding, visitor: str | None, *, is_private: bool) -> Template | None:
        """Make the body part of what is known: as a gap more in a template, or as a template of its own."""
        self._fruitless += 1
        if self._fruitless > _FRUITLESS and self._fruitless % _RETRY:
            return None
        anatomy = anatomy_of(located)
        for number, known in enumerate(self.templates):
            if known.encoding != encoding or anatomy.is_opaque:
                continue
            gaps = grow(known.segments, located.body, self._limits.max_gaps, self._limits.max_gap_bytes)
            if gaps is not None and may_vary(located, gaps, self._protected):
                grown = self._template(located, anatomy, gaps, encoding, known.verdicts, is_private=is_private)
                del self.templates[number]
                return self._add(grown)
        if not is_private:
            verdicts = Verdicts(self._limits.gates_per_template)
            return self._add(self._template(located, anatomy, (), encoding, verdicts, is_private=False))
        gaps = self._gaps_of_three(located.body, visitor) if visitor is not None else None
        if gaps is None or (gaps and anatomy.is_opaque) or not may_vary(located, gaps, self._protected):
            return None
        verdicts = Verdicts(self._limits.gates_per_template)
        return self._add(self._template(located, anatomy, gaps, encoding, verdicts, is_private=True))

    def _template(
        self,
        located: Located,
        anatomy: Anatomy,
        gaps: Sequence[Span],
        encoding: Encoding,
        verdicts: Verdicts,
        *,
        is_private: bool,
    ) -> Template:
        facts = rows_of(located, anatomy, encoding)
        limit = self._limits.max_gap_bytes
        return Template(located.body, gaps, anatomy, facts, encoding, verdicts, limit, is_private=is_private)

    def _add(self, template: Template) -> Template:
        self.templates.insert(0, template)
        del self.templates[self._limits.templates_per_key :]
        return template

    def _gaps_of_three(self, body: bytes, visitor: str) -> list[Span] | None:
        structure = delimiters(body)
        for number, candidate in enumerate(self._candidates):
            if candidate.delimiters == structure:
                gaps = candidate.observe(body, visitor)
                if gaps is not None:
                    del self._candidates[number]
                return gaps
        self._candidates.insert(0, Candidate(body, visitor))
        del self._candidates[self._limits.templates_per_key :]
        return None
