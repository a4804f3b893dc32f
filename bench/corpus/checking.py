"""Checks of one body: bytes by the changes alone, ranges by markers in selectolax, meaning by html5lib and justhtml.

Nothing here uses the engine's own locating, gating or splicing to judge it: what the engine says it did is taken as a
claim, and the bytes and trees of other parsers as the facts.
"""

import re
import time
from collections import Counter
from collections.abc import Sequence
from itertools import permutations
from random import Random

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bench.corpus import html5_tree
from transforms.page.anatomy import NOWHERE, RAW, RCDATA, Unit
from transforms.page.charset import sniff
from transforms.page.edits import (
    Change,
    Edit,
    Insert,
    Markup,
    Remove,
    Reorder,
    Replace,
    SetAttribute,
    SetText,
    Spliced,
    Target,
    Text,
)
from transforms.page.engine import Engine, Page, PageLimits, Refusal, TemplateKey
from transforms.page.locate import view_of
from transforms.page.query import Query

KEY = TemplateKey("corpus.test", "/", False, "1")
LIMITS = PageLimits(inline_compile_ms=60_000, max_left_open=2**31)
TAGS = ("div", "p", "a", "li", "td", "tr", "span", "table", "ul", "form", "option", "h1", "b", "img", "dd", "font")
QUERIES = (*(Query(tag, tag) for tag in TAGS), Query("body", "body"))
ENGINE_US = "engine us"
"""Microseconds of the engine's own work in what was counted."""
SELECTORS = {query.name: query.css for query in QUERIES}
_TEXTS = ("José", "<b>&amp;", "a\"b'c", " ", "¡50 % <!-- oferta -->")
_MARKUPS = ("<i>!</i>", "<div class='offer'>é</div>", "<p>x", "<a href='/x'>y</a>", "<tr><td>1</td></tr>", "x<br>y")
_MARK = "corpus-mark"
_BODY = Target("body")
_FRAME = frozenset(["html", "head", "body"])
_START_TAG = re.compile(rb"<[a-zA-Z][^\t\n\f\r />]*")
_END_TAG = re.compile(rb"</[^>]*>")
_MARKS_MOVE = ("table", "tr", "form")
"""In and after these a mark is moved by the parser itself."""
_OUTDATED = (b"<template",)
"""Elements that html5lib does not know: on pages with them justhtml alone is asked."""
OPINIONS = {"html5lib": html5_tree.parse, "justhtml": html5_tree.parse_justhtml}
"""Engines that are not ours: html5lib is asked first; justhtml, of newer rules, where html5lib has no opinion."""


def check(body: bytes, content_type: bytes, random: Random, *, sets: int, engine: Engine | None = None) -> Counter[str]:
    """What became of one body and `sets` random sets of edits, by name; what must stay zero begins with "bad:"."""
    counts: Counter[str] = Counter(bodies=1)
    encoding = sniff(body, content_type)
    if isinstance(encoding, Refusal):
        counts[f"page:{encoding.reason}"] += 1
        return counts
    start = time.perf_counter()
    page = Engine(QUERIES, LIMITS).open(body, encoding, KEY, None)
    counts[ENGINE_US] += round((time.perf_counter() - start) * 1e6)
    if isinstance(page, Refusal):
        counts[f"page:{page.reason}"] += 1
        counts["bad:crash"] += page.reason == "ERROR"
        return counts
    counts["opened"] += 1
    if engine is not None:
        known = engine.open(body, encoding, KEY, None, learn=False)
        if isinstance(known, Page) and known.outcome == "hit":
            counts["hits"] += 1
            counts["bad:hit"] += not _same(known, page)
    if page.splice([]).body is not body:
        counts["bad:no edits"] += 1
    for _ in range(sets):
        edits = _some_edits(page, random)
        if edits:
            _check_edits(page, edits, counts)
    return counts


