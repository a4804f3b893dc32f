"""Complexity: what a body would cost, before it is paid for.

The second engine is quadratic on deep nesting and on start tags with very many attributes, and no synchronous work can
be interrupted; so both are measured on the first engine's tree, which is linear, and times are predicted from sizes.
But for what even the first engine multiplies: formatting elements without an end tag are counted before it.
"""

import re
from functools import cache

from transforms.page.limits import PageLimits
from transforms.page.locate import Located

_LOCATE_MS_PER_KB = 0.015
_GATE_MS_PER_KB = 0.06
_LESSON_MS_PER_TAG = 0.01
# Of links a parser leaves no more than one open.
_FORMATTING = rb"[bcefistu](?:|ig|ode|m|ont|mall|trike|trong|t)[\t\n\f\r />]"
_OPENED = re.compile(rb"<" + _FORMATTING, re.IGNORECASE)
_CLOSED = re.compile(rb"</" + _FORMATTING, re.IGNORECASE)


def occurrences(byte: bytes, body: bytes) -> int:
    """How often one byte is in `body`.

    `bytes.count` of a single byte looks at each of them, `bytes.replace` goes from one to the next by memchr: 15 for 85
    µs on 64 KB with Debian's Python 3.11.
    """
    return len(body) - len(body.replace(byte, b""))


def predicted_locate_ms(size: int) -> float:
    """Milliseconds to parse and match a body of `size` bytes."""
    return size / 1024 * _LOCATE_MS_PER_KB


def predicted_gate_ms(size: int) -> float:
    """Milliseconds to prove a set of edits on a body of `size` bytes."""
    return size / 1024 * _GATE_MS_PER_KB


def predicted_lesson_ms(tags: int) -> float:
    """Milliseconds to learn the structure of bodies with so many tags, start and end tags counted each."""
    return tags * _LESSON_MS_PER_TAG


def leaves_much_open(body: bytes, limits: PageLimits) -> bool:
    """Whether a parser may make far more elements of a body than it has tags.

    In `<p><b id=1>…<p><b id=2>…` each paragraph holds anew all that was opened before.
    """
    opened = len(_OPENED.findall(body))
    return opened > limits.max_left_open and opened - len(_CLOSED.findall(body)) > limits.max_left_open


@cache
def _deeper_than(depth: int) -> str:
    """Any node counts: an element's step would not enter the content of a `<template>`."""
    return "/node()" * (depth + 1)


def is_too_complex(located: Located, limits: PageLimits) -> bool:
    """Whether nodes nest deeper, or a start tag has more attributes, than the second engine is given."""
    known = located.memo.get(limits)
    if not isinstance(known, bool):
        document = located.document
        is_deep = bool(document.xpath(_deeper_than(limits.max_depth)))
        known = is_deep or bool(document.xpath(f"//*/@*[{limits.max_attributes + 1}]"))
        located.memo[limits] = known
    return known
