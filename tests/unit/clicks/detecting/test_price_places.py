"""Of the prices in a block the one that is to be paid, whatever the shop calls it."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from clicks.detecting.price_places import price_in
from clicks.prices import read_price


@pytest.mark.parametrize(
    ("html", "cents", "name"),
    [
        ("<b class=price>12,00 €</b>", 1200, "the only one"),
        ("<del>20 €</del> <b>15 €</b>", 1500, "crossed out"),
        ("<p class='x line-through'>$20</p><p class=x>$15</p>", 1500, "crossed out by a class"),
        ("<p style='text-decoration:line-through'>$20</p><p>$15</p>", 1500, "crossed out by a style"),
        ("<span class=normalprice>$20</span> <span class=productSpecialPrice>$15</span>", 1500, "names of both"),
        ("<i class=a>$20.00</i> <i class=b>$15.00</i>", 1500, "nothing tells: the smaller"),
        ("<i class=a>$15.00</i> <i class=b>$1.50</i>", 1500, "too small to be a reduction"),
        ("<i class=a>$10</i> - <i class=a>$15</i>", 1000, "a range"),
        ("<b class=p>12 €*<s class=list-price-price>15 €*</s></b>", 1200, "the old one inside of the new"),
        ("<span class=price-unit-content>1 piece</span><b class=product-price>9,00 €</b>", 900, "a currency tells"),
        ("<b>$&nbsp;<span class=amount>1,799.00</span></b>", 179900, "in two elements"),
        ("<s>$5</s><span style='display: none'>$1</span><b>$4</b>", 400, "hidden"),
        ("<p>Free delivery of every order over $50 in the whole country</p><b class=price>$7</b>", 700, "a sentence"),
        ("<b>Rs. 1,200</b>", 120000, "a currency before"),
        ("<b>12 990 руб.</b>", 1299000, "blanks between thousands"),
        ("<b>¥1,200</b>", 1200, "no decimals"),
        ("<b>€ 12,-</b>", 1200, "a dash for no cents"),
        ("<b>Call us</b>", None, "none"),
    ],
)
def test_price_in(html: str, cents: int | None, name: str) -> None:
    body = LexborHTMLParser(f"<body><div>{html}</div>").css_first("div")
    assert body is not None
    assert read_price(price_in(body)[1]) == cents, name
