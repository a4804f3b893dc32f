"""The boxes of the side columns and the record cells, which several pages show.

Menus leave their `<li>` open, as the time did.
"""

from demo.shop.catalogue import BESTSELLERS, BY_ID, GENRES, NOVELTIES, RECORD_OF_THE_MONTH, RECORDS
from demo.shop.markup import euros, price, text
from demo.shop.record import Record
from demo.shop.visit import Visit

_COUNTS = {genre.id: sum(1 for record in RECORDS if record.genre == genre) for genre in GENRES}


def box(heading: str, body: str, name: str) -> str:
    """A side box: a table of two rows."""
    return (
        f'<table class="infoBox box{name}" width="100%" border="0" cellspacing="0" cellpadding="0">\n'
        f'<tr><td class="infoBoxHeading">{heading}</td></tr>\n'
        f'<tr><td class="infoBoxContents">{body}</td></tr>\n</table>\n'
    )


def left_column(visit: Visit) -> str:
    """Categories, search, novelties, information."""
    return categories(visit) + search(visit) + novelty(visit) + information(visit)


def right_column(visit: Visit) -> str:
    """Cart, bestsellers, record of the month, newsletter."""
    return cart(visit) + bestsellers(visit) + record_of_the_month(visit) + newsletter(visit)


def categories(visit: Visit) -> str:
    """The menu of genres, with how many records each has."""
    items = "\n".join(
        f'<li class="c{genre.id}"><a href="{visit.link("index.php", cPath=genre.id)}">{text(genre.name)}</a>'
        f' <span class="count">({_COUNTS[genre.id]})</span>'
        for genre in GENRES
    )
    more = (
        f'<li class="more"><a href="{visit.link("products_new.php")}">Novedades&nbsp;&raquo;</a>\n'
        f'<li class="more"><a href="{visit.link("specials.php")}">Ofertas&nbsp;&raquo;</a>'
    )
    return box("Categor&iacute;as", f'<ul class="menu">\n{items}\n{more}\n</ul>', "Categories")


def search(visit: Visit) -> str:
    """The quick search, a GET form."""
    return box(
        "Buscar",
        f'<form name="quick_find" action="{visit.site}advanced_search_result.php" method="get">{visit.sid_field()}'
        '<input type="text" name="keywords" size="12" maxlength="40" class="quickFind" /> '
        '<input type="submit" class="button small" value="Buscar" />'
        '<p class="hint">Artista, t&iacute;tulo, canci&oacute;n&hellip;<br />'
        f'<a href="{visit.href("advanced_search.php")}">B&uacute;squeda avanzada</a></p></form>',
        "Search",
    )


def novelty(visit: Visit) -> str:
    """The newest record, with its cover."""
    return box(f'<a href="{visit.href("products_new.php")}">Novedades</a>', _showcase(visit, NOVELTIES[0]), "WhatsNew")


def information(visit: Visit) -> str:
    """The menu of the shop's own pages."""
    pages = (
        ("shipping.php", "Env&iacute;os y devoluciones"),
        ("privacy.php", "Confidencialidad"),
        ("conditions.php", "Condiciones de uso"),
        ("about.php", "Qui&eacute;nes somos"),
        ("contact_us.php", "Cont&aacute;ctenos"),
    )
    items = "\n".join(f'<li><a href="{visit.link(page)}">{name}</a>' for page, name in pages)
    return box("Informaci&oacute;n", f'<ul class="menu">\n{items}\n</ul>', "Information")


def cart(visit: Visit) -> str:
    """What is in the cart."""
    heading = f'<a href="{visit.href("shopping_cart.php")}">Cesta</a>'
    if not visit.session.cart:
        return box(heading, '<p class="empty">0 discos</p>', "Cart")
    lines = "\n".join(
        f'<li>{quantity}&nbsp;x <a href="{visit.href("product_info.php", products_id=number)}">'
        f"{text(BY_ID[number].title)}</a>"
        for number, quantity in visit.session.cart.items()
    )
    total = euros(cart_cents(visit))
    return box(heading, f'<ul class="cart">\n{lines}\n</ul><div class="cartTotal">{total}</div>', "Cart")


