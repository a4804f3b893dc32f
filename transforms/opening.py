"""From bytes to a located page and its facts: queries, templates' keys, and the price of it all told beforehand.

Invariant: private text of one visitor is never learnt as a page's fixed text. A page counts as signed in when the
visitor is, or when it offers a way to sign out, whatever our cookie knows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b

from clicks.facts import PageFacts
from clicks.kinds import page_kind
from clicks.reading import read_facts
from clicks.targets import Target, page_key
from clicks.wanted import list_fields, wanted
from config.platform import PathRule, Platform
from config.settings import Settings
from transforms.applying import alike, product_ids
from transforms.beacon import QUERIES as BEACON_QUERIES
from transforms.page.charset import sniff
from transforms.page.engine import Compiler, Engine, Page, PageLimits, Refusal, TemplateKey
from transforms.page.families import Families
from transforms.page.query import Field, Query
from transforms.page.witnesses import EVERYBODY
from visitors.visitor import Visitor

MAX_ENGINES = 12
"""Sets of placements with an engine of their own; pages beyond share one that looks for all placements."""

MAX_FACTS = 2000
"""Derived facts kept, by template content and target; those kept longest are read anew."""

REMEMBERED = 2000
"""Addresses kept in memory."""

LONGEST_REMEMBERED = 512
"""Bytes; longer targets are read anew each time, so that nobody fills the memory with them."""

MS_PER_BYTE = 4e-6
"""Predicted milliseconds per byte of a page whose template is known; the engine tells for others."""

MAX_INLINE_MS = 5.0
"""Predicted milliseconds of a parse or a proof beyond which it is a compile process's, where there is one."""

_SHORTEST_WORD = 4
"""Letters of a query's value that tell a link; of shorter ones (`?logout=1`) the name does."""

OVER_BUDGET = "OVER_BUDGET"


@dataclass(frozen=True, slots=True)
class Address:
    """What host and target say of a page before it is there: the placements it may have (`here`), its `name`
    ("host/path?query", as in `Profile.last_page`), and which engine opens it by which templates: those of pages that
    are nobody's in particular, and those of pages of somebody signed in."""

    target: Target
    here: frozenset[str]
    name: str
    engine: Engine
    of_all: TemplateKey
    of_one: TemplateKey


@dataclass(frozen=True, slots=True)
class ReadFacts:
    """Facts of a page, and what the click says of its lists when they go out as they came; `alike` has for each list
    the names of those with the same items."""

    facts: PageFacts
    listed: Mapping[str, tuple[str, ...]]
    alike: Mapping[str, Sequence[str]]


