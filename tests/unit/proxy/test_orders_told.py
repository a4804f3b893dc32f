"""An order is told once; its page completes what a call told of before."""

from clicks.catalogue import Product
from clicks.click import Event
from clicks.targets import parse_target
from config.platforms import load_platform
from proxy.orders_told import MOST_ORDERS, OrdersTold
from proxy.product_pages import MOST_PAGES, ProductPages
from visitors.profile import Profile

CALL = Event("purchase", {"id": "56"})
PAGE = Event("purchase", {"id": "56", "value_cents": 5400})
COMPLETED = Event("purchase", {"id": "56", "value_cents": 5400, "completes": True})
OTHER = Event("page_view", {"kind": "order"})


def test_of_one_worker() -> None:
    told = OrdersTold()
    assert told.fresh((OTHER, CALL), None) == (OTHER, CALL)
    assert told.fresh((CALL,), None) == ()
    assert told.fresh((OTHER, PAGE), None) == (OTHER, COMPLETED)
    assert told.fresh((OTHER, PAGE), None) == (OTHER,)
    assert told.fresh((Event("purchase", {}),), None) == (Event("purchase", {}),)


def test_told_by_another_worker() -> None:
    profile = Profile("p", order_ids=("56",))
    assert OrdersTold().fresh((PAGE,), profile) == ()
    assert OrdersTold().fresh((PAGE,), profile._replace(bare_orders=("56",))) == (COMPLETED,)
    assert OrdersTold().fresh((PAGE,), profile._replace(order_ids=("55",))) == (PAGE,)


def test_it_is_bounded() -> None:
    told = OrdersTold()
    for number in range(MOST_ORDERS + 10):
        told.fresh((Event("purchase", {"id": str(number)}),), None)
    assert len(told._told) == MOST_ORDERS


def test_pages_of_products() -> None:
    woo, pages = load_platform("woocommerce"), ProductPages()
    pages.remember(parse_target(b"/product/beanie/?utm_source=mail"), woo, "16")
    catalogue = {"33": Product("33", url="/product/cap/")}
    assert pages.at("/product/beanie/", {}) == "16"
    assert pages.at("/product/cap/", catalogue) == "33"
    assert pages.at("/product/hood/", catalogue) is None
    assert pages.at("/product/cap/", {}) is None
    for number in range(MOST_PAGES + 5):
        pages.remember(parse_target(f"/product/x{number}/".encode()), woo, str(number))
    assert len(pages._pages) <= MOST_PAGES
