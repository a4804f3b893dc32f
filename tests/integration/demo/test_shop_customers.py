"""Customers over real sockets: tokens, sign-in, registering, buying, the manager, consent."""

import re

from demo.shop.accounts import JOSE, MANAGER
from tests.integration.demo.shop_browser import Answer, Browser


async def sign_in(browser: Browser) -> Answer:
    """José through the login form."""
    await browser.get("login.php")
    return await browser.post("login.php?action=process", email_address=JOSE.email_address, password=JOSE.password)


def session_id(browser: Browser) -> str:
    """The session cookie that the browser holds."""
    return next(cookie.value for cookie in browser.client.cookie_jar if cookie.key == "osCsid")


async def test_a_wrong_token_adds_nothing(browser: Browser) -> None:
    await browser.get("")
    refused = await browser.post("product_info.php?products_id=5&action=add_product", formid="0" * 32, products_id="5")
    assert (refused.status, refused.location) == (302, "product_info.php?products_id=5")
    page = await browser.get(refused.location)
    assert "Su sesión ha caducado" in page.text
    assert "Su sesión ha caducado" not in (await browser.get(refused.location)).text
    added = await browser.post(
        "product_info.php?products_id=5&action=add_product", formid=page.token, products_id="5", cart_quantity="2"
    )
    assert (added.status, added.location) == (302, "shopping_cart.php")
    cart = await browser.get("shopping_cart.php")
    assert "33,90 &euro;" in cart.text


async def test_sold_out_is_refused(browser: Browser) -> None:
    token = (await browser.get("")).token
    answer = await browser.post("product_info.php?products_id=4&action=add_product", formid=token)
    assert answer.location.startswith("product_info.php?products_id=4")
    assert "vac&iacute;a" in (await browser.get("shopping_cart.php")).text


async def test_quantities_change_and_lines_go(browser: Browser) -> None:
    token = (await browser.get("")).token
    for number in ("5", "6"):
        await browser.post(f"product_info.php?products_id={number}&action=add_product", formid=token)
    form = {"formid": token, "products_id[]": "6", "cart_quantity[]": "0"}
    await browser.post("shopping_cart.php?action=update_product", **form)
    cart = (await browser.get("shopping_cart.php")).text
    assert "Noviembre en el bloque" in cart
    assert 'name="products_id[]" value="6"' not in cart


async def test_login_rotates_the_session_and_logoff_closes_it(browser: Browser, stranger: Browser) -> None:
    await browser.get("")
    before = session_id(browser)
    entered = await sign_in(browser)
    assert (entered.status, entered.location) == (302, "index.php")
    after = session_id(browser)
    assert before != after
    home = await browser.get("index.php")
    assert "logoff.php" in home.text
    assert "José" not in home.text
    assert "logoff.php" not in (await stranger.get(f"index.php?osCsid={before}")).text
    gone = await browser.get("logoff.php")
    assert (gone.status, session_id(browser) == after) == (200, False)
    assert "logoff.php" not in (await browser.get("index.php")).text
    assert "logoff.php" not in (await stranger.get(f"index.php?osCsid={after}")).text


async def test_a_failed_login_shows_the_form_again(browser: Browser) -> None:
    await browser.get("")
    before = session_id(browser)
    answer = await browser.post("login.php?action=process", email_address=JOSE.email_address, password="mala")
    assert answer.status == 200
    assert "Error: no hay ninguna cuenta" in answer.text
    assert 'type="password"' in answer.text
    assert session_id(browser) == before


async def test_without_cookies_the_session_travels_in_the_address(stranger: Browser) -> None:
    home = await stranger.get("")
    carried = re.findall(r"osCsid=([0-9a-f]{32})", home.text)[0]
    entered = await stranger.post(
        f"login.php?action=process&osCsid={carried}", email_address=JOSE.email_address, password=JOSE.password
    )
    assert entered.status == 302
    assert "osCsid=" in entered.location
    assert carried not in entered.location
    assert "logoff.php" in (await stranger.get(entered.location)).text


