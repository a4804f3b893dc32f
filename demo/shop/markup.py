"""Small pieces of HTML: escaped text, prices, options. Text is escaped here and nowhere else."""

from html import escape
from urllib.parse import quote_plus

from demo.shop.record import Record


def text(value: str) -> str:
    """Text or attribute value, escaped."""
    return escape(value, quote=True)


def euros(cents: int) -> str:
    """A price: `12,95 &euro;`; the euro sign is not in ISO-8859-1, so it is a reference."""
    whole, rest = divmod(cents, 100)
    return f"{whole},{rest:02d} &euro;"


def query(parameters: dict[str, str]) -> str:
    """A query string in the shop's charset; what it lacks goes as a character reference, as browsers do."""
    return "&".join(
        f"{name}={quote_plus(value, encoding='windows-1252', errors='xmlcharrefreplace')}"
        for name, value in parameters.items()
    )


def price(record: Record) -> str:
    """A record's price, with the old one struck out when it is reduced."""
    if record.special_cents is None:
        return f'<span class="productPrice">{euros(record.price_cents)}</span>'
    return f'<s>{euros(record.price_cents)}</s> <span class="productSpecialPrice">{euros(record.special_cents)}</span>'


def notice(message: str, kind: str = "Warning") -> str:
    """A message bar; `kind` is Warning, Error or Success."""
    return f'<div class="messageStack messageStack{kind}">{text(message)}</div>\n'


def hidden(name: str, value: str) -> str:
    """A hidden input."""
    return f'<input type="hidden" name="{name}" value="{text(value)}" />'


def columns(*widths: int) -> str:
    """Widths of a table's columns, in pixels, ahead of its rows: what has been painted stays where it is."""
    return "".join(f'<col width="{width}" />' for width in widths)


def row(label: str, name: str, value: str = "", *, kind: str = "text", size: int = 32, note: str = "") -> str:
    """A table row with a labelled input."""
    after = f' <span class="inputRequirement">{note}</span>' if note else ""
    return (
        f'<tr><td class="fieldKey"><label for="{name}">{label}</label></td><td class="fieldValue">'
        f'<input type="{kind}" name="{name}" id="{name}" value="{text(value)}" size="{size}" />{after}</td></tr>\n'
    )


def clock(seconds: int) -> str:
    """A track's length: `3:07`."""
    return f"{seconds // 60}:{seconds % 60:02d}"
