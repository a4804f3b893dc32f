"""What a personalised page's changes amount to: the figures, and where each moved record stood. Pure.

Invariant: `is_exact` is only true after the page that went out was rebuilt from the origin's bytes and the list of
changes, and each reordered stretch was found to be a permutation of its records, compared byte for byte.
"""

import re
from dataclasses import dataclass

from demo.lens_record import SeenPage
from demo.shop.catalogue import BY_ID
from transforms.page.edits import Change

_PRODUCT = re.compile(rb"products_id=(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Figures:
    """`inserted`, `removed`: bytes; `moved`: positions that show another record than the origin sent; `classes`: class
    attributes of moved records that were changed because `first`, `odd` and the like belong to the position."""

    bytes_in: int
    bytes_out: int
    inserted: int
    removed: int
    moved: int
    classes: int
    is_exact: bool

    def sentence(self) -> str:
        """`61,233 bytes in, 61,645 out: 412 inserted, 5 records moved, everything else identical`."""
        parts = [f"{self.inserted:,} inserted"] if self.inserted else []
        if self.removed:
            parts.append(f"{self.removed:,} replaced")
        if self.moved:
            records = f"{_counted(self.moved, 'record')} moved"
            if self.classes:
                records += f" ({_counted(self.classes, 'odd/even class', 'odd/even classes')} swapped to fit)"
            parts.append(records)
        parts.append("everything else identical" if self.is_exact else "THE REST DIFFERS")
        return f"{self.bytes_in:,} bytes in, {self.bytes_out:,} out: {', '.join(parts)}"


@dataclass(frozen=True, slots=True)
class Move:
    """One record in its new place. Positions count from 1: in the whole list, or, when the page's list is not known,
    among the moved records (`is_of_list` false). `start` and `end` are source offsets."""

    start: int
    end: int
    was: int
    now: int
    is_of_list: bool
    title: str | None
    rewrites: tuple[tuple[int, int, bytes], ...]

    def bytes_of(self, before: bytes) -> bytes:
        """The record as it went out."""
        pieces, at = [], self.start
        for start, end, new in self.rewrites:
            pieces += [before[at:start], new]
            at = end
        return b"".join((*pieces, before[at : self.end]))


def in_order(page: SeenPage) -> list[Change]:
    """The changes as they stand in the page."""
    return sorted(page.changes, key=lambda change: (change.start, change.end, change.edit))


def figures(page: SeenPage) -> Figures:
    """Count, and prove the rest identical."""
    inserted = removed = classes = 0
    rebuilt, at, is_exact = [], 0, True
    for change in in_order(page):
        rebuilt += [page.before[at : change.start], change.replacement]
        at = change.end
        if change.moved:
            classes += len(change.rewrites)
            is_exact = is_exact and permuted(page, change) == change.replacement
        else:
            inserted += len(change.replacement)
            removed += change.end - change.start
    rebuilt.append(page.before[at:])
    return Figures(
        bytes_in=len(page.before),
        bytes_out=len(page.after),
        inserted=inserted,
        removed=removed,
        moved=page.moved,
        classes=classes,
        is_exact=is_exact and b"".join(rebuilt) == page.after,
    )


def moves(page: SeenPage, change: Change) -> list[Move]:
    """The records of a reordered stretch, in their new order."""
    before = page.before
    products = [_product(before[start:end]) for start, end in change.moved]
    now = _positions(page, products)
    places = sorted(now) if now else range(1, len(products) + 1)
    stood = dict(zip(sorted(change.moved), places, strict=True))
    made = []
    for number, (start, end) in enumerate(change.moved):
        record = BY_ID.get(int(products[number] or 0))
        made.append(
            Move(
                start=start,
                end=end,
                was=stood[start, end],
                now=now[number] if now else number + 1,
                is_of_list=bool(now),
                title=f"{record.artist} – {record.title}" if record else None,
                rewrites=tuple(sorted(rewrite for rewrite in change.rewrites if start <= rewrite[0] < end)),
            )
        )
    return made


def permuted(page: SeenPage, change: Change) -> bytes:
    """What a reordered stretch must be: the very bytes of its records and of what lies between them."""
    pieces, at = [], change.start
    for place, move in zip(sorted(change.moved), moves(page, change), strict=True):
        pieces += [page.before[at : place[0]], move.bytes_of(page.before)]
        at = place[1]
    return b"".join((*pieces, page.before[at : change.end]))


def _product(unit: bytes) -> str | None:
    found = _PRODUCT.search(unit)
    return found[1].decode("ascii") if found else None


def _positions(page: SeenPage, products: list[str | None]) -> list[int]:
    """Where these products stand in the list that shows them all; empty when no list does."""
    for items in page.lists:
        place = {product: number for number, product in enumerate(items, 1)}
        if all(product in place for product in products):
            return [place[product] for product in products if product is not None]
    return []


def _counted(number: int, one: str, more: str = "") -> str:
    return f"{number} {one if number == 1 else more or one + 's'}"
