"""A record shop's pages as osCommerce wrote them: a category of 40 records, their product pages, and a cover.

Invariant: a page is a function of its seed and size; two calls give the same bytes, but for the tokens asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

RECORDS = 40
CHARSET = "iso-8859-1"
GENRES = ("Hip hop", "Jazz", "Rock", "Flamenco", "Electrónica", "Boleros")

WELCOME = '<p class="welcome">Bienvenido a la tienda</p>'
TOKEN = "\0"
_ANY_TOKEN = "4f2a91c07be35d68"
SIGN_OUT = f'<a href="account.php">Mi cuenta</a> | <a href="logoff.php?t={TOKEN}">Salir</a>'
"""What the shop offers to whoever is signed in."""
SIGN_IN = f'<a href="login.php?t={TOKEN}">Entrar</a> | <a href="create_account.php">Nueva cuenta</a>'
"""What it offers to everybody else."""

_FIRST = ("Noche", "Calle", "Luna", "Fuego", "Río", "Sombra", "Viento", "Piedra", "Sal", "Madera", "Cielo", "Barrio")
_SECOND = ("roja", "larga", "sin nombre", "de enero", "en vivo", "del sur", "perdida", "de plata", "y niebla", "azul")
_WORDS = """disco vinilo edición original carátula sonido grabado estudio directo músicos piezas cara aguja gira sello
ciudad noche voz guitarra trompeta ritmo baile letras barrio años portada remezcla prensa""".split()  # noqa: SIM905 (a list of words reads better as words)


@dataclass(frozen=True, slots=True)
class Record:
    """A product: `number` is its id in URLs, `cents` its price."""

    number: int
    name: str
    genre: str
    cents: int

    @property
    def price(self) -> str:
        """As the shop writes it."""
        return f"{self.cents // 100}.{self.cents % 100:02d}EUR"

    @property
    def link(self) -> str:
        """Its page."""
        return f"product_info.php?products_id={self.number}"


def records(seed: int, count: int = RECORDS) -> tuple[Record, ...]:
    """The shop's records, their genres mixed as in a list of novelties; more of them begin alike."""
    random = Random(f"records {seed}")
    return tuple(
        Record(
            101 + number,
            f"{random.choice(_FIRST)} {random.choice(_SECOND)} {number + 1}",
            random.choice(GENRES),
            random.randrange(790, 3990),
        )
        for number in range(count)
    )


@dataclass(frozen=True, slots=True)
class Pieces:
    """A category page in pieces, `TOKEN` where a session's token stands: `head`, `boxes` of a menu, `middle`, `items`
    (one per record), `between`, `reviews`, `foot`.
    """

    head: str
    boxes: tuple[str, ...]
    middle: str
    items: tuple[str, ...]
    between: str
    reviews: tuple[str, ...]
    foot: str

    def text(self) -> str:
        """The whole page."""
        return "".join((self.head, *self.boxes, self.middle, *self.items, self.between, *self.reviews, self.foot))


