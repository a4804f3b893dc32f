"""The frame around every page: doctype, head, header, columns, footer and the consent bar that a later law brought.

Invariant: the bytes are ISO-8859-1 with CRLF line ends; what the charset lacks is a numeric character reference.
"""

from demo.shop.boxes import cart_cents, cart_pieces, left_column, right_column
from demo.shop.markup import columns, euros, notice, text
from demo.shop.visit import Html, Visit

CHARSET = "iso-8859-1"

_SCRIPT = """<script type="text/javascript"><!--
var reproductor = null;
function popupWindow(url) {
  window.open(url, 'popupWindow', 'toolbar=no,location=no,resizable=yes,width=520,height=540,screenX=150,screenY=150');
}
function escuchar(enlace) {
  if (!window.Audio) return true;
  if (reproductor) { reproductor.pause(); if (reproductor.enlace) reproductor.enlace.className = 'listen'; }
  if (reproductor && reproductor.enlace == enlace) { reproductor = null; return false; }
  reproductor = new Audio(enlace.href); reproductor.enlace = enlace; enlace.className = 'listen playing';
  reproductor.onended = function() { enlace.className = 'listen'; reproductor = null; };
  reproductor.play();
  return false;
}
function cookiePolicy(prefs) {
  document.cookie = 'cookie_policy=prefs=' + prefs + '; path=/; max-age=31536000';
  document.getElementById('cookieBar').style.display = 'none';
  return false;
}
//--></script>"""

_TABS = (
    ("index.php", "Inicio"),
    ("products_new.php", "Novedades"),
    ("specials.php", "Ofertas"),
    ("shipping.php", "Env&iacute;os"),
    ("about.php", "La tienda"),
    ("contact_us.php", "Contacto"),
)


def render(visit: Visit, page: Html, started_ms: float = 0.0) -> bytes:
    """The whole page as bytes. Takes the session's notices with it; `started_ms` is what the last comment says."""
    notices = "".join(notice(message) for message in visit.session.notices)
    visit.session.notices.clear()
    html = "\n".join(
        (
            _head(visit, page),
            '<body marginwidth="0" marginheight="0" topmargin="0" leftmargin="0">',
            f"<!-- {visit.now:%d/%m/%Y %H:%M:%S}.{visit.now.microsecond:06d} nodo gramola1 -->",
            _header(visit),
            _trail(visit, page),
            '<table class="columns" border="0" width="980" align="center" cellspacing="0" cellpadding="0">',
            f"{columns(176, 624, 178)}\n<tr>",
            f'<td class="columnLeft" width="162" valign="top">\n{left_column(visit)}</td>',
            f'<td class="content" width="596" valign="top">\n{notices}{page.content}\n</td>',
            f'<td class="columnRight" width="164" valign="top">\n{right_column(visit)}</td>',
            "</tr>\n</table>",
            _footer(visit),
            _cookie_bar(visit),
            f"<!-- p\xe1gina generada en {started_ms:.3f} ms -->\n</body>\n</html>\n",
        )
    )
    return encode(html)


def encode(html: str) -> bytes:
    """HTML as the shop sends it."""
    return html.replace("\n", "\r\n").encode(CHARSET, "xmlcharrefreplace")


def _head(visit: Visit, page: Html) -> str:
    return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" dir="ltr" lang="es" xml:lang="es">
