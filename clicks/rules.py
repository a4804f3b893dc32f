"""A platform's rules, compiled: which requests a rule means, and ids out of URLs.

Invariant: the same platform is compiled once; rules look at path and query only, never at who asks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from clicks.targets import Target
from config.expressions import Expressions
from config.patterns import Glob, PathPatterns, path_forms
from config.platform import FormRule, ListRule, PathRule, Platform, ProductRule
from config.platforms import FORM_NAMES


class RequestRules:
    """Several rules as one question: does any of them mean this request?"""

    __slots__ = ("_rules",)

    def __init__(self, rules: tuple[PathRule, ...]) -> None:
        self._rules = tuple((Glob(rule.path), tuple(rule.query.items())) for rule in rules)

    def match(self, target: Target) -> bool:
        """True when a rule's path matches and its query fields are present with their values ("*": any)."""
        return self.match_forms(path_forms(target.path), target) if self._rules else False

    def match_forms(self, forms: tuple[list[str], ...], target: Target) -> bool:
        """The same with the path already split."""
        for glob, query in self._rules:
            if any(glob.match(form) for form in forms) and all(
                (found := target.get(name)) is not None and wanted in ("*", found) for name, wanted in query
            ):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Form:
    """A form rule under its name; `index` tells it from the others (`Rules.forms`). The operator's own are "form"."""

    name: str
    rule: FormRule
    at: RequestRules
    failure: RequestRules
    index: int = 0
    own: str = ""
    """The operator's name of it."""
    traits: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_read(self) -> bool:
        """Something of its body is looked at."""
        return bool(self.rule.fields or self.rule.requires)

    @property
    def is_shown(self) -> bool:
        """Where pages are believed: what is in the cart, and what was ordered, may be a page's to say."""
        says_nothing = not (self.is_read or self.rule.proves or self.rule.answer)
        return self.name in ("add_to_cart", "order_call") or (self.name == "remove_from_cart" and says_nothing)

    @property
    def needs_answer(self) -> bool:
        """The answer's JSON says whether it succeeded, or what came of it."""
        return self.rule.success in ("json", "accepted") or bool(self.rule.answer)


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything of one platform that is matched against requests."""

    kinds: Mapping[str, RequestRules]
    forms: tuple[Form, ...]
    private: PathPatterns
    """Where no form is read and nothing is proven: an admin's login is not a customer's."""
    logout: RequestRules
    order_placed: RequestRules
    add_to_cart_links: RequestRules
    product_ids: Expressions
    category_ids: Expressions
    breadcrumb_skip: frozenset[str]
    banners: tuple[tuple[str, RequestRules], ...]
    order_ids: Expressions
    list_ids: tuple[tuple[str, Expressions | None], ...]
    """Field of a block → what of its value is the id."""
    page_id: Expressions | None
    """What of a product page's own id field is the id."""

    def order_of(self, path_and_query: str) -> str | None:
        """The order that a URL names."""
        return self.order_ids.first(path_and_query)

    def product_of(self, path_and_query: str) -> str | None:
        """The product id that a URL names."""
        return self.product_ids.first(path_and_query)

    def category_of(self, path_and_query: str) -> str | None:
        """The category id that a URL names."""
        return self.category_ids.first(path_and_query)


@lru_cache(maxsize=32)
def rules_of(platform: Platform) -> Rules:
    """The compiled rules of a platform."""
    return Rules(
        kinds={kind: RequestRules(rules) for kind, rules in platform.kinds.items()},
        forms=tuple(_forms(platform)),
        private=PathPatterns(platform.never_touch + platform.never_read),
        logout=RequestRules(platform.logout),
        order_placed=RequestRules(platform.order_placed),
        add_to_cart_links=RequestRules(platform.add_to_cart_links),
        product_ids=Expressions(platform.product_id),
        category_ids=Expressions(platform.category_id),
        breadcrumb_skip=frozenset(text.casefold() for text in platform.breadcrumb_skip),
        banners=tuple((banner.name, RequestRules(banner.at)) for banner in platform.banners),
        order_ids=Expressions(platform.order_id_url),
        list_ids=tuple(
            (f"id{place}", _pattern(rule)) for place, rule in enumerate(platform.lists) if rule.id_attribute
        ),
        page_id=_pattern(platform.product) if platform.product is not None else None,
    )


def _pattern(rule: ListRule | ProductRule) -> Expressions | None:
    return Expressions((rule.id_pattern,)) if rule.id_pattern else None


def _path_rule(pattern: str) -> PathRule:
    path, _, query = pattern.partition("?")
    fields = (field.partition("=") for field in query.split("&") if field)
    return PathRule(path, {name: value or "*" for name, _, value in fields})


def _forms(platform: Platform) -> Iterator[Form]:
    found: list[tuple[str, FormRule, str, Mapping[str, str]]] = []
    for name in FORM_NAMES:
        first: FormRule | None = getattr(platform, name)
        rules = (*(() if first is None else (first,)), *platform.further.get(name, ()))
        found += [(name, rule, "", {}) for rule in rules]
    found += [("form", form.rule, form.name, form.traits) for form in platform.forms]
    for index, (name, rule, own, traits) in enumerate(found):
        failure = RequestRules(tuple(map(_path_rule, rule.failure)))
        yield Form(name, rule, RequestRules(rule.at), failure, index, own, traits)
