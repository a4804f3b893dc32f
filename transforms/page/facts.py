"""Reading values: from a byte range to the text that a visitor sees, in the page's charset.

The tree is built on the latin-1 view, so text is never taken from it but from the bytes: decoded, references resolved,
white space folded.
"""

import re
from html import unescape
from html.entities import html5
from sys import intern

import turbohtml

from transforms.page.charset import Encoding

_REFERENCE = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|([A-Za-z][A-Za-z0-9]*)(;?)(=?))")


def fold(value: str) -> str:
    """`value` with every run of white space as one space, none at the ends; equal ones are one object: a shop says the
    same of a product on hundreds of pages."""
    return intern(" ".join(value.split()))


def read(raw: bytes, kind: str, encoding: Encoding) -> str:
    """The value of a place: `kind` as in `Place`."""
    text = encoding.decode(raw)
    if kind == "raw":
        return fold(text)
    if kind == "attribute":
        return fold(attribute_text(text) if "&" in text else text)
    if kind == "text" and "<" in text:
        root = turbohtml.parse(text, scripting=True).select_one("html")
        return fold(root.text if root is not None else "")
    return fold(unescape(text) if "&" in text else text)


def attribute_text(value: str) -> str:
    """Character references in an attribute: one without `;` before `=` or a letter is text (HTML, 13.2.5.73)."""
    return _REFERENCE.sub(_resolve, value)


def _resolve(match: re.Match[str]) -> str:
    name, semicolon, equals = match[1], match[2], match[3]
    if name is not None and not semicolon:
        return match[0] if equals or name not in html5 else html5[name]
    return unescape(match[0][: -len(equals) or None] if equals else match[0]) + (equals or "")
