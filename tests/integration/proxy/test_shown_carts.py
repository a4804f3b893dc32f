"""Carts that an answer shows, on shops that were learnt: what is new in them is known by the visitor's profile."""

from collections.abc import Callable
from typing import Any

import pytest

from config.platform import FormRule, PathRule, Platform
from tests.integration.proxy.conftest import ok
from tests.integration.proxy.pages import cookie
from tests.integration.proxy.test_answers import posted
from visitors.profile import Profile
from visitors.wire import encode_profile

SHOP = Platform(
    "shop",
    kinds={"product": (PathRule("/p/*"),), "cart": (PathRule("/cart"),)},
    product_id=(r"^/p/(\d+)",),
    add_to_cart=FormRule((PathRule("/cart/add"),), "accepted", {"product_id": ("id",)}),
    as_shown=True,
)
BROWSER = "browser00000000000000007"
ROW = b'<tr><td><a href="/p/%d">Lamp</a></td><td><a href="/cart?gone=%d">Remove</a></td></tr>'


@pytest.mark.parametrize("store", ["up", "late"])
@pytest.mark.parametrize(("had", "is_new"), [({}, True), ({"8": 1}, True), ({"7": 1}, False)])
async def test_what_is_new_in_a_cart_is_told_however_late_the_profile(
    shop: Callable[..., Any], store: str, had: dict[str, int], is_new: bool
) -> None:
    page = b"<body><h1>Cart</h1><table>" + ROW % (7, 7) + ROW % (8, 8) + b"</table></body>"
    async with shop(ok(page, content_type=b"text/html"), platform=SHOP) as running:
        running.profiles.mode = store
        running.profiles.stored[BROWSER] = encode_profile(Profile(id=BROWSER, cart=had))
        _, body = await running.ask(posted("/cart/add", b"id=7", f"Cookie: {cookie(BROWSER)}"))
        click = await running.click()
    assert body == page
    assert [event.name for event in click.events if event.name == "add_to_cart"] == ["add_to_cart"] * is_new
