"""The page engine: holds what was learnt of a shop's pages and opens a body for facts and edits.

Invariant: outside of the edits that were asked for and accepted, not one byte of a body changes; whatever happens in
here, a caller gets a `Page` or a `Refusal`, never an exception.
"""

from collections import Counter, OrderedDict

from transforms.page.charset import Encoding
from transforms.page.complexity import is_too_complex, predicted_locate_ms
from transforms.page.family import Family
from transforms.page.limits import PageLimits, Refusal, TemplateKey
from transforms.page.locate import locate
from transforms.page.page import Page
from transforms.page.query import Query
from transforms.page.selectors import attributes_used, problems
from transforms.page.template import Template

__all__ = ["Engine", "Page", "PageLimits", "Refusal", "TemplateKey", "problems"]


class Engine:
    """Opens bodies; one per worker process and configuration version."""

    def __init__(self, queries: tuple[Query, ...], limits: PageLimits | None = None) -> None:
        self.queries = queries
        self.limits = limits or PageLimits()
        self.counters: Counter[str] = Counter()
        """hit, relocated, compiled, and refused:<REASON>."""
        self._by_name = {query.name: query for query in queries}
        self._protected = attributes_used(queries)
        self._families: OrderedDict[TemplateKey, Family] = OrderedDict()
        self._templates = 0
        self._bytes = 0

    def open(
        self, body: bytes, encoding: Encoding, key: TemplateKey, visitor: str | None, *, learn: bool = True
    ) -> Page | Refusal:
        """Locate the queries' matches in `body`.

        `visitor` is any stable token of the browser, for the three-visitor rule on signed-in pages; `learn=False`
        (errors, POSTs) uses what is known and keeps nothing of this body.
        """
        try:
            opened = self._open(body, encoding, key, visitor, learn=learn)
        except Exception as error:
            # Whatever is wrong in here, the visitor gets the shop's own bytes.
            opened = Refusal("ERROR", f"{type(error).__name__}: {error}")
        if isinstance(opened, Refusal):
            self.counters[f"refused:{opened.reason}"] += 1
        else:
            self.counters[opened.outcome] += 1
        return opened

    def _open(
        self, body: bytes, encoding: Encoding, key: TemplateKey, visitor: str | None, *, learn: bool
    ) -> Page | Refusal:
        if len(body) > self.limits.max_html_bytes:
            return Refusal("TOO_LARGE", f"{len(body)} bytes")
        family = self._families.get(key)
        if family is not None:
            self._families.move_to_end(key)
            matched = family.match(body, encoding)
            if matched is not None:
                template, layout = matched
                if template.is_secret and learn:
                    before = len(family.templates), family.size
                    template, layout = family.confirm(template, layout, body, visitor)
                    self._keep(key, family, before)
                by_name = self._by_name
                return Page(body, "hit", encoding, by_name, self.limits, family.verdicts, template, layout, None)
        if body.lstrip(b"\xef\xbb\xbf\t\n\f\r ")[:1] != b"<":
            return Refusal("NOT_HTML", "the body does not begin with markup")
        if predicted_locate_ms(len(body)) > self.limits.inline_compile_ms:
            return Refusal("OVER_BUDGET", f"{len(body)} bytes would take too long to parse here")
        located = locate(body, self.queries)
        is_first = family is None or not family.templates
        if is_first and is_too_complex(located, self.limits):
            return Refusal("TOO_COMPLEX", "nested too deeply, or a tag with too many attributes")
        if family is None:
            family = Family(self.limits, self._protected)
        template_or_none: Template | None = None
        if learn:
            before = len(family.templates), family.size
            template_or_none = family.learn(located, encoding, visitor, is_private=key.signed_in)
            self._keep(key, family, before)
        return Page(
            body,
            "compiled" if is_first else "relocated",
            encoding,
            self._by_name,
            self.limits,
            family.verdicts,
            template_or_none,
            template_or_none.layout if template_or_none is not None else None,
            located,
        )

    def _keep(self, key: TemplateKey, family: Family, before: tuple[int, int]) -> None:
        """Account for what `family` learnt, and drop the families used longest ago until all is within the limits."""
        if key in self._families:
            self._templates -= before[0]
            self._bytes -= before[1]
        self._families[key] = family
        self._templates += len(family.templates)
        self._bytes += family.size
        while len(self._families) > 1 and (
            self._templates > self.limits.max_templates
            or self._bytes > self.limits.max_template_bytes
            or len(self._families) > self.limits.max_templates
        ):
            _, dropped = self._families.popitem(last=False)
            self._templates -= len(dropped.templates)
            self._bytes -= dropped.size
