"""José and Ana: greeted after a login the shop accepted, only then, and no longer than that; their carts and orders."""

import pytest

from demo.shop.accounts import JOSE
from demo.shop.catalogue import BY_ID, NOVELTIES
from demo.shop.genres import HIP_HOP
from tests.browser.conftest import Arrive
from tests.browser.visitor import Visitor

GREETED = "¡Hola, José, bienvenido de nuevo!"
NOBODY = "Bienvenido a La Gramola"


@pytest.fixture
def jose(arrive: Arrive) -> Visitor:
    visitor = arrive("jose")
    visitor.enter()
    return visitor


def test_jose_is_greeted_and_hip_hop_is_first(jose: Visitor) -> None:
    assert jose.welcome == GREETED
    assert jose.page.eval_on_selector("#welcome", "cell => cell.childNodes.length") == 1
    hip_hop = [record.id for record in NOVELTIES if record.genre == HIP_HOP]
    assert jose.window()[1 : 1 + len(hip_hop)] == hip_hop
    assert jose.page.locator(".vuelve10").count() == 0


def test_the_name_is_gone_with_the_logout(jose: Visitor) -> None:
    jose.page.click("a:has-text('Salir')")
    jose.page.wait_for_url("**/logoff.php")
    assert "José" not in jose.page.inner_text("body")
    jose.page.go_back()
    jose.page.wait_for_selector(".record")
    assert jose.welcome == NOBODY
    jose.page.reload()
    assert jose.welcome == NOBODY
    assert "José" not in jose.page.content()


def test_a_wrong_password_proves_nobody(arrive: Arrive) -> None:
    visitor = arrive("stranger")
    visitor.open("/index.php")
    visitor.consent()
    visitor.home()
    visitor.page.click("a:has-text('Mi cuenta')")
    form = visitor.page.locator("form[action*='login.php']")
    form.locator("[name=email_address]").fill(JOSE.email_address)
    form.locator("[name=password]").fill("no es esta")
    form.locator("[type=submit], [type=image]").first.click()
    visitor.page.wait_for_selector(".messageStack, .messageStackError")
    assert visitor.welcome == NOBODY
    visitor.home()
    assert visitor.welcome == NOBODY
    assert "José" not in visitor.page.content()


def test_ana_is_offered_a_way_back(arrive: Arrive) -> None:
    ana = arrive("ana")
    ana.enter()
    assert ana.welcome == "¡Cuánto tiempo, Ana!"
    offer = ana.page.locator("table.vuelve10")
    assert offer.count() == 1
    assert "VUELVE10" in offer.inner_text()
    assert offer.inner_text().startswith("Ana, se le echaba de menos.")
    assert offer.evaluate("table => table.nextElementSibling.id") == "newProducts"
    offer.locator("a").click()
    ana.page.wait_for_url("**/specials.php*")


def test_a_moved_record_is_bought(jose: Visitor) -> None:
    number = jose.window()[1]
    assert [record.id for record in NOVELTIES][1] != number
    jose.page.locator("#newProducts > .record").nth(1).locator("input[type=submit]").click()
    jose.page.wait_for_url("**/shopping_cart.php")
    assert BY_ID[number].title in jose.page.inner_text("td.content")
    assert jose.welcome == GREETED

    jose.page.click("a:has-text('Realizar pedido')")
    jose.page.locator("form[name=checkout_address] input[type=submit]").click()
    jose.page.locator("input[name=payment][value=cod]").check()
    jose.page.locator("form[name=checkout_payment] input[type=submit]").click()
    jose.page.locator("form[name=checkout_confirmation] input[type=submit]").click()
    jose.page.wait_for_url("**/checkout_success.php")
    assert jose.page.inner_text("#orderNumber").isdecimal()
    assert jose.page.inner_text(".orderTotal").endswith("€")
    jose.demo.wait_for("José placed an order → ")


def test_a_clip_is_played_through_the_proxy(jose: Visitor) -> None:
    jose.open("/product_info.php?products_id=2")
    jose.page.click("a.listen")
    jose.page.wait_for_function("reproductor && reproductor.currentTime > 0 && !reproductor.error")
    jose.page.evaluate("reproductor.pause()")
    part = jose.page.evaluate(
        """async () => {
          const answer = await fetch("/clips/2.wav", { headers: { Range: "bytes=0-43" } });
          const bytes = new Uint8Array(await answer.arrayBuffer());
          return [answer.status, bytes.length, String.fromCharCode(...bytes.slice(0, 4)),
                  answer.headers.get("Content-Range").split("/")[0]];
        }"""
    )
    assert part == [206, 44, "RIFF", "bytes 0-43"]


def test_no_page_complains(jose: Visitor) -> None:
    for path in (
        "/products_new.php",
        "/specials.php",
        "/index.php?cPath=3",
        "/index.php?cPath=1&sort=2a&page=1",
        "/advanced_search.php",
        "/advanced_search_result.php?keywords=noche",
        "/product_info.php?products_id=37",
        "/shopping_cart.php",
        "/account.php",
        "/account_edit.php",
        "/shipping.php",
        "/about.php",
        "/contact_us.php",
        "/privacy.php",
    ):
        assert jose.open(path).status == 200
        assert jose.welcome == GREETED, path
