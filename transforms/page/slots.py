"""Slots: what may stand where a body's text varies, by the kind of place.

Invariant: no fit content changes the tokenizer's state or the tree. Text holds no `<`, `>` or NUL and is not blank
(blank text is put elsewhere in a table than other text; a reference may be white space, so none counts); a quoted
value holds no quote of its own; a comment and a string of a script hold nothing that begins or ends anything. A slot
is always a whole run, so that its end is told by the body alone.
"""

import re
from collections.abc import Sequence
from typing import Final

TERMINATORS: Final = {"t": b"<", '"': b'"', "'": b"'", "s": b'"', "S": b"'", "c": b"-->"}
"""What ends a slot of each kind: text, values in either quotes, strings of scripts in either, comments."""

BETWEEN: Final = "x"
"""Text between the blocks of a region, which may be anything but a tag: no table's parts are there."""

_REFERENCE = re.compile(rb"&[^\s&;]*;?")
_NOT_TEXT = b"<>\0"
UNCLEAN: Final = b"<>\"'&\x00"
"""What begins or ends a tag, a quoted value or a reference."""


def is_clean(gap: bytes) -> bool:
    """A gap's content: not blank, and nothing that begins or ends a tag, a quoted value or a reference."""
    return bool(gap) and not gap.isspace() and len(gap.translate(None, UNCLEAN)) == len(gap)


def is_fit(kind: str, content: bytes) -> bool:
    """Whether `content` may stand in a slot of this kind."""
    match kind:
        case "t":
            return _is_text(content)
        case '"' | "'":
            unfit = _NOT_TEXT + kind.encode()
            return len(content.translate(None, unfit)) == len(content)
        case "x":
            return b"<" not in content and b"\0" not in content
        case "c":
            return is_clean(content) and b"--" not in content and content[:1] != b"-" and content[-1:] != b"-"
        case _:
            return is_clean(content) and b"\\" not in content and b"\n" not in content


_FIRST_TEXT = rb"(?=[^\s&<]|(?:\s|&[^\s&;<]*+;?)*+[^<])"
_EXPRESSIONS: Final = {"t": _FIRST_TEXT + rb"[^<]{1,%d}+", '"': rb'[^"]{0,%d}+', "'": rb"[^']{0,%d}+"}


def expression(kind: str, reach: int) -> bytes | None:
    """A regular expression for what may stand in a slot of this kind, of up to `reach` bytes; None for rare kinds.

    What ends such a slot is never part of it, so there is one way to match it and nothing to go back for. That it holds
    no `<`, `>` and NUL is left to the caller: one character to stop at is found ten times faster than any of a set.
    """
    made = _EXPRESSIONS.get(kind)
    return None if made is None else made % reach


def _is_text(content: bytes) -> bool:
    if len(content.translate(None, _NOT_TEXT)) != len(content):
        return False
    if b"&" in content:
        content = _REFERENCE.sub(b"", content)
    return bool(content) and not content.isspace()


class Kinds:
    """The kinds of a row of slots, and whether contents may stand in them: the common kinds all at once."""

    __slots__ = ("_double", "_others", "_single", "_texts", "all")

    def __init__(self, kinds: str) -> None:
        self.all = kinds
        self._texts = [number for number, kind in enumerate(kinds) if kind == "t"]
        self._double = [number for number, kind in enumerate(kinds) if kind == '"']
        self._single = [number for number, kind in enumerate(kinds) if kind == "'"]
        self._others = [(number, kind) for number, kind in enumerate(kinds) if kind in "cxsS"]

    def hold(self, contents: Sequence[bytes]) -> bool:
        """Whether each of `contents` may stand in the slot of its number."""
        for numbers, quote in ((self._double, b'"'), (self._single, b"'")):
            if numbers:
                joined = b"".join([contents[number] for number in numbers])
                if len(joined.translate(None, _NOT_TEXT + quote)) != len(joined):
                    return False
        texts = [contents[number] for number in self._texts]
        joined = b"".join(texts)
        if len(joined.translate(None, _NOT_TEXT)) != len(joined) or not all(texts) or any(map(bytes.isspace, texts)):
            return False
        if b"&" in joined and not all(_is_text(text) for text in texts if b"&" in text):
            return False
        return all(is_fit(kind, contents[number]) for number, kind in self._others)