def cart_cents(visit: Visit) -> int:
    """The cart's value in cents, without shipping."""
    return sum(BY_ID[number].pays_cents * quantity for number, quantity in visit.session.cart.items())


def cart_pieces(visit: Visit) -> int:
    """How many records are in the cart."""
    return sum(visit.session.cart.values())


def bestsellers(visit: Visit) -> str:
    """The numbered ranking."""
    items = "\n".join(
        f'<li><a href="{visit.href("product_info.php", products_id=record.id)}">{text(record.title)}</a>'
        f"<br /><small>{text(record.artist)}</small>"
        for record in BESTSELLERS
    )
    return box("Los m&aacute;s vendidos", f'<ol class="bestsellers">\n{items}\n</ol>', "BestSellers")


def record_of_the_month(visit: Visit) -> str:
    """The shopkeeper's own choice."""
    return box("El disco del mes", _showcase(visit, RECORD_OF_THE_MONTH), "RecordOfTheMonth")


def newsletter(visit: Visit) -> str:
    """The newsletter form."""
    return box(
        "Bolet&iacute;n",
        f'<form name="newsletter" action="{visit.href("newsletter.php", action="process")}" method="post">'
        '<p class="hint">Novedades y rarezas, una vez al mes:</p>'
        '<input type="text" name="email_address" size="15" class="quickFind" /> '
        '<input type="submit" class="button small" value="Apuntarme" /></form>',
        "Newsletter",
    )


def _showcase(visit: Visit, record: Record) -> str:
    address = visit.href("product_info.php", products_id=record.id)
    return (
        f'<div class="showcase"><a href="{address}">{cover(record, 116)}</a><br />'
        f'<a href="{address}"><b>{text(record.artist)}</b><br /><i>{text(record.title)}</i></a><br />'
        f"{price(record)}</div>"
    )


def cover(record: Record, side: int) -> str:
    """The cover's `<img>`, square, `side` pixels wide."""
    return (
        f'<img src="images/covers/{record.id}.svg" width="{side}" height="{side}" border="0"'
        f' alt="{text(record.artist)} - {text(record.title)}" class="cover" />'
    )


def add_form(visit: Visit, record: Record) -> str:
    """The add-to-cart form with its token; a sold-out record has none."""
    if record.is_sold_out:
        return '<span class="soldOut">Agotado</span>'
    action = visit.href("product_info.php", products_id=record.id, action="add_product")
    return (
        f'<form action="{action}" method="post">{visit.token_field()}'
        f'<input type="hidden" name="products_id" value="{record.id}" />'
        '<input type="submit" class="button add" value="A&ntilde;adir" /></form>'
    )


def cells(visit: Visit, records: tuple[Record, ...]) -> str:
    """Records as sibling blocks; `first`, `last`, `odd` and `even` belong to the place, not to the record."""
    out = []
    for place, record in enumerate(records):
        classes = "record"
        if place == 0:
            classes += " first"
        if place == len(records) - 1:
            classes += " last"
        classes += " even" if place % 2 else " odd"
        address = visit.href("product_info.php", products_id=record.id)
        out.append(
            f'<div class="{classes}">\n'
            f'<a href="{address}" class="sleeve">{cover(record, 132)}</a>\n'
            f'<a href="{address}" class="name"><b>{text(record.artist)}</b><br /><i>{text(record.title)}</i></a>\n'
            f'<div class="about">{text(record.genre.name)} &middot; {record.year}</div>\n'
            f'<div class="buy">{price(record)} {add_form(visit, record)}</div>\n'
            "</div>\n"
        )
    return "".join(out)
