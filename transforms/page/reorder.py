"""Reorder: units permuted as their very bytes, the gaps between them kept, positional class tokens kept in place."""

import re
from collections.abc import Sequence
from operator import getitem, itemgetter
from struct import Struct
from typing import NamedTuple

from transforms.page.anatomy import Span, Unit
from transforms.page.edits import Reorder
from transforms.page.ground import Ground

_VALUE = re.compile(rb"[^=\t\n\f\r ]+[\t\n\f\r ]*=[\t\n\f\r ]*([\"']?)")
_TOKEN = re.compile(rb"[^\t\n\f\r ]+")
_IN_FRONT = re.compile(rb"<[A-Za-z][A-Za-z0-9-]*[\t\n\f\r ]+class=[\"']?", re.IGNORECASE)
"""The start of a tag whose first attribute is its class: nothing in it can vary within a template."""


_Rewritten = dict[tuple[int, int], tuple[tuple[int, int, bytes], str]]


class Permuted(NamedTuple):
    """The bytes of the span from the first to the last changed unit; `classes` is the new class per moved unit."""

    start: int
    end: int
    new: bytes
    moved: tuple[Span, ...]
    rewrites: tuple[tuple[int, int, bytes], ...]
    classes: tuple[str | None, ...]


def permute(edit: Reorder, units: Sequence[Unit], ground: Ground) -> Permuted | str:
    """The permuted bytes, or why positional tokens cannot be kept. An identity yields an empty span."""
    extents = ground.extents(edit.query)
    order = edit.order
    changed = [place for place, source in enumerate(order) if place != source]
    if not changed:
        at = extents[0][0] if extents else 0
        return Permuted(at, at, b"", (), (), ())
    body, where = ground.body, ground.at
    key = (edit.query, *edit.positional)
    classes = ground.memo.get(key)
    if not isinstance(classes, _Classes):
        classes = ground.memo[key] = _Classes(units, ground, edit.positional)
    placed = ground.placed.get(key)
    rewritten: _Rewritten = placed if isinstance(placed, dict) else {}
    ground.placed[key] = rewritten
    pieces: list[bytes] = []
    rewrites: list[tuple[int, int, bytes]] = []
    new_classes: list[str | None] = []
    moved: list[Span] = []
    tokens = classes.tokens
    at = start = extents[changed[0]][0]
    # This runs for every unit of every reordered page.
    for place in changed:
        first, last = extents[place]
        if at < first:
            pieces.append(body[at:first])
        at = last
        source = order[place]
        span = extents[source]
        moved.append(span)
        wanted = tokens[place]
        if wanted == tokens[source]:
            pieces.append(body[span[0] : span[1]])
            new_classes.append(None)
            continue
        known = rewritten.get((source, wanted))
        if known is None:
            rewrite = classes.rewrite(source, place)
            if isinstance(rewrite, str):
                return rewrite
            left, right, new, value = rewrite
            known = rewritten[source, wanted] = (where(left), where(right), new), value
        instead, value = known
        pieces += (body[span[0] : instead[0]], instead[2], body[instead[1] : span[1]])
        rewrites.append(instead)
        new_classes.append(value)
    return Permuted(start, at, b"".join(pieces), tuple(moved), tuple(rewrites), tuple(new_classes))


class Shuffle:
    """A list on one layout, cut so that an order of its units is a matter of putting pieces beside each other."""

    __slots__ = ("_cut", "_every", "_rows", "_start", "_straight", "keeps_size", "known")

    def __init__(
        self,
        extents: Sequence[Span],
        classes: "Sequence[Span]",
        rows: Sequence[Sequence[bytes]],
    ) -> None:
        """`rows` has, per position, what stands for the class attribute at `classes` of each unit there; with none of
        them a unit moves without its start, up to the end of its class attribute: those are alike where they stand."""
        self._start = extents[0][0]
        self._every = frozenset(range(len(extents)))
        self._straight = tuple(range(len(extents)))
        self._rows = rows
        self.keeps_size = not rows
        """The list is as long in any order."""
        ends = [right for _, right in classes] or [start for start, _ in extents]
        sizes = [] if rows else [ends[0] - self._start]
        for number, (start, end) in enumerate(extents):
            following = extents[number + 1][0] if number + 1 < len(extents) else end
            if rows:
                left, right = classes[number]
                sizes += (left - start, right - left, end - right, following - end)
            else:
                sizes += (end - ends[number], ends[number + 1] - end if number + 1 < len(extents) else 0)
        self._cut = Struct("".join(f"{size}s" for size in sizes))
        self.known: tuple[bytes, ...] | None = None
        """The list cut, where it is the same on all bodies."""

    def cut(self, body: bytes) -> tuple[bytes, ...]:
        """The list in the order that is there."""
        return self._cut.unpack_from(body, self._start)

    def pieces(self, body: bytes, order: Sequence[int]) -> list[bytes] | None:
        """All bytes of the list in this order; None when it is no permutation, or the one that is there."""
        if len(order) != len(self._every) or self._every != frozenset(order) or order == self._straight:
            return None
        pieces = list(self.known or self.cut(body))
        if self._rows:
            in_order = itemgetter(*order)
            pieces[0::4] = in_order(pieces[0::4])
            pieces[1::4] = map(getitem, self._rows, order)
            pieces[2::4] = in_order(pieces[2::4])
        else:
            pieces[1::2] = itemgetter(*order)(pieces[1::2])
        return pieces


