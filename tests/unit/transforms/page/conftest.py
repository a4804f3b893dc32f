"""Opening a body with a few queries in one line, and checking an outcome against the origin's bytes alone."""

from collections.abc import Callable, Sequence

import pytest

from transforms.page.charset import Encoding, sniff
from transforms.page.edits import Edit, Spliced
from transforms.page.engine import Engine, Page, PageLimits, Refusal, TemplateKey
from transforms.page.query import Query

Open = Callable[..., Page | Refusal]


@pytest.fixture
def key() -> TemplateKey:
    return TemplateKey("shop.test", "/c", False, "1")


@pytest.fixture
def opened(key: TemplateKey) -> Open:
    """open(body, **selectors) with a fresh engine; queries may be given as `queries`."""

    def open_body(
        body: bytes,
        *,
        queries: Sequence[Query] = (),
        limits: PageLimits | None = None,
        content_type: bytes = b"text/html",
        **selectors: str,
    ) -> Page | Refusal:
        encoding = sniff(body, content_type)
        if isinstance(encoding, Refusal):
            return encoding
        assert isinstance(encoding, Encoding)
        named = tuple(Query(name, css) for name, css in selectors.items())
        return Engine((*queries, *named), limits).open(body, encoding, key, None)

    return open_body


def _rebuilt(body: bytes, spliced: Spliced) -> bytes:
    """The outcome worked out from its changes alone: what is not in a change must be the origin's bytes."""
    pieces, at = [], 0
    for change in sorted(spliced.changes, key=lambda change: (change.start, change.end)):
        assert at <= change.start <= change.end <= len(body)
        pieces += (body[at : change.start], change.replacement)
        if change.kind == "reorder":
            assert change.replacement == permuted(body, change.start, change.end, change.moved, change.rewrites)
        at = change.end
    pieces.append(body[at:])
    return b"".join(pieces)


def permuted(
    body: bytes,
    start: int,
    end: int,
    moved: Sequence[tuple[int, int]],
    rewrites: Sequence[tuple[int, int, bytes]],
) -> bytes:
    """A reorder's replacement by its report: the very bytes of the units, but for the class tokens reported."""
    pieces, at = [], start
    for (first, last), (begin, stop) in zip(sorted(moved), moved, strict=True):
        pieces.append(body[at:first])
        for left, right, new in sorted(rewrites):
            if begin <= left and right <= stop:
                pieces += (body[begin:left], new)
                begin = right
        pieces.append(body[begin:stop])
        at = last
    assert at == end
    return b"".join(pieces)


@pytest.fixture
def made(opened: Open) -> Callable[..., Spliced]:
    """made(body, edits, **selectors): the outcome, its changes checked against the origin's bytes."""

    def splice(body: bytes, edits: Sequence[Edit], **more: object) -> Spliced:
        page = opened(body, **more)
        assert isinstance(page, Page), page
        spliced = page.splice(edits)
        assert _rebuilt(body, spliced) == spliced.body
        if not spliced.changes:
            assert spliced.body is body
        return spliced

    return splice


@pytest.fixture(name="rebuilt")
def rebuilt_fixture() -> Callable[[bytes, Spliced], bytes]:
    """The outcome worked out from its changes alone."""
    return _rebuilt
