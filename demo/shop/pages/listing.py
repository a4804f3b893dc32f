"""Lists of records with sorting and paging: a category, the novelties, the specials, a search."""

from demo.shop.boxes import add_form, cover
from demo.shop.catalogue import GENRE_BY_ID, NEWEST, SPECIALS, of_genre, search, sort
from demo.shop.markup import columns, price, text
from demo.shop.pages.missing import missing
from demo.shop.record import Record
from demo.shop.visit import Html, Visit

PAGE_SIZE = 10
_COLUMNS = ((1, "Artista"), (2, "T&iacute;tulo"), (3, "A&ntilde;o"), (4, "Precio"))


def category(visit: Visit) -> Html:
    """A genre's records; the last number of `cPath` counts (`0_1` is genre 1)."""
    path = visit.query.get("cPath").rpartition("_")[2]
    genre = GENRE_BY_ID.get(int(path)) if path.isascii() and path.isdigit() and len(path) < 6 else None
    if genre is None:
        return missing(visit)
    heading = (
        f'<div class="categoryHead"><img src="images/genres/{genre.slug}.svg" width="72" height="72" alt="" />'
        f"<h1>{text(genre.name)}</h1><p>{text(genre.motto)}</p></div>\n"
    )
    trail = ((genre.name, visit.href("index.php", cPath=genre.id)),)
    return Html(genre.name, heading + _listing(visit, "index.php", {"cPath": str(genre.id)}, of_genre(genre)), trail)


def products_new(visit: Visit) -> Html:
    """All records, newest first."""
    return _plain(visit, "Novedades", "products_new.php", {}, NEWEST)


def specials(visit: Visit) -> Html:
    """The reduced records."""
    return _plain(visit, "Ofertas", "specials.php", {}, SPECIALS)


def search_form(visit: Visit) -> Html:
    """The advanced search."""
    form = f"""<h1>B&uacute;squeda avanzada</h1>
<form name="advanced_search" action="{text(visit.site)}advanced_search_result.php" method="get">{visit.sid_field()}
<table class="form" border="0" cellspacing="0" cellpadding="4">
<tr><td class="fieldKey">Palabras</td><td><input type="text" name="keywords" size="34" /></td></tr>
<tr><td></td><td><input type="submit" class="button" value="Buscar" /></td></tr>
</table></form>"""
    return Html("B\xfasqueda avanzada", form, (("B\xfasqueda avanzada", visit.href("advanced_search.php")),))


def search_result(visit: Visit) -> Html:
    """What a search finds; no words lead back to the form."""
    keywords = " ".join(visit.query.get("keywords").split())[:80]
    if not keywords:
        page = search_form(visit)
        return Html(
            page.title,
            '<div class="messageStack messageStackError">Escriba al menos una palabra.</div>' + page.content,
            page.trail,
        )
    found = search(keywords)
    trail = (
        ("B\xfasqueda avanzada", visit.href("advanced_search.php")),
        ("Resultados", visit.href("advanced_search_result.php", keywords=keywords)),
    )
    head = f"<h1>Resultados para &laquo;{text(keywords)}&raquo;</h1>\n"
    if not found:
        return Html(
            "Resultados", head + '<p class="nothing">No hay discos que coincidan con su b&uacute;squeda.</p>', trail
        )
    return Html(
        "Resultados", head + _listing(visit, "advanced_search_result.php", {"keywords": keywords}, found), trail
    )


def _plain(visit: Visit, name: str, page: str, parameters: dict[str, str], records: tuple[Record, ...]) -> Html:
    return Html(name, f"<h1>{name}</h1>\n" + _listing(visit, page, parameters, records), ((name, visit.href(page)),))


def _listing(visit: Visit, page: str, parameters: dict[str, str], records: tuple[Record, ...]) -> str:
    order = visit.query.get("sort")
    ordered = sort(records, order)
    pages = -(-len(ordered) // PAGE_SIZE)
    current = min(max(visit.query.number("page") or 1, 1), pages)
    start = (current - 1) * PAGE_SIZE
    shown = ordered[start : start + PAGE_SIZE]
    kept = {**parameters, **({"sort": order} if order else {})}
    split = (
        f'<table class="split" width="100%" border="0" cellspacing="0" cellpadding="2">{columns(220, 376)}<tr>'
        f"<td>Discos <b>{start + 1}</b> a <b>{start + len(shown)}</b> (de <b>{len(ordered)}</b>)</td>"
        f'<td align="right">{_page_links(visit, page, kept, current, pages)}</td></tr></table>\n'
    )
    rows = "".join(_row(visit, place, record) for place, record in enumerate(shown))
    return (
        f'{split}<table class="productListing" border="0" width="100%" cellspacing="0" cellpadding="4">\n'
        f"{columns(82, 149, 147, 40, 108, 68)}{_heading(visit, page, parameters, order)}{rows}</table>\n{split}"
    )


def _heading(visit: Visit, page: str, parameters: dict[str, str], order: str) -> str:
    cells = ['<td class="productListing-heading">&nbsp;</td>']
    for column, name in _COLUMNS:
        ascending = order == f"{column}a"
        mark = {f"{column}a": " &#9650;", f"{column}d": " &#9660;"}.get(order, "")
        address = visit.href(page, **parameters, page=1, sort=f"{column}{'d' if ascending else 'a'}")
        cells.append(f'<td class="productListing-heading"><a href="{address}">{name}{mark}</a></td>')
    cells.append('<td class="productListing-heading">&nbsp;</td>')
    return f"<tr>{''.join(cells)}</tr>\n"


def _row(visit: Visit, place: int, record: Record) -> str:
    address = visit.href("product_info.php", products_id=record.id)
    return (
        f'<tr class="productListing-{"even" if place % 2 else "odd"}">\n'
        f'<td class="productListing-data" width="74"><a href="{address}">{cover(record, 64)}</a></td>\n'
        f'<td class="productListing-data"><b>{text(record.artist)}</b><br /><small>{text(record.label)}</small></td>\n'
        f'<td class="productListing-data"><a href="{address}"><i>{text(record.title)}</i></a></td>\n'
        f'<td class="productListing-data">{record.year}</td>\n'
        f'<td class="productListing-data" align="right" nowrap="nowrap">{price(record)}</td>\n'
        f'<td class="productListing-data" align="center">{add_form(visit, record)}</td>\n'
        "</tr>\n"
    )


def _page_links(visit: Visit, page: str, parameters: dict[str, str], current: int, pages: int) -> str:
    links = []
    if current > 1:
        links.append(f'<a href="{visit.href(page, **parameters, page=current - 1)}">[&lt;&lt;&nbsp;Anterior]</a>')
    for number in range(1, pages + 1):
        if number == current:
            links.append(f"<b>{number}</b>")
        else:
            links.append(f'<a href="{visit.href(page, **parameters, page=number)}"><u>{number}</u></a>')
    if current < pages:
        links.append(f'<a href="{visit.href(page, **parameters, page=current + 1)}">[Siguiente&nbsp;&gt;&gt;]</a>')
    return "P\xe1gina: " + "&nbsp; ".join(links)
