"""What kind of page a target is, and whether the visitor arranged its lists: by the platform's rules alone."""

from clicks.targets import Target
from config.platform import Platform


def page_kind(platform: Platform, target: Target) -> str:
    """home, category, product, search, cart, checkout, order, account, login or other: first rule that matches."""
    raise NotImplementedError


def product_id(platform: Platform, target: Target) -> str | None:
    """The product a target names, by the platform's expressions."""
    raise NotImplementedError


def sorted_by_visitor(platform: Platform, target: Target) -> bool:
    """The visitor sorted, filtered or paged this list (a page number of 1 does not count)."""
    raise NotImplementedError