class PageReader:
    """Opens pages of one shop under one configuration and reads their facts."""

    def __init__(self, settings: Settings, platform: Platform, compiler: Compiler | None = None) -> None:
        """With a `compiler` large pages are compiled by it, and refused with COMPILING until that is done."""
        self._settings = settings
        self._platform = platform
        self._compiler = compiler
        budget = settings.site.budget
        self._rewrite_ms = budget.rewrite_ms
        limits = PageLimits()
        self._limits = replace(
            limits,
            max_html_bytes=budget.max_html_kb * 1024,
            inline_compile_ms=budget.rewrite_ms if compiler is None else min(budget.rewrite_ms, MAX_INLINE_MS),
        )
        self._families = Families(self._limits)
        # Equal fields are one object: what two queries want of the same elements is then looked for once.
        asked = {items: list_fields(platform, items) for p in settings.placements.values() if (items := p.items)}
        every = {*asked.values(), *(want.fields for want in wanted(platform))}
        fields = {each: tuple(Field(*field) for field in each) for each in every}
        self._facts_queries = tuple(
            Query(want.name, want.css, fields[want.fields], editable=False) for want in wanted(platform)
        )
        self._list_fields = {items: fields[own] for items, own in asked.items()}
        self._engines: dict[frozenset[str], Engine] = {}
        self._facts: dict[tuple[int, bytes, frozenset[str]], tuple[object, ReadFacts]] = {}
        self._signs_out = tuple(dict.fromkeys(needle for rule in platform.logout if (needle := _needle(rule))))

    @property
    def templates(self) -> tuple[int, int]:
        """How many templates there are, and their bytes."""
        return self._families.templates, self._families.size

    def address(self, host: str, target: Target, here: frozenset[str]) -> Address:
        """Pages that share a structure whatever their path have templates by kind; others by what tells pages apart."""
        kind, name = page_kind(self._platform, target), page_key("", target, self._platform)
        path = f"kind {kind}" if kind in self._platform.template_by_kind else name
        of_all, of_one = (TemplateKey(host, path, own, self._settings.version, kind) for own in (False, True))
        return Address(target, here, host.lower() + name, self._engine(here), of_all, of_one)

    def open(
        self,
        body: bytes,
        content_type: bytes | None,
        address: Address,
        visitor: Visitor,
        *,
        learn: bool,
        is_nobodys: bool = False,
    ) -> Page | Refusal:
        """The located page, or why it stays as it came (OVER_BUDGET when it would cost too much).

        `is_nobodys`: the request said nothing by which a shop could know who asked (as in `PageContext`).
        """
        size = len(body)
        if size > self._limits.max_html_bytes or size * MS_PER_BYTE > self._rewrite_ms:
            return self._over_budget(size)
        encoding = sniff(body, content_type)
        if isinstance(encoding, Refusal):
            return encoding
        engine = address.engine
        if visitor.logged_in:
            page = engine.hit(body, encoding, address.of_one)
        else:
            page = engine.hit(body, encoding, address.of_all, self._not_offering) or engine.hit(
                body, encoding, address.of_one, self._offering
            )
        if page is not None:
            return page
        if not visitor.logged_in and not any(needle in body for needle in self._signs_out):
            return engine.open(body, encoding, address.of_all, None, learn=learn)
        token = EVERYBODY if is_nobodys else _token(visitor)
        return engine.open(body, encoding, address.of_one, token, learn=learn)

    def _over_budget(self, size: int) -> Refusal:
        budget = self._settings.site.budget
        if size > self._limits.max_html_bytes:
            return Refusal(OVER_BUDGET, f"{size // 1024} KB of HTML, max_html_kb = {budget.max_html_kb}")
        return Refusal(OVER_BUDGET, f"about {size * MS_PER_BYTE:.2f} ms, rewrite_ms = {budget.rewrite_ms:g}")

    def _offering(self, page: Page) -> bool:
        """The page offers a way to sign out. To search every body for that takes longer than all the rest of a hit."""
        return page.contains(self._signs_out)

    def _not_offering(self, page: Page) -> bool:
        return not page.contains(self._signs_out)

    def facts(self, page: Page, address: Address) -> ReadFacts:
        """The page's facts, and its lists as ids; those of two pages with equal rows at one target are read once."""
        token, target, here = page.facts_token, address.target, address.here
        key = (id(token), target.raw, here)
        known = self._facts.get(key)
        if known is not None:
            return known[1]
        placements = self._settings.placements
        lists = {name: name for name in here if placements[name].items is not None}
        facts = read_facts(page, self._platform, target, lists)
        ids = product_ids(facts)
        read = ReadFacts(facts, ids, alike(ids))
        if page.has_lasting_facts:
            # The token is kept beside its facts: while it lives, no other object has its id.
            self._facts[key] = (token, read)
            if len(self._facts) > MAX_FACTS:
                del self._facts[next(iter(self._facts))]
        return read

    def queries(self, here: frozenset[str]) -> tuple[Query, ...]:
        """What is looked for on a page with these placements: them, and what the platform tells facts by."""
        placements = [p for name, p in self._settings.placements.items() if name in here]
        mine = tuple(Query(p.name, p.css, self._list_fields.get(p.items or "", ()), editable=True) for p in placements)
        names = {query.name for query in mine}
        beacon = BEACON_QUERIES if self._settings.statistics.beacon else ()
        return (*mine, *(query for query in self._facts_queries if query.name not in names), *beacon)

    def _engine(self, here: frozenset[str]) -> Engine:
        engine = self._engines.get(here)
        if engine is None:
            if len(self._engines) >= MAX_ENGINES:
                here = frozenset(self._settings.placements)
                if here in self._engines:
                    return self._engines[here]
            engine = self._engines[here] = Engine(self.queries(here), self._limits, self._compiler, self._families)
        return engine


def _token(visitor: Visitor) -> str | None:
    """A token that is the same for one visitor; None for somebody who may well be counted again under another id."""
    return None if visitor.profile is None or visitor.fresh else _digest(visitor.profile)


@lru_cache(maxsize=4096)
def _digest(profile_id: str) -> str:
    return blake2b(profile_id.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _needle(rule: PathRule) -> bytes:
    """What any link to this path contains, however relative or encoded it is, and few other links do: the last literal
    part of a query's value or of the path (`logout` of `/accounts/logout/`, as the login page is under `accounts` too).
    """
    words = []
    for name, value in rule.query.items():
        word = _last_part(value)
        words.append(word if len(word) >= _SHORTEST_WORD else name)
    return max(words, key=len, default=_last_part(rule.path)).encode()


def _last_part(pattern: str) -> str:
    """The last part between slashes and wildcards."""
    return next((part for part in reversed(pattern.replace("*", "/").split("/")) if part), "")
