"""A platform's rules, compiled: which requests a rule means, and ids out of URLs.

Invariant: the same platform is compiled once; rules look at path and query only, never at who asks.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from clicks.targets import Target
from config.patterns import Glob, PathPatterns, path_forms
from config.platform import FormRule, PathRule, Platform


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
    """A form rule under its name."""

    name: str
    rule: FormRule
    at: RequestRules
    failure: RequestRules


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
    product_ids: tuple[re.Pattern[str], ...]
    category_ids: tuple[re.Pattern[str], ...]
    breadcrumb_skip: frozenset[str]

    def product_of(self, path_and_query: str) -> str | None:
        """The product id that a URL names."""
        return _first_group(self.product_ids, path_and_query)

    def category_of(self, path_and_query: str) -> str | None:
        """The category id that a URL names."""
        return _first_group(self.category_ids, path_and_query)


def _first_group(patterns: tuple[re.Pattern[str], ...], text: str) -> str | None:
    for pattern in patterns:
        if found := pattern.search(text):
            return found[1]
    return None


@lru_cache(maxsize=32)
def rules_of(platform: Platform) -> Rules:
    """The compiled rules of a platform."""
    forms = (
        ("login", platform.login),
        ("register", platform.register),
        ("add_to_cart", platform.add_to_cart),
        ("remove_from_cart", platform.remove_from_cart),
        ("checkout_details", platform.checkout_details),
        ("newsletter", platform.newsletter),
    )
    return Rules(
        kinds={kind: RequestRules(rules) for kind, rules in platform.kinds.items()},
        forms=tuple(
            Form(name, rule, RequestRules(rule.at), RequestRules(tuple(PathRule(path) for path in rule.failure)))
            for name, rule in forms
            if rule is not None
        ),
        private=PathPatterns(platform.never_touch + platform.never_read),
        logout=RequestRules(platform.logout),
        order_placed=RequestRules(platform.order_placed),
        add_to_cart_links=RequestRules(platform.add_to_cart_links),
        product_ids=tuple(re.compile(pattern) for pattern in platform.product_id),
        category_ids=tuple(re.compile(pattern) for pattern in platform.category_id),
        breadcrumb_skip=frozenset(text.casefold() for text in platform.breadcrumb_skip),
    )
