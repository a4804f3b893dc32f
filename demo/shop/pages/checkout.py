"""From the cart to an order: shipping, payment, confirmation, process, success; each step leads on with 302.

Invariant: of a card nothing is kept but its last four digits.
"""

from demo.shop.boxes import cart_cents
from demo.shop.catalogue import BY_ID
from demo.shop.ledger import Customer, OrderLine
from demo.shop.markup import euros, notice, row, text
from demo.shop.pages.account import order_table
from demo.shop.pages.cart import FREE_SHIPPING_CENTS
from demo.shop.sessions import Shipping
from demo.shop.visit import Html, Redirect, Reply, Visit

_METHODS = {"correos": ("Correos, 3 a 5 d&iacute;as", 395), "mensajero": ("Mensajero, ma&ntilde;ana en casa", 690)}


def _ready(visit: Visit, page: str) -> Customer | Redirect:
    """The customer when there is one and something to buy; else where to go first."""
    if not visit.session.cart:
        return Redirect("shopping_cart.php")
    customer = visit.customer
    if customer is None:
        visit.session.return_to = page
        return Redirect("login.php")
    return customer


def shipping(visit: Visit) -> Reply:
    """Where to, and how."""
    customer = _ready(visit, "checkout_shipping.php")
    if isinstance(customer, Redirect):
        return customer
    form = visit.form
    error = ""
    if visit.is_process:
        method = form.get("shipping", "correos")
        given = Shipping(
            form.line("firstname") or customer.firstname,
            form.line("lastname") or customer.lastname,
            form.line("street_address"),
            form.line("postcode"),
            form.line("city"),
            form.line("telephone"),
            method if method in _METHODS else "correos",
        )
        if given.street_address and given.postcode and given.city:
            visit.session.shipping = given
            return Redirect("checkout_payment.php")
        error = notice("Falta la direcci\xf3n: calle, c\xf3digo postal y poblaci\xf3n.", "Error")
    checked = ' checked="checked"'
    choices = "<br />\n".join(
        f'<input type="radio" name="shipping" value="{key}"{checked if key == "correos" else ""} />'
        f" {name} ({euros(cents)})"
        for key, (name, cents) in _METHODS.items()
    )
    content = f"""{_steps(1)}<h1>Direcci&oacute;n de entrega</h1>
{error}<form name="checkout_address" action="{visit.href("checkout_shipping.php", action="process")}" method="post">
<table class="form" border="0" cellspacing="0" cellpadding="3">
{row("Nombre", "firstname", customer.firstname)}{row("Apellidos", "lastname", customer.lastname)}{row("Direcci&oacute;n", "street_address", customer.street_address)}{row("C&oacute;digo postal", "postcode", customer.postcode, size=8)}{row("Poblaci&oacute;n", "city", customer.city)}{row("Tel&eacute;fono", "telephone", customer.telephone, size=16)}</table>
<h3>Forma de env&iacute;o</h3>
<p>{choices}<br /><small>Portes gratis desde {euros(FREE_SHIPPING_CENTS)} con Correos.</small></p>
<p><input type="submit" class="button" value="Continuar" /></p></form>"""
    return Html("Env\xedo", content, _trail(visit, "Env\xedo", "checkout_shipping.php"))


def payment(visit: Visit) -> Reply:
    """The card form."""
    customer = _ready(visit, "checkout_shipping.php")
    if isinstance(customer, Redirect):
        return customer
    if visit.session.shipping is None:
        return Redirect("checkout_shipping.php")
    error = ""
    if visit.is_process:
        digits = "".join(
            character for character in visit.form.get("cc_number") if character.isascii() and character.isdigit()
        )
        if visit.form.get("payment") == "cod":
            visit.session.payment = "Contra reembolso"
        elif 13 <= len(digits) <= 19 and visit.form.line("cc_owner"):
            visit.session.payment = f"Tarjeta terminada en {digits[-4:]}"
        else:
            error = notice("Revise los datos de la tarjeta.", "Error")
        if not error:
            visit.session.comments = visit.form.get("comments")[:500]
            return Redirect("checkout_confirmation.php")
    months = "".join(f'<option value="{month:02d}">{month:02d}</option>' for month in range(1, 13))
    years = "".join(
        f'<option value="{year % 100:02d}">{year}</option>' for year in range(visit.now.year, visit.now.year + 10)
    )
    content = f"""{_steps(2)}<h1>Forma de pago</h1>
{error}<form name="checkout_payment" action="{visit.href("checkout_payment.php", action="process")}" method="post">
<p><input type="radio" name="payment" value="cc" checked="checked" /> Tarjeta de cr&eacute;dito</p>
<table class="form" border="0" cellspacing="0" cellpadding="3">
{row("Titular", "cc_owner", f"{customer.firstname} {customer.lastname}")}{row("N&uacute;mero", "cc_number", size=22)}<tr><td class="fieldKey">Caduca</td><td><select name="cc_expires_month">{months}</select> <select name="cc_expires_year">{years}</select></td></tr>
{row("CVV", "cc_cvv", size=4)}</table>
<p><input type="radio" name="payment" value="cod" /> Contra reembolso</p>
<h3>Comentarios</h3>
<p><textarea name="comments" cols="50" rows="3"></textarea></p>
<p><input type="submit" class="button" value="Continuar" /></p></form>"""
    return Html("Pago", content, _trail(visit, "Pago", "checkout_payment.php"))


