"""reorder: the blocks of a list in the order of one visitor's interest. When it must not: see `_must_stay`.

Invariant: the order a visitor was shown at a page stays for 30 minutes, unless they followed a link to it
(docs/decisions/0003-orders-that-stay.md).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from msgspec import Struct

from clicks.facts import Listed
from config.errors import Problem
from config.settings import Experience, Settings, TomlValue
from decisions.decision import Choice
from decisions.ranking import STRATEGIES, kept_order, order_by
from transforms.complaints import did_you_mean, problem
from transforms.page.edits import POSITIONAL, Edit, Reorder
from transforms.transform import Dependence, NotShown, PageInput

KEPT_S = 30 * 60.0
"""For how long the same visitor at the same URL keeps the order."""

MAX_ITEMS = 500
"""A list longer than this is left alone."""

_NESTED = ("by", "pin", "search", "numbered", "hydrated", "positional")
_BARE_OL = re.compile(r"(?:^|[\s>+~,(])ol(?=$|[\s>+~,)])", re.IGNORECASE)


class ReorderList:
    """`reorder = { by = "affinity", pin = [1] }` at a placement with `items`.

    `search = true`, `numbered = true` and `hydrated = true` allow what is otherwise left alone: search results,
    numbered rankings (an `ol`, or names that begin with their place), and pages that scripts take over.
    `positional` names class tokens that stay with the position.
    """

    key = "reorder"
    keys = ("reorder",)

    def depends_on(self, experience: Experience, settings: Settings) -> Dependence:
        """The visitor's interests, the list, the time."""
        return "page"

    def claim(self, experience: Experience) -> str | None:
        """A list has one order, and is not trimmed by another experience."""
        return "items"

    def problems(self, experience: Experience, settings: Settings) -> Sequence[Problem]:
        """Unknown strategy or keys, pins that are no positions, a placement without a list, a numbered ranking."""
        return [problem(experience, settings, key, message) for key, message in self._found(experience, settings)]

    def _found(self, experience: Experience, settings: Settings) -> Iterator[tuple[str, str]]:
        table = experience.settings["reorder"]
        placement = settings.placements.get(experience.at)
        if placement is not None and placement.items is None:
            yield "at", f'placement "{placement.name}" names one element; a list needs `items`'
        if not isinstance(table, dict):
            yield "reorder", f'found {table!r}; a table such as {{ by = "affinity" }} is expected'
            return
        for key in table:
            if key not in _NESTED:
                yield f"reorder.{key}", f"unknown key{did_you_mean(key, _NESTED)}"
        by = table.get("by")
        if not isinstance(by, str) or by not in STRATEGIES:
            found = "missing" if by is None else f"found {by!r}"
            yield "reorder.by", f"{found}{did_you_mean(str(by or ''), STRATEGIES)}"
        pin = table.get("pin", [])
        if not isinstance(pin, list) or not all(type(p) is int and p >= 1 for p in pin):
            yield "reorder.pin", f"found {pin!r}; a list of positions is expected, the first is 1"
        for key in ("search", "numbered", "hydrated"):
            if not isinstance(table.get(key, False), bool):
                yield f"reorder.{key}", f"found {table[key]!r}; true or false is expected"
        tokens = table.get("positional", [])
        if not isinstance(tokens, list) or not all(
            isinstance(t, str) and t and not re.search(r"\s", t) for t in tokens
        ):
            yield "reorder.positional", f"found {tokens!r}; a list of class names is expected"
        if placement is not None and _BARE_OL.search(placement.items or "") and table.get("numbered") is not True:
            yield "reorder", "an `ol` is taken for a numbered ranking and keeps its order; numbered = true allows it"

    def edits(self, choice: Choice, given: PageInput) -> Sequence[Edit] | NotShown:
        """One reorder; no edit when the list already is in this visitor's order."""
        wish = _wish(choice, given)
        if isinstance(wish, NotShown):
            return wish
        if given.profile is None and wish.is_personal:
            return NotShown("NO_PROFILE", "nothing is known of this visitor yet")
        order = _order(wish, given)
        return [] if order == wish.as_sent else [Reorder(wish.name, order, wish.positional)]