def editable(body: bytes, content_type: bytes, random: Random, *, most: int) -> Counter[str]:
    """Of up to `most` elements with explicit tags: how many take an attribute, text beside them, their removal."""
    counts: Counter[str] = Counter()
    encoding = sniff(body, content_type)
    queries = (Query("all", "*"), Query("body", "body"))
    page = encoding if isinstance(encoding, Refusal) else Engine(queries, LIMITS).open(body, encoding, KEY, None)
    if isinstance(page, Refusal):
        counts[f"page:{page.reason}"] += 1
        return counts
    counts["pages"] += 1
    end = page.splice([Insert(Target("body"), "end", Markup("<div>x</div>"))])
    counts["pages with an end"] += bool(end.changes)
    explicit = [n for n, unit in enumerate(page.units("all") or ()) if unit.closed and unit.tag not in _FRAME]
    chosen = random.sample(explicit, min(most, len(explicit)))
    counts["elements"] += len(chosen)
    for number in chosen:
        target = Target("all", number)
        edits: dict[str, Edit] = {
            "attribute": SetAttribute(target, "title", "x"),
            "beside": Insert(target, "before", Text("x")),
            "removed": Remove(target),
        }
        made = {name for name, edit in edits.items() if page.splice([edit]).changes}
        for name in made:
            counts[name] += 1
        counts["editable"] += "attribute" in made and "removed" in made
    return counts


def _same(left: Page, right: Page) -> bool:
    """Whether two pages of one body say the same of every place and value."""
    for query in QUERIES:
        if left.count(query.name) != right.count(query.name):
            return False
        for one, two in zip(left.units(query.name) or (), right.units(query.name) or (), strict=True):
            edges = ("start", "content_start", "content_end", "end")
            if any(_place(left, getattr(one, edge)) != _place(right, getattr(two, edge)) for edge in edges):
                return False
    return True


def _place(page: Page, offset: int) -> int:
    return NOWHERE if offset == NOWHERE else page.at(offset)


def _some_edits(page: Page, random: Random) -> list[Edit]:
    """One to three edits of things that are there."""
    present = [name for name in TAGS if page.count(name)]
    edits: list[Edit] = []
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        if not present or random.random() < 0.12:
            edits.append(Insert(Target("body"), "end", random.choice((Text("x"), Markup("<div>x</div>")))))
            continue
        name = random.choice(present)
        count = page.count(name)
        target = Target(name, random.randrange(count))
        payload = Text(random.choice(_TEXTS)) if random.random() < 0.5 else Markup(random.choice(_MARKUPS))
        match random.randrange(8):
            case 0 | 1 | 2:
                edits.append(Insert(target, random.choice(("before", "after", "start", "end")), payload))
            case 3:
                edits.append(Replace(target, payload))
            case 4:
                edits.append(Remove(target))
            case 5:
                edits.append(SetText(target, Text(random.choice(_TEXTS))))
            case 6:
                edits.append(SetAttribute(target, random.choice(("title", "data-x", "class")), "é\"<'"))
            case _:
                edits.append(Reorder(name, tuple(random.sample(range(count), count)), ()))
    return edits


def _check_edits(page: Page, edits: Sequence[Edit], counts: Counter[str]) -> None:
    start = time.perf_counter()
    spliced = page.splice(edits)
    counts[ENGINE_US] += round((time.perf_counter() - start) * 1e6)
    counts["edits"] += len(edits)
    for refused in spliced.refused:
        counts[f"no:{refused.reason}"] += 1
        counts["bad:crash"] += refused.reason == "ERROR"
    if not spliced.changes:
        counts["bad:bytes"] += spliced.body is not page.body
        return
    counts["made"] += len(spliced.changes)
    if rebuilt(page.body, spliced) != spliced.body:
        counts["bad:bytes"] += 1
    made = [edits[change.edit] for change in sorted(spliced.changes, key=lambda change: change.edit)]
    counts["ranges"] += 1
    if not _is_placed(page, made):
        counts["bad:range"] += 1
    _opinions(page, made, spliced, counts)


