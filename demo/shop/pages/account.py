"""Customers: sign in, register, sign out, and what they see of themselves."""

import dataclasses
import re

from demo.shop.ledger import Order
from demo.shop.markup import columns, euros, notice, row, text
from demo.shop.pages.missing import missing
from demo.shop.visit import Html, Redirect, Reply, Visit

_EMAIL = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\"]+\Z")


def is_email(address: str) -> bool:
    """Whether the text looks like an e-mail address of at most 96 characters."""
    return len(address) <= 96 and _EMAIL.match(address) is not None


def login(visit: Visit) -> Reply:
    """The form; a right password rotates the session and goes on with 302, a wrong one shows the form again with 200."""
    if not visit.is_process:
        return Redirect("account.php") if visit.customer else _login_form(visit, "")
    customer = visit.ledger.sign_in(visit.form.get("email_address"), visit.form.get("password"))
    if customer is None:
        error = "Error: no hay ninguna cuenta con esa direcci\xf3n de correo y esa contrase\xf1a."
        return _login_form(visit, notice(error, "Error"))
    return _enter(visit, customer.id, "index.php")


def _enter(visit: Visit, customer_id: int, page: str) -> Redirect:
    visit.sessions.rotate(visit.session)
    visit.session.customer_id = customer_id
    going, visit.session.return_to = visit.session.return_to or page, None
    return Redirect(going)


def _login_form(visit: Visit, error: str) -> Html:
    content = f"""<h1>Bienvenido, identif&iacute;quese</h1>
{error}<table border="0" width="100%" cellspacing="0" cellpadding="0"><tr>
<td class="loginBox" width="50%" valign="top"><h3>Nuevo cliente</h3>
<p>Con una cuenta en La Gramola podr&aacute; comprar m&aacute;s deprisa, ver sus pedidos y recibir el bolet&iacute;n.</p>
<p><a href="{visit.href("create_account.php")}" class="button">Crear cuenta</a></p></td>
<td class="loginBox" width="50%" valign="top"><h3>Ya soy cliente</h3>
<form name="login" action="{visit.href("login.php", action="process")}" method="post">
<table class="form" border="0" cellspacing="0" cellpadding="3">
{row("Correo", "email_address", visit.form.line("email_address"), size=22)}{row("Contrase&ntilde;a", "password", kind="password", size=22)}</table>
<p><a href="{visit.href("password_forgotten.php")}">&iquest;Ha olvidado su contrase&ntilde;a?</a></p>
<p><input type="submit" class="button" value="Entrar" /></p></form></td>
</tr></table>"""
    return Html("Entrar", content, (("Entrar", visit.href("login.php")),))


def password_forgotten(visit: Visit) -> Html:
    """Says the same for every address, known or not."""
    sent = (
        notice("Si la direcci\xf3n es correcta, recibir\xe1 un mensaje en unos minutos.", "Success")
        if visit.is_process
        else ""
    )
    content = f"""<h1>Contrase&ntilde;a olvidada</h1>
{sent}<form action="{visit.href("password_forgotten.php", action="process")}" method="post">
<table class="form" border="0" cellspacing="0" cellpadding="3">
{row("Correo", "email_address")}</table>
<p><input type="submit" class="button" value="Continuar" /></p></form>"""
    return Html("Contrase\xf1a olvidada", content, (("Entrar", visit.href("login.php")),))


def create_account(visit: Visit) -> Reply:
    """The register form; a good one signs in with a rotated session and goes on with 302."""
    if not visit.is_process:
        return _register_form(visit, [])
    form = visit.form
    errors = _register_errors(visit)
    if errors:
        return _register_form(visit, errors)
    customer = visit.ledger.register(
        form.line("firstname"),
        form.line("lastname"),
        form.line("email_address"),
        form.get("password"),
        newsletter=form.get("newsletter") == "1",
    )
    visit.session.return_to = None
    return _enter(visit, customer.id, "create_account_success.php")


def _register_errors(visit: Visit) -> list[str]:
    form = visit.form
    errors = []
    if not form.line("firstname"):
        errors.append("Escriba su nombre.")
    if not form.line("lastname"):
        errors.append("Escriba sus apellidos.")
    email = form.line("email_address")
    if not is_email(email):
        errors.append("Su direcci\xf3n de correo no parece v\xe1lida.")
    elif email.lower() in visit.ledger.by_email:
        errors.append("Su direcci\xf3n de correo ya figura entre nuestros clientes.")
    if len(form.get("password")) < 5:
        errors.append("Su contrase\xf1a debe tener al menos 5 caracteres.")
    elif form.get("password") != form.get("confirmation"):
        errors.append("La confirmaci\xf3n debe ser igual que la contrase\xf1a.")
    return errors


def _register_form(visit: Visit, errors: list[str]) -> Html:
    form = visit.form
    needed = "*"
    content = f"""<h1>Crear cuenta</h1>
{"".join(notice(error, "Error") for error in errors)}<form name="create_account" action="{visit.href("create_account.php", action="process")}" method="post">
<h3>Sus datos</h3>
<table class="form" border="0" cellspacing="0" cellpadding="3">
{row("Nombre", "firstname", form.line("firstname"), note=needed)}{row("Apellidos", "lastname", form.line("lastname"), note=needed)}{row("Correo", "email_address", form.line("email_address"), note=needed)}</table>
<h3>Su contrase&ntilde;a</h3>
<table class="form" border="0" cellspacing="0" cellpadding="3">
{row("Contrase&ntilde;a", "password", kind="password", note=needed)}{row("Confirmaci&oacute;n", "confirmation", kind="password", note=needed)}<tr><td class="fieldKey">Bolet&iacute;n</td><td><input type="checkbox" name="newsletter" value="1" /> Quiero recibir el bolet&iacute;n</td></tr>
</table>
<p><input type="submit" class="button" value="Crear cuenta" /></p></form>"""
    return Html("Crear cuenta", content, (("Crear cuenta", visit.href("create_account.php")),))


