"""One located body: the facts read from it and the way to change it."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from itertools import repeat
from typing import Literal

from msgspec import Struct

from transforms.page import surroundings
from transforms.page.anatomy import Span, Unit
from transforms.page.charset import Encoding
from transforms.page.complexity import is_too_complex, leaves_much_open, predicted_gate_ms, predicted_locate_ms
from transforms.page.edits import Edit, Refused, Spliced
from transforms.page.layout import Layout
from transforms.page.limits import PageLimits
from transforms.page.locate import Located, Rows, locate
from transforms.page.passing import Passing
from transforms.page.plan import Plan
from transforms.page.query import Query, Row
from transforms.page.recipe import Prepared, prepared
from transforms.page.splice import splice
from transforms.page.stretch import Standing
from transforms.page.template import Template
from transforms.page.tree_rows import tree_rows
from transforms.page.verdict import Verdicts, judge_apart, pass_together

Outcome = Literal["hit", "relocated", "compiled"]
Prove = Callable[[bytes, Template | Passing, tuple[tuple[str | int, ...], ...], Sequence[Edit]], str]
"""Has edits proven elsewhere for a template; returns why they are not made now."""


class Page(Struct, eq=False):
    """A body with the byte ranges of what was looked for; made by `Engine.open`, used by one request.

    It stands on a template that the body matches, or on a match of it alone, or on a parse of the body, or on two.
    """

    body: bytes
    outcome: Outcome
    _encoding: Encoding
    _queries: Mapping[str, Query]
    _limits: PageLimits
    _verdicts: Verdicts
    _template: Template | Passing | None
    _layout: Layout | None
    _located: Located | None
    _facts: Rows | None = None
    """The rows, where they were read already."""
    _prove: Prove | None = None
    _memo: dict[tuple[str, ...], object] | None = None

    @property
    def has_lasting_facts(self) -> bool:
        """Whether other pages may have the same `facts_token`; else it dies with this page."""
        return self._template is not None and self._template.has_lasting_facts

    @property
    def facts_token(self) -> object:
        """An object that is the same for two pages whose rows are all equal: a key for what is derived from rows."""
        if self._facts is None:
            if isinstance(self._template, Template) and self._layout is not None:
                self._facts = self._template.read(self.body, self._layout, self._encoding)
            else:
                located = self._located or locate(self.body, tuple(self._queries.values()))
                self._facts = tree_rows(located, self._encoding)
        return self._facts

    def rows(self, name: str) -> tuple[Row, ...]:
        """The matches of the query `name` in document order; () when there are none or no such query."""
        facts = self.facts_token
        return facts.get(name, ()) if isinstance(facts, Mapping) else ()

    def counts(self, names: Sequence[str]) -> Sequence[int]:
        """How many elements each of these queries matched."""
        if isinstance(self._template, Template):
            return list(map(self._template.anatomy.counts.get, names, repeat(0)))
        return [self.count(name) for name in names]

    def count(self, name: str) -> int:
        """How many elements the query `name` matched."""
        if self._template is not None:
            return self._template.count(name)
        return len(self._located.elements.get(name, ())) if self._located is not None else 0

    def contains(self, words: tuple[bytes, ...]) -> bool:
        """Whether one of `words` is in the body."""
        if isinstance(self._template, Template) and self._layout is not None:
            return self._template.contains(words, self.body, self._layout)
        return any(word in self.body for word in words)

    @property
    def memo(self) -> dict[tuple[str, ...], object]:
        """What was derived from units whose start tags do not vary (part of `Ground`)."""
        if isinstance(self._template, Template) and not self._template.is_secret:
            return self._template.memo
        if self._memo is None:
            self._memo = {}
        return self._memo

    @property
    def layout(self) -> Layout | None:
        """The same for bodies of one template on which all offsets are the same (part of `Ground`)."""
        return self._layout

    @property
    def placed(self) -> dict[Hashable, object]:
        """What was derived from the offsets on this body as well (part of `Ground`)."""
        if self._layout is None:
            self._layout = Layout(())
        return self._layout.memo

    def units(self, name: str) -> Sequence[Unit] | None:
        """The extents of an editable query's matches; None when there is no such query (part of `Ground`)."""
        query = self._queries.get(name)
        if query is None or not query.editable:
            return None
        if self._template is not None:
            return self._template.units(name)
        return self._located.units_by_name(name) if self._located is not None else None

    @property
    def at(self) -> Callable[[int], int]:
        """Tells the place on this body of an offset of a unit (part of `Ground`)."""
        template, layout = self._template, self._layout
        return partial(template.offset, layout) if isinstance(template, Template) and layout is not None else int

    def extents(self, name: str) -> Sequence[Span]:
        """(start, end) on this body of every unit of `name` (part of `Ground`)."""
        if isinstance(self._template, Template) and self._layout is not None:
            return self._template.extents(name, self._layout)
        return [(unit.start, unit.end) for unit in self.units(name) or ()]

    def is_fixed(self, start: int, end: int) -> bool:
        """All between two offsets is kept in clear, and on all bodies of the template (part of `Ground`)."""
        template, layout = self._template, self._layout
        return isinstance(template, Template) and layout is not None and template.is_fixed(layout, start, end)

    def stretches(self, start: int, end: int) -> Sequence[Standing]:
        """What lies between two offsets, is long, and known of all bodies of the template (part of `Ground`)."""
        if isinstance(self._template, Template) and self._layout is not None:
            return self._template.stretches_between(self._layout, start, end)
        return ()

    def splice(self, edits: Sequence[Edit]) -> Spliced:
        """The body with `edits` made; each edit is made exactly or refused with a reason. Never raises."""
        try:
            return self.made(prepared(edits))
        except Exception as error:
            return self._failed(error, len(edits))

    def made(self, wanted: Prepared) -> Spliced:
        """The body with edits made that are prepared for it, as by `splice`. Never raises."""
        if not wanted.edits:
            return Spliced(self.body, (), ())
        template = self._template
        recipes = template.recipes if isinstance(template, Template) else None
        try:
            return splice(self, wanted, recipes, self._limits, self._judge)
        except Exception as error:
            return self._failed(error, len(wanted.edits))

    def _failed(self, error: Exception, count: int) -> Spliced:
        """The visitor gets the shop's own bytes, whatever is wrong in here."""
        detail = f"{type(error).__name__}: {error}"
        return Spliced(self.body, (), tuple(Refused(number, "ERROR", detail) for number in range(count)))

    def _judge(self, plans: Sequence[Plan]) -> Sequence[bool] | str:
        """The gate's verdict: of this template, of the same structure around the edits elsewhere, or by proof."""
        shapes = tuple([plan.shape for plan in plans])
        template, limits = self._template, self._limits
        if template is not None:
            known = template.verdicts.get(shapes)
            if known is not None:
                return known
        size = len(self.body)
        is_long = size > limits.inline_html_bytes or leaves_much_open(self.body, limits)
        is_elsewhere = self._prove is not None and is_long
        # What was, or will be, spent on locating is of the same request: both together must be within the limit.
        left_ms = limits.inline_compile_ms - predicted_locate_ms(size)
        if not is_elsewhere and left_ms >= 0:
            verdict = self._judge_here(plans, shapes, left_ms)
            if verdict is not None:
                return verdict
        if template is None or self._prove is None:
            return "OVER_BUDGET"
        return self._prove(self.body, template, shapes, [plan.edit for plan in plans])

    def _judge_here(
        self, plans: Sequence[Plan], shapes: tuple[tuple[str | int, ...], ...], left_ms: float
    ) -> Sequence[bool] | str | None:
        """None: it takes a proof, and that would take longer than `left_ms` here."""
        located = self._located
        if located is None:
            located = self._located = locate(self.body, tuple(self._queries.values()))
        around = (surroundings.of_page(located), *(surroundings.of_plan(located, plan) for plan in plans))
        verdict = self._verdicts.get((shapes, around))
        if verdict is None:
            proof_ms = predicted_gate_ms(len(self.body))
            if proof_ms > left_ms:
                return None
            if is_too_complex(located, self._limits):
                return "TOO_COMPLEX"
            selectors = {name: query.css for name, query in self._queries.items()}
            if pass_together(self, plans, selectors):
                verdict = (True,) * len(plans)
            elif self._prove is not None and proof_ms * (1 + len(plans)) > left_ms and len(plans) > 1:
                return None  # to find out which of them fails takes a proof for each
            else:
                verdict = judge_apart(self, plans, selectors)
            self._verdicts.put((shapes, around), verdict)
        if self._template is not None:
            self._template.verdicts.put(shapes, verdict)
        return verdict
