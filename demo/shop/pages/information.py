"""The shop's own pages: shipping, privacy, conditions, who we are, contact, newsletter, and the consent form without scripts."""

from demo.shop.markup import notice, row
from demo.shop.pages.account import is_email
from demo.shop.visit import Html, Redirect, Reply, Visit

_SHIPPING = """<p>Enviamos a toda la pen&iacute;nsula y Baleares con <b>Correos</b> (3,95 &euro;, de 3 a 5 d&iacute;as) o con <b>mensajero</b> (6,90 &euro;, al d&iacute;a siguiente). Desde 40 &euro; los portes por Correos corren de nuestra cuenta.</p>
<p>Cada disco viaja con doble cart&oacute;n, funda nueva y la galleta separada de la cubierta, como manda el coraz&oacute;n.</p>
<h3>Devoluciones</h3>
<p>Si el disco salta, cruje m&aacute;s de lo debido o simplemente no era lo que esperaba, tiene quince d&iacute;as para devolverlo.</p>"""

_PRIVACY = """<p>Guardamos su nombre, su direcci&oacute;n y sus pedidos para poder envi&aacute;rselos, y nada m&aacute;s. No vendemos ni prestamos su direcci&oacute;n de correo: los discos, s&iacute;.</p>
<h3>Cookies</h3>
<p>La cookie <tt>osCsid</tt> recuerda su cesta mientras dura la visita. La cookie <tt>cookie_policy</tt> recuerda lo que nos ha contestado abajo.</p>"""

_CONDITIONS = """<p>Los precios incluyen IVA. Las unidades son pocas: si dos personas piden a la vez el &uacute;ltimo ejemplar, se lo queda quien confirm&oacute; primero y al otro le regalamos los portes del siguiente.</p>
<p>Los artistas, sellos y canciones de esta tienda son inventados; la ilusi&oacute;n por abrir un paquete cuadrado, no.</p>"""

_ABOUT = """<p>La Gramola abri&oacute; en 1987 en un local de treinta metros con goteras y una gramola estropeada que dio nombre a todo. Hoy ya no hay goteras; la gramola sigue sin funcionar y sigue en el escaparate.</p>
<p>Detr&aacute;s del mostrador est&aacute;n <b>Remedios</b> (flamenco, bolero y caja), <b>Nicol&aacute;s</b> (jazz y paquetes) y <b>Toni</b> (hip hop, electr&oacute;nica y esta p&aacute;gina web).</p>"""


def shipping_info(visit: Visit) -> Html:
    """Shipping and returns."""
    return _page(visit, "Env\xedos y devoluciones", _SHIPPING)


def privacy(visit: Visit) -> Html:
    """Privacy."""
    return _page(visit, "Confidencialidad", _PRIVACY)


def conditions(visit: Visit) -> Html:
    """Conditions of use."""
    return _page(visit, "Condiciones de uso", _CONDITIONS)


def about(visit: Visit) -> Html:
    """Who runs the shop."""
    return _page(visit, "Qui\xe9nes somos", _ABOUT)


def contact(visit: Visit) -> Reply:
    """A contact form; nothing is sent anywhere, it answers as if."""
    if visit.method == "POST" and visit.query.get("action") == "send":
        return Redirect("contact_us.php", (("action", "success"),))
    if visit.query.get("action") == "success":
        thanks = '<p class="nothing">Su mensaje ha llegado al mostrador. Le contestaremos entre disco y disco.</p>'
        return _page(visit, "Cont\xe1ctenos", thanks)
    form = f"""<form name="contact_us" action="{visit.href("contact_us.php", action="send")}" method="post">
<table class="form" border="0" cellspacing="0" cellpadding="3">
{row("Nombre", "name")}{row("Correo", "email")}<tr><td class="fieldKey">Mensaje</td><td><textarea name="enquiry" cols="44" rows="8"></textarea></td></tr></table>
<p><input type="submit" class="button" value="Enviar" /></p></form>"""
    return _page(visit, "Cont\xe1ctenos", form)


def newsletter(visit: Visit) -> Reply:
    """The newsletter: 302 to a thank-you on success, the form again with 200 else."""
    error = ""
    if visit.is_process:
        address = visit.form.line("email_address")
        if is_email(address):
            visit.ledger.subscribe(address)
            return Redirect("newsletter.php", (("action", "success"),))
        error = notice("Esa direcci\xf3n de correo no parece v\xe1lida.", "Error")
    if visit.query.get("action") == "success":
        return _page(
            visit, "Bolet\xedn", '<p class="nothing">&iexcl;Apuntado! El primer domingo de mes, en su buz&oacute;n.</p>'
        )
    form = f"""{error}<form action="{visit.href("newsletter.php", action="process")}" method="post">
<table class="form" border="0" cellspacing="0" cellpadding="3">
{row("Correo", "email_address")}</table><p><input type="submit" class="button" value="Apuntarme" /></p></form>"""
    return _page(visit, "Bolet\xedn", form)


def cookie_policy(visit: Visit) -> Reply:
    """The consent bar's form without scripts: sets the cookie and goes home."""
    prefs = visit.form.get("prefs")
    if visit.is_process and prefs in ("0", "1"):
        return Redirect("index.php", set_cookies=(f"cookie_policy=prefs={prefs}; path=/; max-age=31536000",))
    return Redirect("privacy.php")


def _page(visit: Visit, name: str, body: str) -> Html:
    return Html(name, f'<h1>{name}</h1>\n<div class="prose">{body}</div>', ((name, visit.href(visit.page)),))
