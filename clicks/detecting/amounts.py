"""What looks like a price to a person: an amount with a currency, or an amount in a place that is called price."""

import re
from typing import Final

_CODES: Final = (
    "AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR JPY KRW KZT MAD MXN MYR NOK NZD "
    "PEN PHP PKR PLN RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR"
).replace(" ", "|")
_SIGNS: Final = (
    r"(?:[$€£¥￥₹₩₽₺₴฿₫₪₦₱₲₡₸₨円元원]|R\$|S/|Kč|zł|\bFt\b|\blei\b|\bkr\b\.?|\bdin\b|лв|руб|грн|тг"
    rf"|\b(?:{_CODES})\b)"
)
_BEFORE_ONLY: Final = r"\b(?:Rs|Rp|RM)\b\.?"
_AMOUNT: Final = r"\d(?:[\d.,'\u2019\u00a0\u202f]|\s(?=\d{3}(?!\d)))*(?:,-|,\u2013)?"
PRICE: Final = re.compile(
    rf"(?:{_SIGNS}|{_BEFORE_ONLY})\s?{_AMOUNT}|{_AMOUNT}\s?{_SIGNS}",
    re.IGNORECASE,
)
"""An amount with its currency on either side."""

BARE_AMOUNT: Final = re.compile(rf"^\D{{0,12}}{_AMOUNT}\D{{0,12}}$")
CALLED_PRICE: Final = re.compile(r"price|precio|preis|prix|prezzo|cena|amount|cost", re.IGNORECASE)
NOT_TO_PAY: Final = re.compile(
    r"(?:^|[\s_-])(?:old|was|before|non-?sale|regular|normal|strike\w*|crossed|line-through|original|market|retail|rrp|msrp|uvp|"
    r"(?<!including-)(?<!incl-)(?<!inc-)(?<!with-)tax|excl\w*|without-\w+|net|netto|per-unit|unit|saving|saved?|discount|shipping|antes|sr-only|visually-hidden|screen-reader-text)(?:$|[\s_-])"
    r"|(?<!with-)(?:old|list|regular|normal|market|retail)-?price|price-?(?:was|old|unit)",
    re.IGNORECASE,
)
"""Names of prices that are not what one pays: crossed out, without tax, per unit."""

TO_PAY: Final = re.compile(
    r"(?<!non)(?:^|[\s_-])(?:special|sale|final|now|current|campaign|actual|offer|promo\w*|discounted|reduced|new)(?:$|[\s_-])"
    r"|(?:special|sale|final|current|offer|promo|discounted|new)-?price|price-?(?:new|now|sale|final|current)",
    re.IGNORECASE,
)
"""Names of the price that is left when there are two."""

SAID_BEFORE: Final = re.compile(
    r"\b(?:was|original|before|rrp|msrp|uvp|antes|statt|regular|excl?\.? \w+|excluding|without \w+|zzgl\.?|netto|"
    r"hors taxe|sin iva|save|you save)\b",
    re.IGNORECASE,
)
"""Words inside an amount's own text that make it another price than the one to pay."""

MAX_PRICE_WORDS: Final = 5
_WORD: Final = re.compile(r"[^\W\d_]{2,}")


def is_sentence(text: str) -> bool:
    """More words than a price has beside it ("from", "incl. VAT"): an amount is mentioned, nothing is for sale."""
    return len(_WORD.findall(PRICE.sub(" ", text))) > MAX_PRICE_WORDS
