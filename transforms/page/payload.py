"""Payloads: what is sent for a piece of text or markup, and its shape (what the gate's verdict depends on).

Invariant: a payload is ASCII, and its first character cannot complete anything that the bytes before it began.
"""

import re
from functools import lru_cache

from transforms.page import escape
from transforms.page.edits import Payload, Text

_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9-]*)((?:\s+[a-zA-Z_:][\w:.-]*+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'))?)*)\s*/?>")
_VALUE = re.compile(r"=\s*(?:\"[^\"]*\"|'[^']*')")
_TEXT = re.compile(r"[^<]+")
_TELLING = frozenset("input annotation-xml meta font template script style title textarea iframe noscript".split())  # noqa: SIM905
_LONGEST_REMEMBERED = 1000
"""Characters of a payload whose bytes are kept, so that the memory for them is bounded."""
SAFE_BEFORE = frozenset(b"> \t\n\r\f")
"""Bytes behind which nothing has begun that a payload could complete."""


def encode(payload: Payload) -> bytes:
    """The bytes of `payload`, wherever it lands."""
    value = payload.value
    if len(value) > _LONGEST_REMEMBERED:
        return (escape.text(value) if isinstance(payload, Text) else escape.markup(value)).encode("ascii")
    return _text_sent(value) if isinstance(payload, Text) else _markup_sent(value)


@lru_cache(maxsize=1024)  # of a thousand visitors with a name a few dozen differ
def _text_sent(value: str) -> bytes:
    return escape.text(value).encode("ascii")


@lru_cache(maxsize=256)
def _markup_sent(value: str) -> bytes:
    return escape.markup(value).encode("ascii")


def guard(sent: bytes, body: bytes, at: int) -> bytes:
    """`sent` for the place `at`, its first character as a reference where what stands before could swallow it.

    A literal `<`, an unfinished reference, or the first half of a two-byte character may stand at the end of text.
    """
    if not sent or at == 0 or body[at - 1] in SAFE_BEFORE or sent[0] in b"<&":
        return sent
    return b"&#%d;" % sent[0] + sent[1:]


def shape(payload: Payload) -> str:
    """What the structure made by `payload` depends on: its tags, not its texts and attribute values."""
    if isinstance(payload, Text):
        return "text" if payload.value.strip() else "blank"
    return _markup_shape(payload.value)


@lru_cache(maxsize=1024)
def _markup_shape(markup: str) -> str:
    value = escape.markup(markup)
    parts, at = [], 0
    while at < len(value):
        match = _TEXT.match(value, at)
        if match is not None:
            parts.append("." if match[0].strip() else " ")
        else:
            match = _TAG.match(value, at)
            if match is None or match[1].lower() in _TELLING:
                return f"={hash(value)}"
            parts.append(_VALUE.sub("=", match[0]))
        at = match.end()
    return "".join(parts)