def confirmation(visit: Visit) -> Reply:
    """Everything once more before it counts."""
    customer = _ready(visit, "checkout_shipping.php")
    if isinstance(customer, Redirect):
        return customer
    if visit.session.shipping is None or visit.session.payment is None:
        return Redirect("checkout_payment.php")
    rows = "".join(
        f"<tr><td>{quantity}&nbsp;x</td><td><b>{text(BY_ID[number].artist)}</b>, <i>{text(BY_ID[number].title)}</i></td>"
        f'<td align="right">{euros(BY_ID[number].pays_cents * quantity)}</td></tr>\n'
        for number, quantity in visit.session.cart.items()
    )
    cents = _shipping_cents(visit)
    content = f"""{_steps(3)}<h1>Confirmar el pedido</h1>
<table class="form" border="0" width="100%" cellspacing="0" cellpadding="3">
{rows}<tr><td colspan="2" align="right">Env&iacute;o:</td><td align="right">{euros(cents)}</td></tr>
<tr><td colspan="2" align="right"><b>Total:</b></td><td align="right"><b>{euros(cart_cents(visit) + cents)}</b></td></tr></table>
<p class="hint">Enviar a: {text(visit.session.shipping.address)}<br />Forma de pago: {text(visit.session.payment)}</p>
<form name="checkout_confirmation" action="{visit.href("checkout_process.php")}" method="post">
<p><input type="submit" class="button big" value="Confirmar pedido" /></p></form>"""
    return Html("Confirmaci\xf3n", content, _trail(visit, "Confirmaci\xf3n", "checkout_confirmation.php"))


def process(visit: Visit) -> Redirect:
    """Places the order (POST); the cart is empty afterwards."""
    customer = _ready(visit, "checkout_shipping.php")
    if isinstance(customer, Redirect):
        return customer
    session = visit.session
    if visit.method != "POST" or session.shipping is None or session.payment is None:
        return Redirect("checkout_confirmation.php")
    lines = tuple(
        OrderLine(record.id, record.title, record.artist, quantity, record.pays_cents)
        for record, quantity in ((BY_ID[number], quantity) for number, quantity in session.cart.items())
    )
    order = visit.ledger.place(
        customer,
        session.shipping.address,
        visit.now.isoformat(timespec="seconds"),
        lines,
        _shipping_cents(visit),
        session.payment,
        session.comments,
    )
    session.cart.clear()
    session.shipping = session.payment = None
    session.comments = ""
    session.last_order = order.number
    return Redirect("checkout_success.php")


def success(visit: Visit) -> Reply:
    """The order's number, lines and total; also when the page is loaded again."""
    order = visit.ledger.orders.get(visit.session.last_order or 0)
    if order is None or visit.customer is None:
        return Redirect("shopping_cart.php")
    content = f"""{_steps(4)}<h1>&iexcl;Gracias por su pedido!</h1>
<p class="nothing">Su pedido n&ordm; <b id="orderNumber">{order.number}</b> ya est&aacute; en nuestras manos. Hoy mismo elegimos la caja.</p>
{order_table(order)}
<p><a href="{visit.href("index.php")}" class="button">Seguir escuchando</a></p>"""
    return Html("Pedido realizado", content, _trail(visit, "Pedido realizado", "checkout_success.php"))


def _shipping_cents(visit: Visit) -> int:
    method = visit.session.shipping.method if visit.session.shipping else "correos"
    if method == "correos" and cart_cents(visit) >= FREE_SHIPPING_CENTS:
        return 0
    return _METHODS[method][1]


def _steps(current: int) -> str:
    names = ("Env&iacute;o", "Pago", "Confirmaci&oacute;n", "&iexcl;Listo!")
    cells = "".join(
        f'<td class="{"stepHere" if place == current else "step"}">{place}. {name}</td>'
        for place, name in enumerate(names, 1)
    )
    return f'<table class="steps" border="0" width="100%" cellspacing="2" cellpadding="4"><tr>{cells}</tr></table>\n'


def _trail(visit: Visit, name: str, page: str) -> tuple[tuple[str, str], ...]:
    return (("Realizar pedido", visit.href("checkout_shipping.php")), (name, visit.href(page)))
