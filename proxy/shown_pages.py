"""Carts and orders as pages show them, on shops of which nobody said where they stand.

Invariant: only pages where one may have changed are looked at: what the cart's page leads to, what the checkout leads
to, also where it is paid for at another site, and the answers to their forms; and only for visitors of whom it may be
known.
"""

from typing import Final

from clicks.answered_cart import read_answered_cart
from clicks.detecting.sample import Sample
from clicks.kinds import page_kind
from clicks.rules import rules_of
from clicks.shown_cart import ProductAt, read_cart
from clicks.shown_order import read_order
from clicks.targets import Target, page_key, parse_target
from proxy.visit import Visit

MAX_SHOWN_BYTES: Final = 262_144
"""Longer pages are not looked at: it would take more than a few milliseconds."""
JUST_NOW_S: Final = 600.0
"""Between the call that places an order and the page that thanks for it."""


def look_at_page(visit: Visit, body: bytes) -> None:
    """A page that was opened."""
    if not visit.platform.as_shown or len(body) > MAX_SHOWN_BYTES or not _may_be_known(visit):
        return
    kind, came_from = visit.place.kind, page_before(visit)
    if came_from is None:
        if kind in ("order", "other"):
            _look_at_return(visit, body)
        return
    before = page_kind(visit.platform, came_from)
    if kind == "cart" and before == "cart" and cart_of(visit):
        visit.cart = read_cart(_sample(visit, body), _product_at(visit))
    elif before == "checkout" and kind in ("order", "other", "account"):
        visit.order = read_order(_sample(visit, body), _product_at(visit))


def _look_at_return(visit: Visit, body: bytes) -> None:
    """A page that another site led to, or nobody knows what: paid for there is what this session left from its checkout
    with, if the page thanks for it and the cart is not shown there any more."""
    profile = visit.profile if visit.is_profile_known else None
    if profile is None or not profile.cart or profile.session != visit.identified.visitor.session:
        return
    host, slash, page = (profile.last_page or "").partition("/")
    left_from = parse_target((slash + page).encode("utf-8", "surrogateescape"))
    if host != visit.host or page_kind(visit.platform, left_from) != "checkout":
        return
    sample, product_at = _sample(visit, body), _product_at(visit)
    is_success = visit.place.kind == "order" and bool(rules_of(visit.platform).order_placed.match(visit.place.target))
    if profile.cart.keys() & set(read_cart(sample, product_at).rows):
        return
    visit.left_from = left_from
    visit.order = read_order(sample, product_at, may_lack_number=is_success)


def look_at_answer(visit: Visit, body: bytes) -> None:
    """What came of a form: a page, a piece of one, or JSON that shows what is still in the cart."""
    if visit.submitted is None or not visit.platform.as_shown or len(body) > MAX_SHOWN_BYTES:
        return
    match visit.submitted[0]:
        case "remove_from_cart" if visit.answer is not None and cart_of(visit):
            visit.cart = read_answered_cart(visit.answer, visit.place.target, visit.host, _product_at(visit))
        case "remove_from_cart" | "add_to_cart" if visit.answer is None:
            visit.cart = read_cart(_sample(visit, body), _product_at(visit))
        case "order_call" if visit.answer is None:
            visit.order = read_order(_sample(visit, body), _product_at(visit))
        case _:
            pass


def cart_of(visit: Visit) -> frozenset[str] | None:
    """What was in the visitor's cart before; None while nobody knows."""
    if not visit.is_profile_known:
        return None
    return frozenset() if visit.profile is None else frozenset(visit.profile.cart)


def ordered_of(visit: Visit) -> frozenset[str] | None:
    """The same where an order is shown: the call that placed it may have been folded by now, and emptied the cart."""
    cart = cart_of(visit)
    if cart is None or visit.profile is None:
        return cart
    return cart | {item for item, at in visit.profile.bought.items() if visit.time - at < JUST_NOW_S}


def page_before(visit: Visit) -> Target | None:
    """The page of this shop that led here."""
    if not visit.referrer.raw:
        return None
    host, slash, page = visit.referrer.key(visit.platform).partition("/")
    return parse_target((slash + page).encode("utf-8", "surrogateescape")) if host == visit.host else None


def _may_be_known(visit: Visit) -> bool:
    visitor = visit.identified.visitor
    return visit.is_read and visitor.consent and not visitor.bot


def _sample(visit: Visit, body: bytes) -> Sample:
    try:
        html = body.decode("utf-8")
    except UnicodeDecodeError:
        html = body.decode("windows-1252", "replace")
    return Sample(visit.place.target, html, visit.host)


def _product_at(visit: Visit) -> ProductAt:
    platform, pages = visit.platform, visit.serving.product_pages
    catalogue = visit.serving.ports.catalogue.snapshot()
    rules = rules_of(platform)
    if platform.id_on_page or platform.product_mark:
        return lambda target: pages.at(page_key("", target, platform), catalogue)
    return lambda target: rules.product_of(target.text)