async def test_register(browser: Browser) -> None:
    await browser.get("create_account.php")
    before = session_id(browser)
    fields = {
        "firstname": "Łukasz",
        "lastname": "Peña <b>",
        "email_address": "lukasz@example.com",
        "password": "secreta",
        "confirmation": "secreta",
        "newsletter": "1",
    }
    wrong = await browser.post("create_account.php?action=process", **{**fields, "confirmation": "otra"})
    assert wrong.status == 200
    assert "La confirmación debe ser igual" in wrong.text
    right = await browser.post("create_account.php?action=process", **fields)
    assert (right.status, right.location) == (302, "create_account_success.php")
    assert session_id(browser) != before
    assert "Su cuenta ha sido creada" in (await browser.get("create_account_success.php")).text
    edit = await browser.get("account_edit.php")
    assert 'value="&#321;ukasz"' in edit.text
    assert 'value="Peña &lt;b&gt;"' in edit.text
    taken = await browser.post("create_account.php?action=process", **fields)
    assert "ya figura entre nuestros clientes" in taken.text


async def test_from_cart_to_order(browser: Browser) -> None:
    token = (await browser.get("")).token
    await browser.post("product_info.php?products_id=2&action=add_product", formid=token, cart_quantity="2")
    first = await browser.get("checkout_shipping.php")
    assert first.location == "login.php"
    assert (await sign_in(browser)).location == "checkout_shipping.php"
    assert 'value="Calle del Olmo, 7"' in (await browser.get("checkout_shipping.php")).text
    shipped = await browser.post(
        "checkout_shipping.php?action=process", street_address="Calle del Olmo, 7", postcode="28012", city="Madrid"
    )
    assert shipped.location == "checkout_payment.php"
    assert 'name="cc_number"' in (await browser.get("checkout_payment.php")).text
    bad = await browser.post("checkout_payment.php?action=process", payment="cc", cc_owner="J", cc_number="12")
    assert bad.status == 200
    paid = await browser.post(
        "checkout_payment.php?action=process",
        payment="cc",
        cc_owner="José García",
        cc_number="4111 1111 1111 1111",
        cc_expires_month="01",
        cc_expires_year="30",
        cc_cvv="123",
    )
    assert paid.location == "checkout_confirmation.php"
    assert "27,85 &euro;" in (await browser.get("checkout_confirmation.php")).text
    done = await browser.post("checkout_process.php")
    assert done.location == "checkout_success.php"
    success = await browser.get("checkout_success.php")
    assert '<b id="orderNumber">1043</b>' in success.text
    assert '<b class="orderTotal">27,85 &euro;</b>' in success.text
    assert "4111 1111" not in success.text
    assert "terminada en 1111" in success.text
    assert (await browser.post("checkout_process.php")).location == "shopping_cart.php"
    assert "1043" in (await browser.get("checkout_success.php")).text
    assert "1043" in (await browser.get("account.php")).text
    assert "Ritmo &amp; Rabia" in (await browser.get("account_history_info.php?order_id=1043")).text


async def test_the_admin_area_is_a_login_of_its_own(browser: Browser) -> None:
    await sign_in(browser)
    closed = await browser.get("admin/orders.php")
    assert closed.location == "admin/login.php"
    wrong = await browser.post("admin/login.php?action=process", username="gerente", password="x")
    assert wrong.status == 200
    right = await browser.post("admin/login.php?action=process", username=MANAGER.username, password=MANAGER.password)
    assert (right.status, right.location) == (302, "admin/orders.php")
    orders = await browser.get("admin/orders.php")
    assert "<h1>Pedidos</h1>" in orders.text
    await browser.get("admin/logoff.php")
    assert (await browser.get("admin/orders.php")).status == 302


async def test_consent_without_scripts(browser: Browser) -> None:
    home = await browser.get("")
    assert 'id="cookieBar"' in home.text
    answer = await browser.post("cookie_policy.php?action=process", prefs="0")
    assert answer.headers["Set-Cookie"].startswith("cookie_policy=prefs=0;")
    accepted = await browser.get("", Cookie="cookie_policy=prefs=1")
    assert 'id="cookieBar"' not in accepted.text


async def test_newsletter_and_contact(browser: Browser) -> None:
    await browser.get("")
    wrong = await browser.post("newsletter.php?action=process", email_address="nada")
    assert wrong.status == 200
    right = await browser.post("newsletter.php?action=process", email_address="ana@example.com")
    assert right.location == "newsletter.php?action=success"
    sent = await browser.post("contact_us.php?action=send", name="Ana", email="ana@example.com", enquiry="Hola")
    assert sent.location == "contact_us.php?action=success"


async def test_other_methods_are_refused(browser: Browser) -> None:
    async with browser.client.request("DELETE", browser.site) as response:
        assert response.status == 405
    async with browser.client.request("HEAD", browser.site) as response:
        assert (response.status, await response.read()) == (200, b"")
