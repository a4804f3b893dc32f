"""A page to learn from, parsed once, with the few questions that every detector asks of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from clicks.reading import resolve
from clicks.targets import Target, parse_target

SILENT: Final = frozenset({"script", "style", "template", "noscript", "svg", "head", "iframe", "select", "option"})
"""Elements whose text a visitor does not read as the page's own."""

_ACTION = re.compile(
    # Whole parts of the address only: a basket is for sale at /copper-basket.
    r"(?:^|[/?&=.])(?:(?:add|remove|shopping|my|view)[-_])?(?:(?:to|from)[-_])?(?:cart|basket|bag|carrito|cesta|"
    r"warenkorb|panier|carrello|koszyk|winkelwagen|wish-?_?lists?|wunschliste|favou?rites?|compare|comparar|vergleich|"
    r"quick-?_?view|add|remove|delete|log-?in|log-?out|logoff|register|sign-?in|sign-?up|account|checkout|reviews?|"
    r"tell_a_friend|share|buy_now|notify)(?:[-_](?:add|remove|update|product|products|item|write|reviews?)|_\w+)?(?:$|[/?&=.])",
    re.IGNORECASE,
)
_NOT_A_PAGE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|pdf|zip|mp3|mp4|ogg|css|js|xml|ico)$", re.IGNORECASE)


def is_action(target: Target) -> bool:
    """A link that does something with a product (cart, wish list, comparison, review) instead of leading to it."""
    return _ACTION.search(target.text) is not None


def fold(text: str | None) -> str:
    """White space as single blanks."""
    return " ".join((text or "").split())


@dataclass(frozen=True, slots=True)
class Link:
    """An anchor to another page of the shop."""

    node: LexborNode
    target: Target
    is_action: bool


@dataclass
class Sample:
    """One page as served: `target` is its own path and query, `host` the authority it was asked of.

    `session_cookies` are names of cookies that came with it and may carry a session (`session_cookies.py`).
    """

    target: Target
    html: str
    host: str = ""
    status: int = 200
    session_cookies: tuple[str, ...] = ()
    session_params: frozenset[str] = frozenset()
    """Query parameters that carry a session: no part of an address."""

    @cached_property
    def tree(self) -> LexborHTMLParser:
        """The parsed page."""
        return LexborHTMLParser(self.html)

    @cached_property
    def base(self) -> Target:
        """What relative links are relative to: `<base href>` or the page itself."""
        node = self.tree.css_first("base[href]")
        href = node.attributes.get("href") if node is not None else None
        return resolve(href, self.target) if href else self.target

    def internal(self, href: str | None) -> Target | None:
        """The target of a link if it stays in the shop and may be a page."""
        href = (href or "").strip()
        if not href or href[0] == "#" or re.match(r"(?i)(?:javascript|mailto|tel|data|blob|sms|whatsapp):", href):
            return None
        authority = re.match(r"(?:https?:)?//([^/?#]*)", href, re.IGNORECASE)
        if authority is not None and _plain_host(authority[1]) != _plain_host(self.host):
            return None
        target = without(resolve(href.partition("#")[0], self.base), self.session_params)
        return None if _NOT_A_PAGE.search(target.path) else target

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Links to pages of the shop, in document order."""
        found = []
        for node in self.tree.css("a[href]"):
            target = self.internal(node.attributes.get("href"))
            if target is not None:
                found.append(Link(node, target, is_action(target)))
        return tuple(found)

    @property
    def body(self) -> LexborNode | None:
        """The body element."""
        return self.tree.body


def without(target: Target, names: frozenset[str]) -> Target:
    """The target without these query parameters, and without what only a session can be: long and random."""
    if not target.query or not any(_is_session(name, value, names) for name, value in target.query):
        return target
    path, _, query = target.text.partition("?")
    kept = [part for part in query.split("&") if not _is_session(*_pair(part), names)]
    return parse_target((path + ("?" + "&".join(kept) if kept else "")).encode("utf-8", "surrogateescape"))


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name, value


def _is_session(name: str, value: str, names: frozenset[str]) -> bool:
    return name in names or re.fullmatch(r"[0-9a-f]{26,}|(?=.*\d)[A-Za-z0-9,-]{26,}", value) is not None


def _plain_host(authority: str) -> str:
    return authority.rpartition("@")[2].lower().removeprefix("www.")


def elements(node: LexborNode) -> Iterator[LexborNode]:
    """Child elements."""
    child = node.child
    while child is not None:
        if child.is_element_node:
            yield child
        child = child.next


def sample(path: str, html: str, host: str = "", *, status: int = 200) -> Sample:
    """A sample from plain values."""
    return Sample(parse_target(path.encode("utf-8", "surrogateescape")), html, host, status)