<head>
<meta http-equiv="Content-Type" content="text/html; charset={CHARSET}" />
<title>{text(page.title)} - La Gramola, discos de vinilo</title>
<base href="{text(visit.site)}" />
<meta name="description" content="La Gramola: vinilos de hip hop, flamenco, jazz, rock, electr\xf3nica, bolero y salsa." />
<link rel="stylesheet" type="text/css" href="stylesheet.css" />
<link rel="shortcut icon" href="favicon.ico" />
{_SCRIPT}
</head>"""


def _header(visit: Visit) -> str:
    tabs = "\n".join(
        f'<li class="{"here" if page == visit.page else "tab"}"><a href="{visit.link(page)}">{name}</a>'
        for page, name in _TABS
    )
    if visit.customer is None:
        account = f'<a href="{visit.link("login.php")}">Mi cuenta</a> | <a href="{visit.link("create_account.php")}">Reg&iacute;strese</a>'
    else:
        account = (
            f'<a href="{visit.link("account.php")}">Mi cuenta</a> | <a href="{visit.link("logoff.php")}">Salir</a>'
        )
    pieces = cart_pieces(visit)
    inside = (
        f"{pieces} {'disco' if pieces == 1 else 'discos'}, {euros(cart_cents(visit))}" if pieces else "vac&iacute;a"
    )
    return f"""<table class="header" border="0" width="980" align="center" cellspacing="0" cellpadding="0">{columns(538, 440)}
<tr>
<td class="headerLogo"><a href="{visit.link("index.php")}"><img src="images/logo.svg" width="470" height="132" border="0" alt="La Gramola" /></a></td>
<td class="headerNote" align="right" valign="top"><font size="2" face="Georgia, serif" color="#e9c98a"><i>Discos de vinilo escogidos a mano desde 1987</i></font><br />
<img src="images/pixel_trans.gif" width="1" height="6" alt="" /><br />Tel. 910 555 078 &middot; L a S de 10 a 14 y de 17 a 20:30 h</td>
</tr>
<tr>
<td colspan="2" class="headerTabs"><ul class="tabs">
{tabs}
</ul></td>
</tr>
<tr class="headerBar">
<td class="headerWelcome" id="welcome">Bienvenido a La Gramola</td>
<td class="headerAccount" align="right">{account} | <a href="{visit.link("shopping_cart.php")}">Cesta</a> ({inside}) | <a href="{visit.link("checkout_shipping.php")}">Realizar pedido</a></td>
</tr>
</table>"""


def _trail(visit: Visit, page: Html) -> str:
    steps = "".join(f' &raquo; <a href="{address}">{text(name)}</a>' for name, address in page.trail)
    return (
        '<table class="trail" border="0" width="980" align="center" cellspacing="0" cellpadding="0"><tr><td>'
        f'<div class="breadcrumb"><a href="{visit.href("index.php")}">Inicio</a>{steps}</div></td></tr></table>'
    )


def _footer(visit: Visit) -> str:
    return f"""<table class="footer" border="0" width="980" align="center" cellspacing="0" cellpadding="0">
<tr><td align="center"><a href="{visit.href("shipping.php")}">Env&iacute;os y devoluciones</a> | <a href="{visit.href("privacy.php")}">Confidencialidad</a> | <a href="{visit.href("conditions.php")}">Condiciones</a> | <a href="{visit.href("contact_us.php")}">Contacto</a><br />
<img src="images/pixel_trans.gif" width="1" height="8" alt="" /><br />
<font size="1">La Gramola, S. L. &middot; Calle de los Discos, 33 &middot; 28012 Madrid &middot; Precios con IVA incluido<br />&copy; 2003-2008 La Gramola. P&aacute;gina optimizada para 1024 x 768.</font></td></tr>
</table>"""


def _cookie_bar(visit: Visit) -> str:
    if visit.consent is not None:
        return ""
    return f"""<div id="cookieBar"><form action="{visit.href("cookie_policy.php", action="process")}" method="post">
<span>Usamos cookies propias para que la tienda funcione y, si usted quiere, para recordar sus gustos. <a href="{visit.href("privacy.php")}">M&aacute;s informaci&oacute;n</a></span>
<button type="submit" name="prefs" value="1" class="button" onclick="return cookiePolicy(1);">Aceptar</button>
<button type="submit" name="prefs" value="0" class="button plain" onclick="return cookiePolicy(0);">Rechazar</button>
</form></div>"""
