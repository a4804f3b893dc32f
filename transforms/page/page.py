"""One located body: the facts read from it and the way to change it."""

from collections.abc import Sequence
from typing import Literal

from transforms.page.edits import Edit, Spliced
from transforms.page.query import Row

Outcome = Literal["hit", "relocated", "compiled"]


class Page:
    """A body with the byte ranges of what was looked for; made by `Engine.open`, used by one request."""

    __slots__ = ("body", "outcome")

    def __init__(self, body: bytes, outcome: Outcome) -> None:
        self.body = body
        self.outcome: Outcome = outcome

    @property
    def facts_token(self) -> object:
        """An object that is the same for two pages whose rows are all equal: a key for what is derived from rows."""
        raise NotImplementedError

    def rows(self, name: str) -> tuple[Row, ...]:
        """The matches of the query `name` in document order; () when there are none or no such query."""
        raise NotImplementedError

    def count(self, name: str) -> int:
        """How many elements the query `name` matched."""
        raise NotImplementedError

    def splice(self, edits: Sequence[Edit]) -> Spliced:
        """The body with `edits` made; each edit is made exactly or refused with a reason. Never raises."""
        raise NotImplementedError
