"""What kind of page a target is, and whether the visitor arranged its lists: by the platform's rules alone."""

from clicks.rules import rules_of
from clicks.targets import Target
from config.patterns import path_forms
from config.platform import Platform


def page_kind(platform: Platform, target: Target) -> str:
    """home, category, product, search, cart, checkout, order, account, login or other: first rule that matches."""
    forms = path_forms(target.path)
    for kind, rules in rules_of(platform).kinds.items():
        if rules.match_forms(forms, target):
            return kind
    return "other"


def product_id(platform: Platform, target: Target) -> str | None:
    """The product a target names, by the platform's expressions."""
    return rules_of(platform).product_of(target.text)


def category_id(platform: Platform, target: Target) -> str | None:
    """The category a target names, by the platform's expressions."""
    return rules_of(platform).category_of(target.text)


def sorted_by_visitor(platform: Platform, target: Target) -> bool:
    """The visitor sorted, filtered or paged this list (a page number of 1 does not count)."""
    for name, value in target.query:
        if not value:
            continue
        if name in platform.sort_params or name in platform.filter_params:
            return True
        if name in platform.page_params and value not in ("0", "1"):
            return True
    return False


def search_term(platform: Platform, target: Target) -> str | None:
    """What the visitor searched for, white space folded, or None."""
    for name in platform.search_params:
        if term := " ".join((target.get(name) or "").split()):
            return term
    return None
