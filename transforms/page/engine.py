"""The page engine: holds what was learnt of a shop's pages and opens a body for facts and edits.

Invariant: outside of the edits that were asked for and accepted, not one byte of a body changes; whatever happens in
here, a caller gets a `Page` or a `Refusal`, never an exception.
"""

from collections import Counter

from transforms.page.charset import Encoding
from transforms.page.limits import PageLimits, Refusal, TemplateKey
from transforms.page.page import Page
from transforms.page.query import Query

__all__ = ["Engine", "Page", "PageLimits", "Refusal", "TemplateKey", "problems"]


def problems(queries: tuple[Query, ...]) -> list[str]:
    """What is wrong with `queries`, each naming its query: selectors that one of the engines refuses, double names."""
    raise NotImplementedError


class Engine:
    """Opens bodies; one per worker process and configuration version."""

    def __init__(self, queries: tuple[Query, ...], limits: PageLimits | None = None) -> None:
        self.queries = queries
        self.limits = limits or PageLimits()
        self.counters: Counter[str] = Counter()
        """hit, relocated, compiled, and refused:<REASON>."""

    def open(
        self, body: bytes, encoding: Encoding, key: TemplateKey, visitor: str | None, *, learn: bool = True
    ) -> Page | Refusal:
        """Locate the queries' matches in `body`.

        `visitor` is any stable token of the browser, for the three-visitor rule on signed-in pages; `learn=False`
        (errors, POSTs) uses what is known and keeps nothing of this body.
        """
        raise NotImplementedError
