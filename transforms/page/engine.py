"""The page engine: holds what was learnt of a shop's pages and opens a body for facts and edits.

Invariant: outside of the edits that were asked for and accepted, not one byte of a body changes; whatever happens in
here, a caller gets a `Page` or a `Refusal`, never an exception.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable

from transforms.page.candidate import portable_digest, process_key
from transforms.page.charset import Encoding
from transforms.page.complexity import (
    is_too_complex,
    leaves_much_open,
    occurrences,
    predicted_lesson_ms,
    predicted_locate_ms,
)
from transforms.page.families import Families
from transforms.page.family import Family
from transforms.page.forms import Forms
from transforms.page.job import Compiler, Setup
from transforms.page.layout import Layout
from transforms.page.limits import PageLimits, Refusal, TemplateKey
from transforms.page.locate import Located, Rows, locate
from transforms.page.offloading import Lesson, Offloading
from transforms.page.only_body import OnlyBody
from transforms.page.page import Outcome, Page
from transforms.page.passing import Passing
from transforms.page.query import Query
from transforms.page.selectors import attributes_used
from transforms.page.template import Template

__all__ = ["Compiler", "Engine", "Page", "PageLimits", "Refusal", "TemplateKey"]


class Engine:
    """Opens bodies; one per worker process and configuration version."""

    def __init__(
        self,
        queries: tuple[Query, ...],
        limits: PageLimits | None = None,
        compiler: Compiler | None = None,
        families: Families | None = None,
    ) -> None:
        """With a `compiler` large pages are compiled by it, and go out as they came until that is done.

        `families` is where templates are kept, together with those of other engines.
        """
        self.queries = queries
        self.limits = limits or PageLimits()
        self.counters: Counter[str] = Counter()
        """hit, relocated, compiled, and refused:<REASON>."""
        self._by_name = {query.name: query for query in queries}
        self._protected = attributes_used(queries)
        self.families = Families(self.limits) if families is None else families
        self._number = self.families.join()
        self._forms: OrderedDict[Hashable, Forms] = OrderedDict()
        self._forms_bytes = 0
        self._digest = portable_digest(process_key())
        self._offloading = None if compiler is None else Offloading(compiler, Setup(queries, self.limits))
        self._prove = None if self._offloading is None else self._offloading.prove

    def open(
        self, body: bytes, encoding: Encoding, key: TemplateKey, visitor: str | None, *, learn: bool = True
    ) -> Page | Refusal:
        """Locate the queries' matches in `body`.

        `visitor` is any stable token of the browser, or EVERYBODY, for the three-visitor rule on signed-in pages;
        `learn=False` (errors, POSTs) uses what is known and keeps nothing of this body.
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

    def expected(self, key: TemplateKey) -> OnlyBody | None:
        """The body of `key` that came last, if its template has no other."""
        family = self.families.get((self._number, key))
        return family.templates[0].only if family is not None and family.templates else None

    def hit(
        self, body: bytes, encoding: Encoding, key: TemplateKey, accept: Callable[[Page], bool] | None = None
    ) -> Page | None:
        """The page, if `body` is of a template of `key` that waits for no visitors, and `accept` agrees; else None."""
        place = (self._number, key)
        family = self.families.get(place)
        if family is None or family.is_passing:
            return None
        try:
            matched = family.match(body, encoding)
            if matched is None:
                return None
            template, layout = matched
            if template.is_waiting:
                return None
            facts = None if template.volatile else template.static
            page = self._page(body, "hit", encoding, family, template, layout, None, facts)
            if accept is not None and not accept(page):
                return None
        except Exception:
            return None  # `open` says what is wrong
        self.families.used(place)
        self.counters["hit"] += 1
        return page

    def _open(
        self, body: bytes, encoding: Encoding, key: TemplateKey, visitor: str | None, *, learn: bool
    ) -> Page | Refusal:
        if len(body) > self.limits.max_html_bytes:
            return Refusal("TOO_LARGE", f"{len(body)} bytes")
        family = self.families.get((self._number, key))
        if family is not None:
            self.families.used((self._number, key))
            matched = None if family.is_passing else family.match(body, encoding)
            if matched is not None:
                if matched[0].is_waiting and learn:
                    before = len(family.templates), family.size
                    matched = family.confirm(*matched, body, visitor)
                    self.families.keep((self._number, key), family, before)
                return self._page(body, "hit", encoding, family, *matched, None)
        tags = occurrences(b"<", body)
        # Else a first match with a shape would take too long on the event loop.
        may_be_formed = len(body) <= self.limits.max_formed_bytes and tags <= self.limits.max_formed_tags
        is_long: bool | None = None
        forms = self._forms_of(key, encoding) if may_be_formed else None
        if family is not None and family.is_never_alike:
            page = None if forms is None else self._passed(body, tags, encoding, family, visitor, forms, learn=learn)
            if page is not None:
                return page
            if family.is_left_alone:
                # A parse costs less than a template, where it may be done here.
                is_long = self._is_long(body)
                may_be_formed = may_be_formed and is_long
                forms = forms if may_be_formed else None
        if forms is not None:
            page = self._matched(body, encoding, key, family, visitor, forms, learn=learn)
            if page is not None:
                return page
        if body.lstrip(b"\xef\xbb\xbf\t\n\f\r ")[:1] != b"<":
            return Refusal("NOT_HTML", "the body does not begin with markup")
        if tags > self.limits.max_tags:
            return Refusal("TOO_COMPLEX", f"more than {self.limits.max_tags} tags")
        if is_long is None:
            is_long = self._is_long(body)
        if self._offloading is not None and (is_long or len(body) > self.limits.inline_html_bytes) and learn:
            return self._compile(body, encoding, key, family, visitor, self._offloading)
        if is_long:
            return Refusal("OVER_BUDGET", f"{len(body)} bytes would take too long to parse here")
        located = locate(body, self.queries)
        is_first = family is None or not family.templates
        if is_first and is_too_complex(located, self.limits):
            return Refusal("TOO_COMPLEX", "nested too deeply, or a tag with too many attributes")
        if family is None:
            family = Family(self.limits, self._protected)
        template: Template | None = None
        facts: Rows | None = None
        if learn and family.is_worth_learning:
            before = len(family.templates), family.size
            template, facts = family.learn(located, encoding, visitor, is_private=key.signed_in)
            self.families.keep((self._number, key), family, before)
        if learn and may_be_formed:
            self._form(located, tags, encoding, key, visitor, forms)
        outcome: Outcome = "compiled" if is_first else "relocated"
        layout = None if template is None else template.layout
        return self._page(body, outcome, encoding, family, template, layout, located, facts)

    def _is_long(self, body: bytes) -> bool:
        """Whether to parse the body here would hold the event loop for too long."""
        limits = self.limits
        return predicted_locate_ms(len(body)) > limits.inline_compile_ms or leaves_much_open(body, limits)

    def _forms_of(self, key: TemplateKey, encoding: Encoding) -> Forms | None:
        """What is known of the structure of such pages."""
        kind = _kind(key, encoding)
        forms = self._forms.get(kind)
        if forms is not None:
            self._forms.move_to_end(kind)
        return forms

    def _passed(
        self,
        body: bytes,
        tags: int,
        encoding: Encoding,
        family: Family,
        visitor: str | None,
        forms: Forms,
        *,
        learn: bool,
    ) -> Page | None:
        """A page whose structure is known and does not come again: nothing is made of it but what is asked for."""
        found = forms.pass_by(body, tags, encoding, visitor, self.families.readings, keep=learn)
        if found is None:
            family.is_passing = False
            return None
        if learn and not family.passes(hash(tuple(found[0].structure))):
            return None
        return self._page(body, "hit", encoding, family, found[0], None, None, found[1])

    def _matched(
        self,
        body: bytes,
        encoding: Encoding,
        key: TemplateKey,
        family: Family | None,
        visitor: str | None,
        forms: Forms,
        *,
        learn: bool,
    ) -> Page | None:
        """A page whose structure is known, though not its text: it becomes a template of its path."""
        match = forms.match(body)
        if match is None:
            return None
        if family is None:
            family = Family(self.limits, self._protected)
        if learn:
            before = len(family.templates), family.size
            learnt = family.take(forms, match, body, encoding, visitor, is_private=key.signed_in)
            self.families.keep((self._number, key), family, before)
        else:
            learnt = forms.once(match, body, encoding)
        if learnt is None:
            return None
        template, facts = learnt
        return self._page(body, "hit", encoding, family, template, template.layout, None, facts)

    def _form(
        self,
        located: Located,
        tags: int,
        encoding: Encoding,
        key: TemplateKey,
        visitor: str | None,
        forms: Forms | None,
    ) -> None:
        """Learn the structure of a parsed body; of the first one of its kind only when a second one comes."""
        if forms is None:
            forms = Forms(self.queries, self._protected, self.limits, is_private=key.signed_in)
            self._forms[_kind(key, encoding)] = forms
            forms.remember(located.body)
            self._forms_bytes += forms.weight
            if key.signed_in:
                self._teach(located, tags, _kind(key, encoding), visitor, forms)
        else:
            self._teach(located, tags, _kind(key, encoding), visitor, forms)
        self._keep_forms()

    def _teach(self, located: Located, tags: int, kind: Hashable, visitor: str | None, forms: Forms) -> None:
        """Have the structure of a body learnt: here when that is short, else elsewhere, meanwhile or not at all."""
        body, first = located.body, forms.first
        tags += 0 if first is None else occurrences(b"<", first)
        if predicted_locate_ms(len(body)) + predicted_lesson_ms(tags) <= self.limits.inline_compile_ms:
            if forms.is_worth_learning:
                self._forms_bytes -= forms.weight
                forms.learn(located, visitor, self._digest)
                self._forms_bytes += forms.weight
        elif self._offloading is not None:

            def learn(adopt: Callable[[], None]) -> None:
                if self._forms.get(kind) is forms:
                    self._forms_bytes -= forms.weight
                    try:
                        adopt()
                    finally:
                        self._forms_bytes += forms.weight
                    self._keep_forms()

            self._offloading.teach(("lesson", kind), Lesson(forms, body, visitor, learn))

    def _keep_forms(self) -> None:
        """Forget the kinds of pages used longest ago until all is within the limits."""
        limits = self.limits
        while len(self._forms) > 1 and (
            self._forms_bytes > limits.max_form_bytes or len(self._forms) > limits.max_templates
        ):
            _, dropped = self._forms.popitem(last=False)
            self._forms_bytes -= dropped.weight

    def _page(
        self,
        body: bytes,
        outcome: Outcome,
        encoding: Encoding,
        family: Family,
        template: Template | Passing | None,
        layout: Layout | None,
        located: Located | None,
        facts: Rows | None = None,
    ) -> Page:
        by_name, limits, verdicts = self._by_name, self.limits, family.verdicts
        return Page(body, outcome, encoding, by_name, limits, verdicts, template, layout, located, facts, self._prove)

    def _compile(
        self,
        body: bytes,
        encoding: Encoding,
        key: TemplateKey,
        family: Family | None,
        visitor: str | None,
        offloading: Offloading,
    ) -> Refusal:
        """Have the body compiled elsewhere; it is learnt from when that is done, unless its key was forgotten."""
        if family is None:
            family = Family(self.limits, self._protected)
            self.families.keep((self._number, key), family, (0, 0))

        def learn(adopt: Callable[[], object]) -> None:
            if self.families.get((self._number, key)) is family:
                before = len(family.templates), family.size
                adopt()
                self.families.keep((self._number, key), family, before)

        return offloading.survey(key, family, body, encoding, visitor, learn, is_private=key.signed_in)


def _kind(key: TemplateKey, encoding: Encoding) -> Hashable:
    """Which pages are taken to be built alike."""
    return key.host, key.kind or key.path, key.signed_in, key.version, encoding
