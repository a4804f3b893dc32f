"""What a page says of an order that was placed, on shops of which nobody said where their pages say it.

Invariant: one number that is called an order's, beside thanks, and nothing that says it failed; else there is none.
Without a number the thanks themselves are for an order, and only where the caller has other proof. A total is told only
where one amount is called so. Whether the page belongs to an order of now is not known here.
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
    r"(?:order|bestell(?:ung|ing)|bestilling|beställning|auftrag|pedido|orden|commande|ordine|ordre|encomenda|"
    r"zam[oó]wieni\w+|objedn[aá]v\w+|rendelés\w*|tilau\w+|sipariş\w*|comand[aă]|comenzi\w*|narudžb\w+|"
    r"заказ\w*|замовлення|поръчка\w*|παραγγελ\w+)"
)
_NUMBER: Final = (
    r"(?:no\b\.?|nr\b\.?|n\.?\s?[º°]|n\.(?=\s?\d)|n[uú]m\w{0,8}\b\.?|id\b|code|reference|ref\b\.?|č\.|číslo|broj|szám\w*|"
    r"номер\w*|αριθμ\w+|№|#)"
)
"""What a number is called, or the sign in front of one."""
_OF: Final = (
    r"(?:(?:of|de|del|della|di|da|do|du|van|la|le|el|il|your|su|tu|tuo|votre|vostro|seu|sua|uw|je|ihrer|ihres|"
    r"вашего|вашої)\s){0,3}"
)
_ONE_WORD: Final = (
    r"(?:(?:bestell?(?:ungs)?|bestillings|beställnings|auftrags|order|ordre|tilaus)-?(?:nummer\w{0,2}|numero\w*|nr\b\.?)"
    r"|rendelésszám\w*|ご?注文番号)"
)
_CALLED: Final = rf"(?:{_WORD}\W{{0,3}}{_OF}\W{{0,3}}{_NUMBER}|{_NUMBER}\W{{1,3}}{_OF}{_WORD}|{_ONE_WORD})"
_IS: Final = r"\W{0,3}(?:(?:is|ist|lautet|es|est|è|é|var|är|er|to|jest|on|je)\W{1,3})?\W{0,3}"
_ORDER: Final = re.compile(
    rf"(?<!\w){_CALLED}{_IS}([A-Za-z]{{0,6}}-?\d[\w-]{{0,24}})(?![\w./-]*\d{{2}}[./]\d)", re.IGNORECASE
)
_THANK_YOU: Final = (
    r"(?:(?<!\w)(?:thank(?:s| you)|danke|vielen dank|gracias|merci|grazie|obrigad[oa]|bedankt|dank u|tack|takk?|"
    r"dziękujemy|děkujeme|ďakujeme|köszönjük|kiitos|teşekkür\w*|mul[țţt]umi\w*|hvala|спасибо|дякуємо|благодар\w+|"
    r"ευχαριστ\w+)(?!\w)|ありがとう)"
)
_DONE: Final = r"(?<!\w)(?:success\w*|confirmed|received|bestätigt|eingegangen|confirmado)(?!\w)"
_THANKS: Final = re.compile(f"{_THANK_YOU}|{_DONE}", re.IGNORECASE)
_FAILED: Final = re.compile(
    r"(?<!\w)(?:failed|declined|not (?:be )?(?:completed|processed|placed)|could not|cancelled|canceled|abgelehnt|"
    r"abgebrochen|fehlgeschlagen|rechazad[oa]|cancelad[oa]|fallid[oa]|recusad[oa]|refusée?|annulée?|échoué|rifiutat[oa]|"
    r"annullat[oa]|fallit[oa]|avvis\w+|geweigerd|geannuleerd|mislukt|avbrut\w+|afbrudt|mislykke\w+|misslyck\w+|"
    r"odrzucon\w+|anulowan\w+|zamítnut\w+|zrušen\w+|отклон\w+|отмен\w+|не удалось)(?!\w)",
    re.IGNORECASE,
)
_BOUGHT: Final = (
    rf"(?<!\w)(?:{_WORD}|purchase|payment|einkauf|kauf|zahlung|compra|pago|achat|paiement|acquisto|pagamento|aankoop|"
    r"betaling|köp|betalning|køb|kjøp|zakup\w*|płatnoś\w+|nákup\w*|platb\w+|vásárlás\w*|ostok\w+|achiziți\w+|kupnj\w+|"
    r"ödeme\w*|alışveriş\w*|покупк\w+|оплат\w+|αγορ\w+)(?!\w)"
)
_FOR_ORDER: Final = re.compile(
    rf"{_THANK_YOU}\W{{0,3}}[^.?!]{{0,60}}?{_BOUGHT}|{_BOUGHT}[^.?!]{{0,40}}?{_DONE}|注文[^。]{{0,20}}ありがとう",
    re.IGNORECASE,
)
"""Thanks for an order, in one sentence or two that belong together."""
_FOR_ELSE: Final = re.compile(
    r"subscri|newsletter|regist|signing up|account|konto|visit|besuch|contact|message|review|survey|"
    r"next (?:order|purchase)|nächste|próxim|prochain|prossim|volgende|следующ",
    re.IGNORECASE,
)
"""What other pages thank for, also where they promise something off the next order."""
_BARE: Final = (
    r"(?<![\d.,])(?:\d{1,3}(?:[.,'\u2019\s]\d{3})+|\d+)[.,]\d{2}(?![\d.,]*\d)(?!\s?(?:kg|g|lbs?|oz|%|[hm]\b))"
)
"""An amount without a sign: it has cents, and is no date, weight or rate."""
_TOTAL: Final = re.compile(
    r"(?<!\w)(?<!sub[ -])(?:(?:grand|order|total)[ -])?(?:total|summe|gesamt(?:summe|betrag|preis)?|totale|totaal|"
    r"montant|importe|suma|att betala|i alt|zu zahlen|razem|celkem|összesen|yhteensä|toplam|ukupno|итого|разом|общо|"
    rf"σύνολο)(?=\D{{0,30}}\d)(?:[^\d€$£]{{0,24}}?)({PRICE.pattern}|{_BARE})",
    re.IGNORECASE,
)


def read_order(page: Sample, product_at: ProductAt, *, may_lack_number: bool = False) -> OrderFacts | None:
    """The order that a page thanks for, with what it leads to; None where that is not sure.

    `may_lack_number`: one without is believed, too (its id is ""), where the page thanks for an order in so many words.
    """
    body = page.body
    if body is None:
        return None
    text = said(body)[:MAX_TEXT]
    numbers = {match[1] for match in _ORDER.finditer(text)}
    if len(numbers) > 1 or not _THANKS.search(text) or _FAILED.search(text):
        return None
    if not numbers and not (may_lack_number and any(map(_is_for_order, _FOR_ORDER.finditer(text)))):
        return None
    totals = {match[1] for match in _TOTAL.finditer(text)}
    amounts = {read_price(total) for total in totals}
    total = totals.pop() if len(amounts) == 1 else None
    items = tuple(dict.fromkeys(products_on(page, product_at).values()))
    return OrderFacts(numbers.pop() if numbers else "", read_price(total), items, read_currency(total))


def _is_for_order(thanks: re.Match[str]) -> bool:
    return _FOR_ELSE.search(thanks[0]) is None