def shuffle_of(ground: Ground, query: str, positional: tuple[str, ...]) -> Shuffle | None:
    """The shuffle of a list that was permuted on this template before; None when it cannot take every order."""
    extents = ground.extents(query)
    classes = ground.memo.get((query, *positional))
    if not isinstance(classes, _Classes) or len(extents) < 2:
        return None
    shuffle = _shuffle(ground, extents, classes)
    if shuffle is not None and ground.is_fixed(extents[0][0], extents[-1][1]):
        key = ("", query, *positional)  # no query has this name
        known = ground.memo.get(key)
        if not isinstance(known, tuple):
            known = ground.memo[key] = shuffle.cut(ground.body)
        shuffle.known = known
    return shuffle


def _shuffle(ground: Ground, extents: Sequence[Span], classes: "_Classes") -> Shuffle | None:
    if len(set(classes.tokens)) == 1:
        return Shuffle(extents, (), ())
    attributes = [(ground.at(start), ground.at(end)) for start, end in classes.spans]
    row_of: dict[int, list[bytes]] = {}
    for place, token in enumerate(classes.tokens):
        if token in row_of:
            continue
        row_of[token] = row = []
        for source, (start, end) in enumerate(attributes):
            if classes.tokens[source] == token:
                row.append(ground.body[start:end])
                continue
            rewrite = classes.rewrite(source, place)
            if isinstance(rewrite, str):
                return None
            row.append(rewrite[2])
    heads = {ground.body[start:left] for (start, _), (left, _) in zip(extents, attributes, strict=True)}
    if all(len(set(row)) == 1 for row in row_of.values()) and len(heads) == 1 and _IN_FRONT.fullmatch(heads.pop()):
        return Shuffle(extents, attributes, ())
    return Shuffle(extents, attributes, [row_of[token] for token in classes.tokens])


class _Classes:
    """The class attributes of the units (they never vary within a template), in offsets of the units' sample."""

    __slots__ = ("_rewrites", "_sets", "_swapped", "_values", "spans", "tokens")

    def __init__(self, units: Sequence[Unit], ground: Ground, positional: Sequence[str]) -> None:
        positional_tokens = frozenset([token.encode("ascii", "replace") for token in positional])
        self.spans: list[tuple[int, int]] = []
        self._values: list[tuple[bytes, bytes] | None] = []
        self._rewrites: dict[tuple[int, int], tuple[int, int, bytes, str] | str] = {}
        self._swapped: dict[tuple[bytes, frozenset[bytes]], tuple[bytes, str]] = {}
        found: list[frozenset[bytes]] = []
        known: dict[bytes, tuple[tuple[bytes, bytes] | None, frozenset[bytes]]] = {}
        """Few different ones come on a page."""
        body, where, spans, values = ground.body, ground.at, self.spans, self._values
        for unit in units:
            span = unit.attributes.get("class")
            if span is None:
                at = unit.start + 1 + len(unit.tag)
                span = at, at
            start, end = span
            raw = body[where(start) : where(end)]
            read = known.get(raw)
            if read is None:
                read = known[raw] = _read(raw, positional_tokens)
            old, tokens = read
            values.append(old)
            found.append(tokens)
            if old is not None and old[1]:  # without a value or quotes it is replaced by a whole attribute
                end -= len(old[1])
                span = end - len(old[0]), end
            spans.append(span)
        self._sets = list(dict.fromkeys(found))
        self.tokens = list(map(self._sets.index, found))
        """The positional tokens of each unit's position, as numbers of sets of them."""

    def rewrite(self, source: int, place: int) -> tuple[int, int, bytes, str] | str:
        """(start, end, bytes, class value) that gives the unit `source` the positional tokens of `place`."""
        key = (source, self.tokens[place])
        made = self._rewrites.get(key)
        if made is None:
            made = self._rewrites[key] = self._rewrite(source, self._sets[self.tokens[place]])
        return made

    def _rewrite(self, source: int, wanted: frozenset[bytes]) -> tuple[int, int, bytes, str] | str:
        start, end = self.spans[source]
        old = self._values[source]
        if old is None:
            value = b" ".join(sorted(wanted))
            gap = b" " if start == end else b""
            return start, end, gap + b'class="' + value + b'"', value.decode("latin-1")
        if b"&" in old[0]:
            return "a class attribute with character references"
        swapped = self._swapped.get((old[0], wanted))
        if swapped is None:
            present = self._sets[self.tokens[source]]
            value = _swap(old[0], sorted(present - wanted), sorted(wanted - present))
            swapped = self._swapped[old[0], wanted] = value, value.decode("latin-1")
        value, text = swapped
        return start, end, value if old[1] else b'class="' + value + b'"', text


def _read(raw: bytes, positional: frozenset[bytes]) -> tuple[tuple[bytes, bytes] | None, frozenset[bytes]]:
    """Value and quote of a class attribute, None without a value, and its positional tokens."""
    match = _VALUE.match(raw)
    if match is None:
        return None, frozenset()
    quote = match[1]
    value = raw[match.end() : len(raw) - len(quote)]
    return (value, quote), frozenset(_TOKEN.findall(value)) & positional


def _swap(value: bytes, dropped: Sequence[bytes], added: Sequence[bytes]) -> bytes:
    """`value` without `dropped` and with `added`: in the very place of dropped tokens, the rest at the end."""
    swaps = dict(zip(dropped, [*added, *[None] * len(dropped)], strict=False))
    pieces, at = [], 0
    for match in _TOKEN.finditer(value):
        token = match[0]
        if token not in swaps:
            continue
        new = swaps[token]
        before = value[at : match.start()]
        pieces.append(before.rstrip(b"\t\n\f\r ") if new is None else before + new)
        if new is not None:
            swaps[token] = None
        at = match.end()
    pieces.append(value[at:])
    rest = list(added[len(dropped) :])
    whole = b"".join(pieces)
    if rest:
        whole = whole + (b" " if whole and not whole[-1:].isspace() else b"") + b" ".join(rest)
    return whole
