"""The operator's HTML with placeholders: each one's context is found once, and its value escaped for that context.

Invariant: a value can become text, part of a quoted attribute, or one part of a URL's path, query or fragment, and
nothing else. A placeholder anywhere else (tag names, unquoted values, `on*`, `style`, scripts, comments) is a problem
reported before the first page, and makes `filled_markup` return nothing.
"""

import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from html import unescape

from transforms.complaints import did_you_mean
from transforms.message import FIELDS, Placeholder
from transforms.page import escape

URL_ATTRIBUTES = frozenset(
    ["action", "background", "cite", "data", "formaction", "href", "longdesc", "manifest", "ping", "poster", "src"]
)
"""Attributes whose whole value is one URL (WHATWG HTML, index of attributes)."""

UNSAFE_ATTRIBUTES = frozenset(["style", "srcdoc", "srcset", "imagesrcset", "http-equiv", "content"])
"""Attributes in which an escaped value can still do something."""

_RAW_TEXT = frozenset(["script", "style", "iframe", "noembed", "noframes", "noscript", "plaintext", "xmp"])
_RCDATA = frozenset(["textarea", "title"])

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_BLANK = re.compile(r"[\s/]+")
_ATTRIBUTE = re.compile(r"""([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)))?""")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)(?:\|([^{}|<>\"']*))?\}")
_ELEMENT = re.compile(r"<[a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>?")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_SCRIPT = re.compile(r"<script(?=[\s/>])|[\s/\"']on[a-z]+\s*=", re.IGNORECASE)
_SCRIPT_URL = re.compile(r"=\s*[\"']?\s*javascript:", re.IGNORECASE)
_LOOKALIKE = re.compile(r"\{[a-zA-Z_][^{}\n<>]{0,60}\}")
_SETTLED_URL = re.compile(r"(?:(?:https?:)?//[^/?#\\{}]+)?[/?#](?![/\\])|[^:/?#\\{}]+[/?#]")
"""The beginning of a URL after which nothing can change its scheme or host."""


class Context(Enum):
    """Where a value lands."""

    TEXT = "text"
    ATTRIBUTE = "attribute"
    URL_PART = "part of a URL"


@dataclass(frozen=True, slots=True)
class Slot:
    """A placeholder in its context."""

    placeholder: Placeholder
    context: Context


@dataclass(frozen=True, slots=True)
class ParsedMarkup:
    """HTML as literals (already ASCII) and slots; `links` are the targets of its `<a href>`; `problems` forbid it."""

    pieces: tuple[str | Slot, ...]
    links: tuple[str, ...]
    problems: tuple[str, ...]


def script_in(html: str) -> str | None:
    """What of `html` is script. A page's Content-Security-Policy would have to allow it, and may not."""
    for tag in _ELEMENT.finditer(html):
        found = _SCRIPT_URL.search(tag[0]) or _SCRIPT.search(_QUOTED.sub('""', tag[0]))
        if found is not None:
            return found[0].strip(" \t\r\n\f/\"'=")
    return None


@lru_cache(maxsize=256)
def parse_markup(html: str) -> ParsedMarkup:
    """Find the placeholders of `html` and their contexts."""
    spans = _Spans(html)
    pieces: list[str | Slot] = []
    problems: list[str] = []
    end = 0
    for match in _PLACEHOLDER.finditer(html):
        if match[1] not in FIELDS:
            continue
        context, problem = spans.context(match.start(), match.end())
        if context is None:
            problems.append(f"{match[0]}: {problem}")
            continue
        pieces.append(escape.markup(html[end : match.start()]))
        pieces.append(Slot(Placeholder(match[1], match[2]), context))
        end = match.end()
    pieces.append(escape.markup(html[end:]))
    problems.extend(_misspelt(html, spans))
    return ParsedMarkup(tuple(piece for piece in pieces if piece != ""), tuple(spans.links), tuple(problems))


def filled_markup(html: str, values: Mapping[str, str]) -> str | None:
    """The HTML with its values, in ASCII; None when one is missing or stands where no value may."""
    parsed = parse_markup(html)
    if parsed.problems:
        return None
    parts: list[str] = []
    for piece in parsed.pieces:
        if isinstance(piece, str):
            parts.append(piece)
            continue
        value = piece.placeholder.value(values)
        if value is None:
            return None
        parts.append(_ESCAPES[piece.context](value))
    return "".join(parts)


def missing_in(html: str, values: Mapping[str, str]) -> str:
    """Names of the placeholders without value or default, for the operator."""
    slots = (piece.placeholder for piece in parse_markup(html).pieces if isinstance(piece, Slot))
    return ", ".join(slot.name for slot in slots if slot.value(values) is None)


_ESCAPES = {Context.TEXT: escape.text, Context.ATTRIBUTE: escape.attribute, Context.URL_PART: escape.url_part}


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of the source and what a placeholder in it would be: `problem` says why it may not be there."""

    start: int
    end: int
    context: Context | None
    problem: str = ""
    is_url: bool = False


class _Spans:
    """The source cut into text, attribute values and everything else, as the WHATWG tokenizer does for fragments."""

    def __init__(self, html: str) -> None:
        self._html = html
        self.links: list[str] = []
        self.spans = tuple(self._cut())

    def context(self, start: int, end: int) -> tuple[Context | None, str]:
        """The context of the placeholder at (start, end), or None and why not."""
        if re.search(r"<[/!?]?$", self._html[max(start - 2, 0) : start]):
            return None, "directly after < it would be the name of a tag, not text or part of a quoted value"
        for span in self.spans:
            if span.start <= start and end <= span.end:
                if not span.is_url:
                    return span.context, span.problem
                before = unescape(self._html[span.start : start])
                if not _SETTLED_URL.match(before):
                    return None, "a URL must begin with a path of yours, not with a value"
                return Context.URL_PART, ""
        return None, "inside a tag, but not inside a quoted attribute value"

    def _cut(self) -> Iterator[_Span]:
        # A placeholder is never cut in two: one that reaches over a border is in no span, hence refused.
        html, at, text = self._html, 0, 0
        while at < len(html):
            at = html.find("<", at)
            if at < 0:
                break
            if html.startswith("<!--", at):
                yield _Span(text, at, Context.TEXT)
                end = html.find("-->", at + 4)
                text = at = len(html) if end < 0 else end + 3
                continue
            if html[at + 1 : at + 2] in ("!", "?"):
                yield _Span(text, at, Context.TEXT)
                end = html.find(">", at)
                text = at = len(html) if end < 0 else end + 1
                continue
            tag = _TAG.match(html, at)
            if tag is None:
                at += 1
                continue
            yield _Span(text, at, Context.TEXT)
            name = tag[2].lower()
            at = text = yield from self._attributes(name, tag.end())
            if not tag[1] and name in _RAW_TEXT | _RCDATA:
                close = re.compile(rf"</{re.escape(name)}(?=[\s/>])", re.IGNORECASE).search(html, at)
                end = len(html) if close is None else close.start()
                if name in _RAW_TEXT:
                    yield _Span(at, end, None, f"inside <{name}> a value cannot be made safe")
                else:
                    yield _Span(at, end, Context.TEXT)
                at = text = end
        yield _Span(text, len(html), Context.TEXT)

    def _attributes(self, tag: str, at: int) -> Generator[_Span, None, int]:
        """Spans of the quoted attribute values of a tag; returns where the tag ends."""
        html = self._html
        while True:
            blank = _BLANK.match(html, at)
            at = at if blank is None else blank.end()
            if at >= len(html) or html[at] == ">":
                return min(at + 1, len(html))
            attribute = _ATTRIBUTE.match(html, at)
            if attribute is None:
                at += 1
                continue
            at = attribute.end()
            name = attribute[1].lower()
            quoted = 2 if attribute[2] is not None else 3
            if attribute[quoted] is None:
                continue
            if tag == "a" and name == "href":
                self.links.append(unescape(attribute[quoted]).strip())
            start, end = attribute.span(quoted)
            problem = attribute_problem(name)
            if problem is not None:
                yield _Span(start, end, None, problem)
            else:
                yield _Span(start, end, Context.ATTRIBUTE, is_url=is_url_attribute(name))


def is_url_attribute(name: str) -> bool:
    """The (lower-case) attribute holds one URL, with a namespace prefix (xlink:href) or without."""
    return name.rpartition(":")[2] in URL_ATTRIBUTES


def attribute_problem(name: str) -> str | None:
    """Why no value may stand in an attribute of this (lower-case) name, or None."""
    if name.startswith("on"):
        return f"{name} is an event handler: a value there would be script"
    if name in UNSAFE_ATTRIBUTES:
        return f"a value in {name} cannot be made safe"
    return None


def _misspelt(html: str, spans: _Spans) -> Iterator[str]:
    """Things in text and attributes that look like placeholders and are none."""
    for match in _LOOKALIKE.finditer(html):
        known = _PLACEHOLDER.fullmatch(match[0])
        if known is not None and known[1] in FIELDS:
            continue
        if spans.context(match.start(), match.end())[0] is not None:
            name = re.split(r"[|.}]", match[0][1:], maxsplit=1)[0]
            yield f"{match[0]}: unknown value{did_you_mean(name, FIELDS)}"