class _Wish(Struct, frozen=True):
    """A list that may be reordered, and how."""

    name: str
    items: Sequence[Listed]
    as_sent: tuple[int, ...]
    """The shop's order."""
    by: str
    is_personal: bool
    pin: frozenset[int]
    positional: tuple[str, ...]


def _wish(choice: Choice, given: PageInput) -> _Wish | NotShown:
    """The list as it is wished for, or why it must stay: worked out once for the same facts."""
    derived, key = given.facts.derived, f"reorder {choice.experience.id}"
    known = derived.get(key)
    if not isinstance(known, _Wish | NotShown):
        known = derived[key] = _read_wish(choice, given)
    return known


def _read_wish(choice: Choice, given: PageInput) -> _Wish | NotShown:
    name = choice.placement.name
    table = _table(choice.experience)
    items = (given.facts.lists or {}).get(name, ())
    by, pin, positional = str(table["by"]), table.get("pin"), table.get("positional")
    return _must_stay(choice, given, table, items) or _Wish(
        name=name,
        items=items,
        as_sent=tuple(range(len(items))),
        by=by,
        is_personal=STRATEGIES[by].personal,
        pin=frozenset(cast("list[int]", pin)) if isinstance(pin, list) else frozenset(),
        positional=tuple(map(str, positional)) if isinstance(positional, list) else POSITIONAL,
    )


def _must_stay(
    choice: Choice, given: PageInput, table: Mapping[str, TomlValue], items: Sequence[Listed]
) -> NotShown | None:
    """Why this list is not reordered for anybody here; None when it may be."""
    if len(items) != given.page.count(choice.placement.name) or len(items) > MAX_ITEMS:
        return NotShown("KEEPS_ORDER", f"{len(items)} items; a list of at most {MAX_ITEMS} products is expected")
    if given.facts.sorted_by_visitor:
        return NotShown("KEEPS_ORDER", "the visitor sorted, filtered or paged this list")
    if given.facts.kind == "search" and table.get("search") is not True:
        return NotShown("KEEPS_ORDER", "search results; search = true allows it")
    if table.get("numbered") is not True and is_numbered(items):
        return NotShown("KEEPS_ORDER", "a numbered ranking; numbered = true allows it")
    if given.facts.hydrated and table.get("hydrated") is not True:
        return NotShown("KEEPS_ORDER", "a script takes this page over and expects its order; hydrated = true allows it")
    if not any(item.id for item in items):
        return NotShown("SELECTOR_MISS", "no product could be told in any block")
    return None


def _order(wish: _Wish, given: PageInput) -> tuple[int, ...]:
    """The order shown lately, else the order by interest now."""
    profile = given.profile
    if profile is not None and not given.stepped_forward:
        shown = profile.shown.get(shown_key(given.page_key, wish.name))
        if shown is not None and given.now - shown.at < KEPT_S:
            return kept_order(wish.items, shown.items, given.catalogue, wish.pin)
    return order_by(wish.by, wish.items, profile, given.catalogue, given.now, wish.pin)


def shown_key(page_key: str, list_name: str) -> str:
    """The key of a list in `Profile.shown`."""
    return f"{page_key} {list_name}"


def is_numbered(items: Sequence[Listed]) -> bool:
    """Every name begins with its place ("1. …", "#2 …", "3) …"): a ranking that another order would belie."""
    if len(items) < 2 or not (items[0].name or "").startswith(("1", "#")):
        return False
    return all(re.match(rf"(?:#\s?{i}(?!\d)|{i}\s?[.)ºª:](?!\d))", item.name or "") for i, item in enumerate(items, 1))


def _table(experience: Experience) -> Mapping[str, TomlValue]:
    table = experience.settings["reorder"]
    return table if isinstance(table, dict) else {}
