"""The cart: what is in it, changed quantities, removed records."""

from demo.shop.boxes import cart_cents, cover
from demo.shop.catalogue import BY_ID
from demo.shop.forms import whole
from demo.shop.markup import columns, euros, hidden, text
from demo.shop.pages.product import MOST_PIECES
from demo.shop.visit import Html, Redirect, Reply, Visit

FREE_SHIPPING_CENTS = 4000


def shopping_cart(visit: Visit) -> Reply:
    """GET: the cart; POST with `action=update_product`: new quantities, then 302 back to it."""
    if visit.method == "POST" and visit.query.get("action") == "update_product":
        _update(visit)
        return Redirect("shopping_cart.php")
    return _show(visit)


def _update(visit: Visit) -> None:
    if not visit.has_token():
        visit.session.notices.append("Su sesi\xf3n ha caducado. Por favor, int\xe9ntelo de nuevo.")
        return
    cart = visit.session.cart
    removed = {whole(number) for number in visit.form.every("cart_delete[]")}
    pairs = zip(visit.form.every("products_id[]"), visit.form.every("cart_quantity[]"), strict=False)
    for number, quantity in ((whole(one), whole(other)) for one, other in pairs):
        if number is None or quantity is None or number not in cart:
            continue
        if quantity == 0 or number in removed:
            del cart[number]
        else:
            cart[number] = min(quantity, MOST_PIECES)


def _show(visit: Visit) -> Html:
    trail = (("Cesta", visit.href("shopping_cart.php")),)
    cart = visit.session.cart
    if not cart:
        content = f"""<h1>Su cesta</h1>
<p class="nothing">Su cesta est&aacute; vac&iacute;a. El tocadiscos la mira con pena.</p>
<p><a href="{visit.href("index.php")}" class="button">Seguir mirando</a></p>"""
        return Html("Cesta", content, trail)
    rows = []
    for place, (number, quantity) in enumerate(cart.items()):
        record = BY_ID[number]
        address = visit.href("product_info.php", products_id=number)
        rows.append(
            f'<tr class="productListing-{"even" if place % 2 else "odd"}">'
            f'<td class="productListing-data" align="center"><input type="checkbox" name="cart_delete[]" value="{number}" /></td>'
            f'<td class="productListing-data" width="74"><a href="{address}">{cover(record, 64)}</a></td>'
            f'<td class="productListing-data"><a href="{address}"><b>{text(record.artist)}</b><br /><i>{text(record.title)}</i></a></td>'
            f'<td class="productListing-data"><input type="text" name="cart_quantity[]" value="{quantity}" size="3" />'
            f"{hidden('products_id[]', str(number))}</td>"
            f'<td class="productListing-data" align="right"><b>{euros(record.pays_cents * quantity)}</b></td></tr>\n'
        )
    cents = cart_cents(visit)
    missing_cents = FREE_SHIPPING_CENTS - cents
    shipping = (
        f"Le faltan {euros(missing_cents)} para que los portes sean gratis."
        if missing_cents > 0
        else "&iexcl;Portes gratis!"
    )
    content = f"""<h1>Su cesta</h1>
<form name="cart_quantity" action="{visit.href("shopping_cart.php", action="update_product")}" method="post">{visit.token_field()}
<table class="productListing" border="0" width="100%" cellspacing="0" cellpadding="4">{columns(75, 82, 242, 101, 94)}
<tr><td class="productListing-heading">Quitar</td><td class="productListing-heading" colspan="2">Disco</td><td class="productListing-heading">Cantidad</td><td class="productListing-heading" align="right">Importe</td></tr>
{"".join(rows)}</table>
<p class="subTotal" align="right">Subtotal: <b>{euros(cents)}</b><br /><small>{shipping}</small></p>
<p><input type="submit" class="button plain" value="Actualizar" /> <a href="{visit.href("index.php")}" class="button plain">Seguir mirando</a> <a href="{visit.href("checkout_shipping.php")}" class="button">Realizar pedido</a></p>
</form>"""
    return Html("Cesta", content, trail)