def category_pieces(seed: int, size: int, shown: Sequence[Record], offered: str = SIGN_OUT) -> Pieces:
    """The category page of about `size` bytes that lists `shown`, with what is `offered` to its visitor at its top."""
    random = Random(f"category {seed}")
    boxes = tuple(
        f'<li><a href="products_new.php?cPath={number}">{genre}</a>&nbsp;({random.randrange(9, 99)})\n'
        for number, genre in enumerate(GENRES, 21)
    )
    head = (
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"'
        ' "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" dir="ltr" lang="es">\n<head>\n'
        f'<meta http-equiv="Content-Type" content="text/html; charset={CHARSET}" />\n'
        "<title>Novedades, La Gramola</title>\n"
        '<link rel="stylesheet" type="text/css" href="stylesheet.css" />\n'
        '<script type="text/javascript"><!--\nfunction popup(url) { window.open(url, "w", "width=400,height=420"); }\n'
        '//--></script>\n</head>\n<body>\n<div id="header">\n<h1><a href="index.php">La Gramola</a></h1>\n'
        f'<p class="account">{offered}</p>\n'
        f"{WELCOME}\n</div>\n"
        '<table border="0" width="100%" cellspacing="3" cellpadding="3"><tr>\n'
        '<td width="180" valign="top"><ul class="box">\n'
    )
    middle = (
        '</ul></td>\n<td width="100%" valign="top" class="contentText">\n<h2>Novedades</h2>\n<div id="novedades">\n'
    )
    items = []
    for number, record in enumerate(shown):
        side = "left" if number % 2 == 0 else "right"
        blurb = " ".join(random.choices(_WORDS, k=24)).capitalize()
        items.append(
            f'<div class="record {side}">\n<a href="{record.link}"><img src="images/{record.number}.jpg" width="120"'
            f' height="120" border="0" alt="{record.name}" /></a>\n'
            f'<a class="name" href="{record.link}"><i>{record.name}</i></a><br />\n'
            f'<span class="productPrice">{record.price}</span>\n<p>{blurb}.</p>\n'
            f'<form name="buy{record.number}" action="products_new.php?action=add_product" method="post">'
            f'<input type="hidden" name="products_id" value="{record.number}" />'
            f'<input type="hidden" name="formid" value="{TOKEN}" />'
            '<input type="image" src="images/button_in_cart.gif" alt="Comprar" /></form>\n</div>\n'
        )
    between = "</div>\n"
    foot = (
        '</td></tr></table>\n<div id="footer"><p>Copyright &copy; 2008 <a href="index.php">La Gramola</a><br />'
        "Hecho con osCommerce</p></div>\n</body>\n</html>\n"
    )
    length = sum(map(_length, (head, *boxes, middle, *items, between, foot)))
    reviews = []
    while length < size:
        review = " ".join(random.choices(_WORDS, k=40)).capitalize()
        entry = (
            f'<p class="review"><a href="reviews.php?t={TOKEN}">{review[:30]}</a> {review}.'
            f' <a href="reviews.php?vote=yes&amp;t={TOKEN}">&iquest;&Uacute;til?</a></p>\n'
        )
        reviews.append(entry)
        length += _length(entry)
    return Pieces(head, boxes, middle, tuple(items), between, tuple(reviews), foot)


def encoded(text: str) -> bytes:
    """A page without tokens of its own: all are the same."""
    return text.replace(TOKEN, _ANY_TOKEN).encode(CHARSET)


def _length(text: str) -> int:
    return len(text) + text.count(TOKEN) * (len(_ANY_TOKEN) - 1)


def category_parts(seed: int, size: int, tokens: int = 0) -> list[bytes]:
    """The category page of about `size` bytes, cut at the first `tokens` places where a session's token stands."""
    cut = category_pieces(seed, size, records(seed)).text().split(TOKEN, tokens)
    return [encoded(part) for part in cut]


def category_page(seed: int, size: int) -> bytes:
    """The category page, the same bytes each time."""
    return b"".join(category_parts(seed, size))


def collection_page(seed: int, number: int, size: int) -> bytes:
    """One of many pages like the category's: the same records in an order of its own, other texts."""
    shown = Random(f"collection {seed} {number}").sample(records(seed), RECORDS)
    return encoded(category_pieces(seed + number, size, shown).text())


def product_page(record: Record) -> bytes:
    """A record's own page: where its genre is told."""
    return (
        f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={CHARSET}">'
        f"<title>{record.name}</title></head><body>\n"
        '<div class="headerNavigation"><a href="index.php">Inicio</a> &raquo; <a href="products_new.php">Tienda</a>'
        f' &raquo; <a href="products_new.php?cPath={21 + GENRES.index(record.genre)}">{record.genre}</a></div>\n'
        f'<div class="productInfo"><table><tr><td class="pageHeading">{record.name}</td></tr></table>\n'
        f'<div class="productPriceBig"><span class="productPrice">{record.price}</span></div></div>\n'
        "</body></html>\n"
    ).encode(CHARSET)


def cover(seed: int, size: int) -> bytes:
    """Bytes in place of a JPEG: a proxy does not look into one."""
    return b"\xff\xd8\xff\xe0" + Random(f"cover {seed}").randbytes(max(0, size - 4))