def rebuilt(body: bytes, spliced: Spliced) -> bytes | None:
    """The outcome by its changes alone; None when a reorder is anything but the very bytes of its units."""
    pieces: list[bytes] = []
    at = 0
    for change in sorted(spliced.changes, key=lambda change: (change.start, change.end)):
        if not at <= change.start <= change.end <= len(body):
            return None
        if change.kind == "reorder" and change.replacement != _permuted(body, change):
            return None
        pieces += (body[at : change.start], change.replacement)
        at = change.end
    return b"".join((*pieces, body[at:]))


def _permuted(body: bytes, change: Change) -> bytes:
    pieces: list[bytes] = []
    at = change.start
    for (first, last), (begin, stop) in zip(sorted(change.moved), change.moved, strict=True):
        pieces.append(body[at:first])
        for left, right, new in sorted(change.rewrites):
            if begin <= left and right <= stop:
                pieces += (body[begin:left], new)
                begin = right
        pieces.append(body[begin:stop])
        at = last
    return b"".join(pieces)


def _is_placed(page: Page, edits: Sequence[Edit]) -> bool:
    """Whether the ranges of the edits' targets are where selectolax finds them, told by comments put there."""
    for edit in edits:
        name = edit.query if isinstance(edit, Reorder) else edit.target.query
        units = page.units(name) or ()
        if name == "body":
            continue  # its end is proven by the other engines: comments after it belong elsewhere
        indexes = range(len(units)) if isinstance(edit, Reorder) else (edit.target.index,)
        for index in tuple(indexes)[:4]:
            if not _is_marked(page, units[index], name, index, needs_end=not isinstance(edit, SetAttribute)):
                return False
    return True


def _is_marked(page: Page, unit: Unit, name: str, index: int, *, needs_end: bool) -> bool:
    """The start tag by an attribute put into both its ends, the end tag by its bytes and by marks on both sides."""
    body, start = page.body, page.at(unit.start)
    tag = _START_TAG.match(body, start)
    if tag is None or not _is_named(body, tag.end(), name, index):
        return False
    if unit.content_start != NOWHERE:
        stop = page.at(unit.content_start) - 1
        if body[stop : stop + 1] != b">" or not _is_named(body, stop, name, index):
            return False
    if not needs_end or not unit.closed or unit.void:
        return True
    content_end, end = page.at(unit.content_end), page.at(unit.end)
    if _END_TAG.fullmatch(body, content_end, end) is None or body[content_end + 2 :].lower().find(unit.tag.encode()):
        return False
    if unit.tag in _MARKS_MOVE or unit.tag in RAW | RCDATA:
        return True
    marks = (f"<!--{_MARK}-->", _MARK)
    return any(_is_beside(body, content_end, name, index, mark, is_inside=True) for mark in marks) and any(
        _is_beside(body, end, name, index, mark, is_inside=False) for mark in marks
    )


def _is_named(body: bytes, at: int, name: str, index: int) -> bool:
    """Whether an attribute put at `at` becomes one of the element."""
    marked = body[:at] + b" " + _MARK.encode() + b" " + body[at:]
    nodes = _nodes(marked, name)
    if index >= len(nodes):
        return False
    attributes = nodes[index].attributes
    # After an attribute's "=" the mark is its value.
    return _MARK in attributes or _MARK in attributes.values()


def _is_beside(body: bytes, at: int, name: str, index: int, mark: str, *, is_inside: bool) -> bool:
    """Whether a mark put at `at` is the element's last content, or comes next after it.

    A comment goes elsewhere after the body, text goes elsewhere in a table, so one of them has to do.
    """
    nodes = _nodes(body[:at] + mark.encode() + body[at:], name)
    if index >= len(nodes):
        return False
    node = nodes[index]
    after: LexborNode | None = node
    while after is not None and after.next is None and after.parent is not None and after.parent.tag == "form":
        after = after.parent  # a form that was closed inside of the element: what comes next is not in it
    beside = None if after is None else after.next
    found = _deepest(node.last_child, is_last=True) if is_inside else _deepest(beside, is_last=False)
    return _is_mark(found, is_last=is_inside)


