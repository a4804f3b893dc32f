"""The shopkeeper's area under /admin/: a login of its own and the list of orders. Its session is not the customer's."""

from demo.shop.accounts import MANAGER
from demo.shop.markup import euros, notice, text
from demo.shop.visit import Document, Redirect, Reply, Visit

ADMIN_COOKIE = "osCAdminID"


def admin_login(visit: Visit) -> Reply:
    """The manager's login: 302 to the orders when right, the form with 200 when wrong."""
    if visit.is_process:
        right = (visit.form.get("username"), visit.form.get("password")) == (MANAGER.username, MANAGER.password)
        if right:
            visit.sessions.rotate(visit.session)
            visit.session.manager = True
            return Redirect("admin/orders.php")
        return _login_form(visit, notice("Usuario o contrase\xf1a incorrectos.", "Error"))
    return Redirect("admin/orders.php") if visit.session.manager else _login_form(visit, "")


def admin_logoff(visit: Visit) -> Redirect:
    """Closes the manager's session."""
    visit.session = visit.sessions.end(visit.session)
    return Redirect("admin/login.php")


def admin_orders(visit: Visit) -> Reply:
    """All orders, newest first."""
    if not visit.session.manager:
        return Redirect("admin/login.php")
    rows = "\n".join(
        f"<tr><td>{order.number}</td><td>{text(order.name)}</td><td>{text(order.placed)}</td>"
        f'<td>{sum(line.quantity for line in order.lines)}</td><td align="right">{euros(order.total_cents)}</td>'
        f"<td>{text(order.payment)}</td></tr>"
        for order in reversed(visit.ledger.orders.values())
    )
    return _document(
        "Pedidos",
        f"""<p>Hola, {text(MANAGER.username)} | <a href="admin/logoff.php">Salir</a></p>
<h1>Pedidos</h1>
<table class="orders" border="1" cellspacing="0" cellpadding="4">
<tr><th>N&ordm;</th><th>Cliente</th><th>Fecha</th><th>Discos</th><th>Total</th><th>Pago</th></tr>
{rows}
</table>
<p>{len(visit.ledger.orders)} pedidos, {len(visit.ledger.customers)} clientes, {len(visit.ledger.subscribers)} suscriptores.</p>""",
        visit.site,
    )


def _login_form(visit: Visit, error: str) -> Document:
    return _document(
        "Administraci&oacute;n",
        f"""<h1>La Gramola: administraci&oacute;n</h1>
{error}<form name="login" action="admin/login.php?action=process" method="post">
<table border="0" cellspacing="0" cellpadding="4">
<tr><td>Usuario</td><td><input type="text" name="username" /></td></tr>
<tr><td>Contrase&ntilde;a</td><td><input type="password" name="password" /></td></tr>
<tr><td></td><td><input type="submit" value="Entrar" /></td></tr></table></form>""",
        visit.site,
    )


def _document(title: str, body: str, site: str) -> Document:
    return Document(
        f"""<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">
<html lang="es"><head><meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">
<title>{title}</title><base href="{text(site)}">
<link rel="stylesheet" type="text/css" href="stylesheet.css"></head>
<body class="admin">
{body}
</body></html>
"""
    )
