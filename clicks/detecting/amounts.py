"""What looks like a price to a person: an amount with a currency, or an amount in a place that is called price."""

import re
from typing import Final

_CODES: Final = (
    "AUD BRL CAD CHF CLP CNY COP CZK DKK EUR GBP HUF INR JPY KRW MXN NOK NZD PEN PLN RON RUB SEK TRY UAH USD ZAR"
).replace(" ", "|")
_SIGNS: Final = rf"(?:[$€£¥₹₩₽₺₴฿₫₪₦₱₲₡]|R\$|S/|Kč|zł|\bFt\b|\blei\b|\bkr\b\.?|лв|руб|\b(?:{_CODES})\b)"
_AMOUNT: Final = r"\d(?:[\d.,'\u2019\u00a0\u202f]|\s(?=\d{3}(?!\d)))*(?:,-|,\u2013)?"
PRICE: Final = re.compile(rf"{_SIGNS}\s?{_AMOUNT}|{_AMOUNT}\s?{_SIGNS}", re.IGNORECASE)
"""An amount with its currency on either side."""

BARE_AMOUNT: Final = re.compile(rf"^\D{{0,12}}{_AMOUNT}\D{{0,12}}$")
CALLED_PRICE: Final = re.compile(r"price|precio|preis|prix|prezzo|cena|amount|cost", re.IGNORECASE)
NOT_TO_PAY: Final = re.compile(
    r"(?:^|[\s_-])(?:old|was|before|regular|strike\w*|crossed|original|rrp|msrp|uvp|tax|excl|per-unit|saving|shipping|antes|"
    r"sr-only|visually-hidden|screen-reader-text)(?:$|[\s_-])|oldprice|listprice|regularprice|pricewas",
    re.IGNORECASE,
)
"""Names of prices that are not what one pays: crossed out, without tax, per unit."""

SAID_BEFORE: Final = re.compile(
    r"\b(?:was|original|before|rrp|msrp|uvp|antes|statt|regular|ex\.? tax|save)\b", re.IGNORECASE
)
"""Words inside an amount's own text that make it another price than the one to pay."""

MAX_PRICE_WORDS: Final = 5
_WORD: Final = re.compile(r"[^\W\d_]{2,}")


def is_sentence(text: str) -> bool:
    """More words than a price has beside it ("from", "incl. VAT"): an amount is mentioned, nothing is for sale."""
    return len(_WORD.findall(PRICE.sub(" ", text))) > MAX_PRICE_WORDS