def create_account_success(visit: Visit) -> Reply:
    """After registering."""
    if visit.customer is None:
        return Redirect("login.php")
    content = f"""<h1>&iexcl;Su cuenta ha sido creada!</h1>
<p class="nothing">Enhorabuena: ya es de la casa. Le hemos guardado la cesta donde la dej&oacute;.</p>
<p><a href="{visit.href("index.php")}" class="button">Continuar</a></p>"""
    return Html("Cuenta creada", content, (("Cuenta creada", visit.href("create_account_success.php")),))


def logoff(visit: Visit) -> Html:
    """Ends the session; a new empty one takes its place."""
    visit.session = visit.sessions.end(visit.session)
    content = f"""<h1>Hasta pronto</h1>
<p class="nothing">Ha salido de su cuenta. Ya puede dejar el ordenador sin peligro; la aguja, en su soporte.</p>
<p><a href="{visit.href("index.php")}" class="button">Continuar</a></p>"""
    return Html("Salir", content, (("Salir", visit.href("logoff.php")),))


def account(visit: Visit) -> Reply:
    """The customer's own page with the orders."""
    customer = visit.customer
    if customer is None:
        return _first_sign_in(visit, "account.php")
    orders = visit.ledger.orders_of(customer.id)
    rows = "\n".join(
        f'<tr><td>N&ordm; {order.number}</td><td>{order.placed[:10]}</td><td align="right">{euros(order.total_cents)}</td>'
        f'<td><a href="{visit.href("account_history_info.php", order_id=order.number)}">Ver</a></td></tr>'
        for order in orders
    )
    history = (
        f'<table class="form" border="0" width="100%" cellspacing="0" cellpadding="3">\n{rows}\n</table>'
        if orders
        else '<p class="hint">Todav&iacute;a no ha hecho ning&uacute;n pedido.</p>'
    )
    content = f"""<h1>Mi cuenta</h1>
<h3>Mis datos</h3>
<ul class="plain"><li><a href="{visit.href("account_edit.php")}">Ver o cambiar mis datos</a>
<li><a href="{visit.href("logoff.php")}">Salir</a></ul>
<h3>Mis pedidos</h3>
{history}"""
    return Html("Mi cuenta", content, (("Mi cuenta", visit.href("account.php")),))


def account_edit(visit: Visit) -> Reply:
    """The customer's data, to see and to change."""
    customer = visit.customer
    if customer is None:
        return _first_sign_in(visit, "account_edit.php")
    error = ""
    if visit.is_process:
        email = visit.form.line("email_address").lower()
        owner = visit.ledger.by_email.get(email)
        names = visit.form.line("firstname"), visit.form.line("lastname")
        if is_email(email) and owner in (None, customer.id) and all(names):
            visit.ledger.keep(dataclasses.replace(customer, firstname=names[0], lastname=names[1], email_address=email))
            visit.session.notices.append("Sus datos se han actualizado.")
            return Redirect("account.php")
        error = notice("Revise sus datos, por favor.", "Error")
    content = f"""<h1>Mis datos</h1>
{error}<form name="account_edit" action="{visit.href("account_edit.php", action="process")}" method="post">
<table class="form" border="0" cellspacing="0" cellpadding="3">
{row("Nombre", "firstname", customer.firstname)}{row("Apellidos", "lastname", customer.lastname)}{row("Correo", "email_address", customer.email_address)}</table>
<p><input type="submit" class="button" value="Guardar" /></p></form>"""
    trail = (("Mi cuenta", visit.href("account.php")), ("Mis datos", visit.href("account_edit.php")))
    return Html("Mis datos", content, trail)


def account_history_info(visit: Visit) -> Reply:
    """One of the customer's own orders."""
    customer = visit.customer
    if customer is None:
        return _first_sign_in(visit, "account.php")
    order = visit.ledger.orders.get(visit.query.number("order_id") or 0)
    if order is None or order.customer_id != customer.id:
        return missing(visit)
    content = f"<h1>Pedido n&ordm; {order.number}</h1>\n{order_table(order)}"
    trail = (
        ("Mi cuenta", visit.href("account.php")),
        (f"Pedido {order.number}", visit.href("account_history_info.php", order_id=order.number)),
    )
    return Html(f"Pedido {order.number}", content, trail)


def order_table(order: Order) -> str:
    """An order's lines and totals."""
    rows = "".join(
        f'<tr class="productListing-{"even" if place % 2 else "odd"}"><td class="productListing-data">'
        f"{line.quantity}&nbsp;x</td>"
        f'<td class="productListing-data"><b>{text(line.artist)}</b>, <i>{text(line.title)}</i></td>'
        f'<td class="productListing-data" align="right">{euros(line.quantity * line.price_cents)}</td></tr>\n'
        for place, line in enumerate(order.lines)
    )
    return f"""<table class="productListing" border="0" width="100%" cellspacing="0" cellpadding="4">{columns(60, 440, 94)}
{rows}<tr><td colspan="2" align="right">Env&iacute;o:</td><td align="right">{euros(order.shipping_cents)}</td></tr>
<tr><td colspan="2" align="right"><b>Total:</b></td><td align="right"><b class="orderTotal">{euros(order.total_cents)}</b></td></tr>
</table>
<p class="hint">Enviar a: {text(order.name)}, {text(order.address)}<br />Forma de pago: {text(order.payment)}</p>"""


def _first_sign_in(visit: Visit, page: str) -> Redirect:
    visit.session.return_to = page
    return Redirect("login.php")
