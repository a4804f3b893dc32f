"""What a page says of an order that was placed, on shops of which nobody said where their pages say it.

Invariant: one number that is called an order's, beside thanks, and nothing that says it failed; else there is none. A
total is told only where one amount is called so. Whether the page belongs to an order of now is not known here.
"""

import re
from typing import Final

from clicks.detecting.amounts import PRICE
from clicks.detecting.sample import Sample
from clicks.facts import OrderFacts
from clicks.prices import read_currency, read_price
from clicks.shown_cart import ProductAt, products_on, said

MAX_TEXT: Final = 20_000
"""Characters of a page's text that are looked at: pages that thank are short."""

_WORD: Final = (
    r"(?:order|bestellung|auftrag|pedido|orden|commande|ordine|ordre|bestilling|beställning|zam[oó]wieni\w+|encomenda|"
    r"заказ\w*)"
)
_NUMBER: Final = r"(?:no\b\.?|nr\b\.?|n[º°]|n[uú]m(?:ber|mer|er|[eé]ro)?\b\.?|id\b|code|reference|ref\b\.?|номер)"
_ONE_WORD: Final = (
    r"(?:(?:bestell|auftrags|order|ordre|beställnings)-?(?:nummer|nr\.?)|objednávk\w+ č\w*\.?|rendelésszám\w*)"
)
_CALLED: Final = (
    rf"(?:{_WORD}\W{{0,3}}(?:(?:of|de|del|di|da)\W)?\W{{0,3}}{_NUMBER}"
    rf"|{_NUMBER}\W{{1,3}}(?:(?:of|de|del|di) )?(?:(?:your|su|la|votre) )?{_WORD}|{_ONE_WORD}|{_WORD}(?=\s?#))"
)
_IS: Final = r"\W{0,3}(?:(?:is|ist|lautet|es|est|è|var|är|er|to|jest)\W{1,3})?\W{0,3}"
_ORDER: Final = re.compile(
    rf"(?<!\w){_CALLED}{_IS}([A-Za-z]{{0,6}}-?\d[\w-]{{0,24}})(?![\w./-]*\d{{2}}[./]\d)", re.IGNORECASE
)
_THANKS: Final = re.compile(
    r"(?<!\w)(?:thank(?:s| you)|danke|vielen dank|gracias|merci|grazie|obrigad[oa]|bedankt|dank u|tack|takk?|"
    r"dziękujemy|děkujeme|köszönjük|kiitos|спасибо|teşekkür|success\w*|confirmed|received|bestätigt|eingegangen|confirmado)(?!\w)",
    re.IGNORECASE,
)
_FAILED: Final = re.compile(
    r"(?<!\w)(?:failed|declined|not (?:be )?(?:completed|processed|placed)|could not|cancelled|canceled|abgelehnt|"
    r"fehlgeschlagen|rechazad[oa]|refusée?|annulée?|rifiutat[oa]|avvis\w+)(?!\w)",
    re.IGNORECASE,
)
_TOTAL: Final = re.compile(
    r"(?<!\w)(?<!sub[ -])(?:(?:grand|order|total)[ -])?(?:total|summe|gesamt(?:summe|betrag|preis)?|totale|totaal|"
    rf"montant|importe|suma|att betala|i alt|zu zahlen|razem|celkem|итого)(?:[^\d€$£]{{0,24}}?)({PRICE.pattern})",
    re.IGNORECASE,
)


def read_order(page: Sample, product_at: ProductAt) -> OrderFacts | None:
    """The order that a page thanks for, with what it leads to; None where that is not sure."""
    body = page.body
    if body is None:
        return None
    text = said(body)[:MAX_TEXT]
    numbers = {match[1] for match in _ORDER.finditer(text)}
    if len(numbers) != 1 or not _THANKS.search(text) or _FAILED.search(text):
        return None
    totals = {match[1] for match in _TOTAL.finditer(text)}
    amounts = {read_price(total) for total in totals}
    total = totals.pop() if len(amounts) == 1 else None
    items = tuple(dict.fromkeys(products_on(page, product_at).values()))
    return OrderFacts(numbers.pop(), read_price(total), items, read_currency(total))