def _nodes(body: bytes, name: str) -> list[LexborNode]:
    return LexborHTMLParser(view_of(body), scripting=True).css(SELECTORS[name])


def _deepest(node: LexborNode | None, *, is_last: bool) -> LexborNode | None:
    """The last (first) node inside of `node`: where an implied end, or an element opened anew, puts a mark."""
    while node is not None:
        inside = node.last_child if is_last else node.first_child
        if inside is None:
            return node
        node = inside
    return None


def _is_mark(node: LexborNode | None, *, is_last: bool) -> bool:
    if node is None:
        return False
    if node.is_comment_node:
        return node.comment_content == _MARK
    text = node.text_content or ""
    return node.tag == "-text" and (text.endswith(_MARK) if is_last else text.startswith(_MARK))


def _agree(body: bytes, tree: html5_tree.Node) -> bool:
    """Whether a tree has the elements of the page as it came; html5lib's rules are of 2020."""
    return _elements(body) == list(tree.skeleton())


def _elements(body: bytes) -> list[tuple[int, str]]:
    """Depth and tag of all elements, by selectolax."""
    root = LexborHTMLParser(view_of(body), scripting=True).root
    elements: list[tuple[int, str]] = []
    todo = [] if root is None else [(0, child) for child in root.iter()]
    while todo:
        depth, node = todo.pop(0)
        if node.is_comment_node:
            continue
        elements.append((depth, (node.tag or "").lower()))
        todo[:0] = [(depth + 1, child) for child in node.iter()]
    return elements


def _but_one_at_the_end(edits: Sequence[Edit], spliced: Spliced) -> list[Change]:
    """The changes, of insertions at the end of body only the first: the others go behind it, as in a tree."""
    changes = sorted(spliced.changes, key=lambda change: change.edit)
    at_end = [c for c, edit in zip(changes, edits, strict=True) if isinstance(edit, Insert) and edit.target == _BODY]
    return [change for change in changes if change not in at_end[1:]]


def _touch(left: Change, right: Change) -> bool:
    return left.start == right.start or left.end == right.start or left.start < right.start < left.end


def _opinions(page: Page, edits: Sequence[Edit], spliced: Spliced, counts: Counter[str]) -> None:
    """Whether the other engines agree that the bytes mean the edits."""
    if any(_touch(left, right) for left, right in permutations(_but_one_at_the_end(edits, spliced), 2)):
        counts["opinion:touching edits"] += 1
        return
    outdated = any(tag in page.body.lower() for tag in _OUTDATED)
    for name in ("html5lib", "justhtml")[outdated:]:
        try:
            if _agrees(name, page, edits, spliced, counts):
                return
        except html5_tree.KnownDefect as defect:
            counts[f"opinion:{defect}"] += 1
    counts["opinion:nobody's"] += 1


def _agrees(name: str, page: Page, edits: Sequence[Edit], spliced: Spliced, counts: Counter[str]) -> bool:
    """Whether the engine `name` has an opinion, which is counted: that it agrees, or that the meaning is another."""
    parse = OPINIONS[name]
    tree, after = parse(view_of(page.body)), parse(view_of(spliced.body))
    found = {query: [node for node in tree.elements() if node.tag == query] for query in SELECTORS}
    names = {edit.query if isinstance(edit, Reorder) else edit.target.query for edit in edits}
    if any(len(found[query]) != page.count(query) for query in names) or not _agree(page.body, tree):
        counts[f"opinion:{name} reads the page as another tree"] += 1
        return False
    counts[name] += 1
    order = (Insert, SetText, SetAttribute, Reorder, Replace, Remove)
    for edit in sorted(edits, key=lambda edit: order.index(type(edit))):
        html5_tree.make(tree, edit, found)
    # White space after </body> belongs before it in a tree, so around an insertion there only the rest compares.
    is_spaced = "body" not in names
    if after.shown(is_spaced=is_spaced) != tree.shown(is_spaced=is_spaced):
        counts[f"bad:meaning by {name}"] += 1
    return True
