# ruff: noqa: E501 - markup is easier to read whole
"""Shops made up for these tests, each in another style of markup and addresses, with the truth beside them.

What a style does is what legacy shops were seen to do: cards in grids, tables, definition lists, links around whole
blocks, class names made by a compiler, prices without a currency, two prices, makers' links, reviews, sold-out
products without a price.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from clicks.detecting.sample import Sample, sample

HOST = "shop.example"
_NOUNS = ("Lamp", "Chair", "Table", "Mirror", "Carpet", "Vase", "Clock", "Shelf", "Basket", "Candle", "Pillow", "Bowl")
_KINDS = ("Oak", "Walnut", "Linen", "Copper", "Glass", "Paper", "Marble", "Velvet")


@dataclass(frozen=True)
class Item:
    """A product as the shop sells it; `was` is its price before a reduction, price None: sold out and not priced."""

    number: int
    name: str
    price: float | None
    was: float | None = None
    maker: str = "Acme"

    @property
    def slug(self) -> str:
        return self.name.lower().replace(" ", "-")


@dataclass(frozen=True)
class Style:
    """How one shop writes an address, a price, a block and the list around the blocks."""

    name: str
    url: Callable[[Item], str]
    price: Callable[[float], str]
    block: Callable[["Style", Item, int], str]
    wrap: Callable[[str], str]


def stock(seed: int, count: int = 40) -> list[Item]:
    rng = random.Random(seed)
    names = [f"{kind} {noun}" for kind in _KINDS for noun in _NOUNS]
    rng.shuffle(names)
    items = []
    for place, name in enumerate(names[:count]):
        price = round(rng.uniform(3, 900), 2)
        was = round(price * 1.3, 2) if rng.random() < 0.2 else None
        items.append(
            Item(100 + 7 * place, name, None if rng.random() < 0.05 else price, was, rng.choice(("Acme", "Nord")))
        )
    return items


def _paid(style: Style, item: Item, was: str = "<del>{}</del> ", now: str = "<span class=price>{}</span>") -> str:
    if item.price is None:
        return "<span class=sold>Sold out</span>"
    before = was.format(style.price(item.was)) if item.was else ""
    return before + now.format(style.price(item.price))


def _card(style: Style, item: Item, place: int) -> str:
    url, name = style.url(item), escape(item.name)
    return (
        f'<div class="col-6 col-md-3"><div class="card product-card {"first" if place == 0 else ""}">'
        f'<a href="{url}"><img src="/img/{item.number}.jpg" alt="{name}"></a>'
        f'<h3 class="card-title"><a href="{url}">{name}</a></h3><p>Made of the best.</p>{_paid(style, item)}'
        f'<a class="btn" href="/cart/add?id={item.number}">Add to cart</a></div></div>'
    )


def _row(style: Style, item: Item, place: int) -> str:
    url, name = style.url(item), escape(item.name)
    return (
        f'<tr class="{"odd" if place % 2 else "even"}"><td><a href="{url}"><img src="/i/{item.number}.gif" width=60></a></td>'
        f'<td><a href="{url}"><b>{name}</b></a><br>by <a href="/maker/{item.maker.lower()}">{item.maker}</a></td>'
        f"<td align=right>{_paid(style, item, now='{}')}</td></tr>"
    )


def _bare(style: Style, item: Item, place: int) -> str:
    url, name = style.url(item), escape(item.name)
    return f"<li><a href='{url}'><img src='/{item.number}.png' alt=''></a><a href='{url}'>{name}</a> {_paid(style, item, now='<b>{}</b>')}</li>"


def _wrapped(style: Style, item: Item, place: int) -> str:
    name = escape(item.name)
    return (
        f'<a class="css-1q2w{"9z" if place % 3 else "8y"} tile" href="{style.url(item)}"><figure><img src="/{item.number}.webp"></figure>'
        f'<span class="css-77aa11">{name}</span>{_paid(style, item, now="<span class=css-90bb>{}</span>")}</a>'
    )


def _article(style: Style, item: Item, place: int) -> str:
    url, name = style.url(item), escape(item.name)
    return (
        f'<article itemscope itemtype="https://schema.org/Product"><a href="{url}" itemprop="url"><img src="/{item.number}.jpg"></a>'
        f'<h2 itemprop="name"><a href="{url}">{name}</a></h2><a href="{url}#reviews">12 reviews</a>'
        f"{_paid(style, item, now='<span itemprop=price>{}</span>')}</article>"
    )


def _cell(style: Style, item: Item, place: int) -> str:
    url, name = style.url(item), escape(item.name)
    end = "</tr><tr>" if place % 3 == 2 else ""
    return (
        f'<td width="33%" valign=top align=center><a href="{url}"><img src="/{item.number}.jpg" alt="{name}"></a><br>'
        f'<a href="{url}">{name}</a><br><font color=red>{_paid(style, item, was="<s>{}</s> ", now="{}")}</font></td>{end}'
    )


STYLES = (
    Style("cards", lambda i: f"/p/{i.slug}-{i.number}.html", lambda p: f"${p:,.2f}", _card, lambda x: f'<div class="row">{x}</div>'),
    Style("rows", lambda i: f"/index.php?main=info&amp;pid={i.number}", lambda p: f"{p:.2f} EUR".replace(".", ","), _row,
          lambda x: f"<table class=listing><tr class=head><th>Picture<th>Name<th>Price</tr>{x}</table>"),
    Style("bare", lambda i: f"/shop/{i.slug}/", lambda p: f"£{p:.2f}", _bare, lambda x: f"<ul>{x}</ul>"),
    Style("wrapped", lambda i: f"/{i.slug}", lambda p: f"{p:.2f} zł".replace(".", ","), _wrapped, lambda x: f"<section>{x}</section>"),
    Style("article", lambda i: f"/en/product/{i.number}/{i.slug}", lambda p: f"CHF {p:.2f}", _article, lambda x: f"<div id=list>{x}</div>"),
    Style("cells", lambda i: f"/catalog/{i.slug}-p-{i.number}.html", lambda p: f"{p:.2f} €", _cell, lambda x: f"<table border=0><tr>{x}</tr></table>"),
)  # fmt: skip


def page(style: Style, path: str, items: list[Item], title: str, main: str = "") -> Sample:
    """A page with menus, a mini cart, a bestseller list with numbers, the list of `items`, news and a footer."""
    menu = "".join(f'<li><a href="/c/{kind.lower()}/">{kind}</a></li>' for kind in _KINDS)
    blocks = "".join(style.block(style, item, place) for place, item in enumerate(items))
    news = "".join(
        f'<div class=news><h4><a href="/blog/{n}">News {n}</a></h4><p>We won {n} prizes.</p></div>' for n in range(3)
    )
    return sample(
        path,
        f"<!doctype html><html lang=en><head><title>{title}</title></head><body><div id=top><a href=/>Home</a> "
        f'<a href="/login">Sign in</a> <a href="/basket">Basket (0)</a><form action="/find" method=get>'
        f"<input name=q type=search></form></div><ul id=menu>{menu}</ul><div id=content><h1>{title}</h1>{main}"
        f"{style.wrap(blocks) if items else ''}</div><div id=side>{news}</div>"
        '<div id=footer><a href="/about">About</a><a href="/terms">Terms</a> Free delivery from $50.00</div></body></html>',
        HOST,
    )


def product_page(style: Style, item: Item, related: list[Item]) -> Sample:
    main = (
        f'<div id=detail><img src="/big/{item.number}.jpg" alt="{item.name}"><div class=buy>{_paid(style, item)}'
        f'<form action="/cart/add" method=post><input type=hidden name=product_id value="{item.number}">'
        "<input name=quantity value=1><button>Add to cart</button></form></div></div>"
    )
    return page(style, style.url(item).replace("&amp;", "&"), related, item.name, main)


def shop(style: Style, seed: int) -> tuple[list[Sample], list[Item]]:
    """Some pages of a shop, and its stock."""
    items = stock(seed)
    pages = [page(style, "/", items[:8], "Welcome")]
    for number, kind in enumerate(_KINDS[:4]):
        pages.append(page(style, f"/c/{kind.lower()}/", items[number * 9 : number * 9 + 9], kind))
    pages += [product_page(style, item, items[20:23]) for item in items[3:20:6] if item.price is not None]
    login = (
        "<form action=/login method=post><input type=email name=mail><input type=password name=pw></form>"
        "<p>Forgot your password?</p>"
    )
    pages.append(page(style, "/login", [], "Sign in", login))
    return pages, items
