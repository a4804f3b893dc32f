"""A record's page, and putting a record into the cart."""

from demo.shop.boxes import cells
from demo.shop.catalogue import BY_ID, also_bought
from demo.shop.markup import clock, columns, price, text
from demo.shop.pages.missing import missing
from demo.shop.record import Record
from demo.shop.visit import Html, Redirect, Reply, Visit

MOST_PIECES = 20


def product(visit: Visit) -> Reply:
    """GET: the record; POST with `action=add_product`: into the cart, then 302 to it."""
    record = BY_ID.get(visit.query.number("products_id") or 0)
    if record is None:
        return missing(visit)
    if visit.method == "POST" and visit.query.get("action") == "add_product":
        return _add(visit, record)
    return _show(visit, record)


def _add(visit: Visit, record: Record) -> Redirect:
    back = Redirect("product_info.php", (("products_id", str(record.id)),))
    if not visit.has_token():
        visit.session.notices.append("Su sesi\xf3n ha caducado. Por favor, vuelva a a\xf1adir el disco.")
        return back
    if record.is_sold_out:
        visit.session.notices.append("Este disco est\xe1 agotado.")
        return back
    cart = visit.session.cart
    quantity = visit.form.number("cart_quantity") or 1
    cart[record.id] = min(cart.get(record.id, 0) + quantity, MOST_PIECES)
    return Redirect("shopping_cart.php")


def _show(visit: Visit, record: Record) -> Html:
    action = visit.href("product_info.php", products_id=record.id, action="add_product")
    if record.is_sold_out:
        buy = '<p class="soldOut big">Agotado</p><p class="hint">Escr&iacute;banos y le avisamos si vuelve.</p>'
    else:
        last = f'<p class="hint">&iexcl;Solo quedan {record.stock}!</p>' if record.stock < 4 else ""
        buy = (
            f'<form name="cart_quantity" action="{action}" method="post">{visit.token_field()}'
            f'<input type="hidden" name="products_id" value="{record.id}" />'
            '<label>Cantidad <input type="text" name="cart_quantity" value="1" size="2" maxlength="2" /></label> '
            f'<input type="submit" class="button big" value="A&ntilde;adir a la cesta" /></form>{last}'
        )
    rows = "\n".join(
        f'<tr class="{"trackEven" if place % 2 == 0 else "trackOdd"}"><td align="right" width="28">{place}.</td>'
        f'<td>{text(track.title)}</td><td align="right">{clock(track.seconds)}</td></tr>'
        for place, track in enumerate(record.tracks, 1)
    )
    genre = visit.href("index.php", cPath=record.genre.id)
    content = f"""<table class="product" border="0" width="100%" cellspacing="0" cellpadding="0">{columns(320, 276)}<tr>
<td class="productCover" width="320" valign="top"><div class="bigSleeve"><a href="images/covers/{record.id}.svg" target="_blank" onclick="popupWindow(this.href); return false;"><img src="images/covers/{record.id}.svg" width="260" height="260" border="0" class="cover" alt="{text(record.artist)} - {text(record.title)}" /></a></div></td>
<td class="productData" valign="top"><h1 class="productName">{text(record.title)}</h1>
<h3 class="productArtist">{text(record.artist)}</h3>
<div class="productPriceBig">{price(record)}</div>
{buy}
<table class="facts" border="0" width="276" cellspacing="0" cellpadding="2">{columns(90, 186)}
<tr><td>G&eacute;nero</td><td><a href="{genre}">{text(record.genre.name)}</a></td></tr>
<tr><td>Sello</td><td>{text(record.label)}</td></tr>
<tr><td>A&ntilde;o</td><td>{record.year}</td></tr>
<tr><td>Formato</td><td>{text(record.format)}</td></tr>
<tr><td>Referencia</td><td>LG-{record.id:04d}</td></tr>
</table>
<a href="clips/{record.id}.wav" class="listen" onclick="return escuchar(this);">Escuchar un fragmento</a>
</td></tr></table>
<p class="blurb">{text(record.blurb)}</p>
<h2 class="ribbon">Canciones</h2>
<table class="tracks" border="0" width="100%" cellspacing="0" cellpadding="3">{columns(34, 502, 60)}
{rows}
</table>
<h2 class="ribbon">Los clientes que compraron esto tambi&eacute;n compraron</h2>
<div id="alsoPurchased">
{cells(visit, also_bought(record))}</div>
<br clear="all" />"""
    trail = (
        (record.genre.name, genre),
        (record.title, visit.href("product_info.php", cPath=record.genre.id, products_id=record.id)),
    )
    return Html(f"{record.artist}: {record.title}", content, trail)
