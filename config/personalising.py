"""The tables that say who is shown what: [placement.…], [segment.…], [offer.…], [[experience]].

Invariant: every name that one of them refers to exists.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from config.patterns import pattern_problem
from config.platforms import PAGE_KINDS
from config.settings import Cap, Experience, Offer, Placement, Segment, Who
from config.tables import ProblemLog, Table, kind_of, nearest
from config.values import duration_s
from config.who import read_who

MAX_OFFER_BYTES = 65_536

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def read_placements(top: Table) -> dict[str, Placement]:
    """[placement.NAME]."""
    placements = {}
    for name, table in top.named_tables("placement"):
        _check_name(table, name)
        on = table.texts("on", or_one=True)
        if "on" not in table:
            on = ("*",)
        for place in on:
            _check_on(table, place)
        at, items = table.text_or_none("at"), table.text_or_none("items")
        if ("at" in table) == ("items" in table):
            table.problem(None, 'needs exactly one of "at" (one element) and "items" (the blocks of a list)')
        placements[name] = Placement(name, on, at, items, table.log.place(table.path))
        table.finish()
    return placements


def _check_on(table: Table, place: str) -> None:
    if place == "*" or place in PAGE_KINDS:
        return
    if place.startswith(("/", "*")):
        if problem := pattern_problem(place):
            table.problem("on", f'pattern "{place}" {problem}')
    else:
        table.problem(
            "on", f'"{place}" is no page kind and no path pattern{nearest(place, PAGE_KINDS)} or "*", or "/path*"'
        )


def _check_name(table: Table, name: str) -> None:
    if _NAME.fullmatch(name) is None:
        table.problem(None, "a name has letters, digits, _ and -, at most 64, and starts with a letter or digit")


def read_segments(top: Table) -> dict[str, Segment]:
    """[segment.NAME]."""
    segments = {}
    for name, table in top.named_tables("segment"):
        _check_name(table, name)
        segments[name] = Segment(name, read_who(table), table.log.place(table.path))
        if not table.names():
            table.problem(None, "has no conditions; write all = [{ orders = { gte = 1 } }]")
    return segments


def read_offers(top: Table, root: Path) -> dict[str, Offer]:
    """[offer.NAME]; files are relative to `root`."""
    offers = {}
    for name, table in top.named_tables("offer"):
        _check_name(table, name)
        per_visitor = table.whole("per_visitor", 1, 1, 1_000_000) if "per_visitor" in table else None
        offers[name] = Offer(name, _offer_html(table, root), table.text_or_none("code"), per_visitor)
        table.finish()
    return offers


def _offer_html(table: Table, root: Path) -> str:
    """The markup itself when it has a "<", else the text of the file of that name."""
    value = table.required_text("html")
    if not value or "<" in value:
        return value
    return table.text_of_file("html", root / value, MAX_OFFER_BYTES)


def read_experiences(
    top: Table, placements: Mapping[str, Placement], segments: Mapping[str, Segment]
) -> tuple[Experience, ...]:
    """[[experience]]; keys that are not an experience's own go into `settings` unread."""
    experiences = []
    seen: dict[str, str] = {}
    for table in top.tables("experience"):
        place = table.log.place(table.path)
        name = table.required_text("id")
        if name and _NAME.fullmatch(name) is None:
            table.problem("id", "has letters, digits, _ and -, at most 64, and starts with a letter or digit")
        if name and name in seen:
            table.problem("id", f'"{name}" is already the id of the experience at {seen[name]}')
        seen.setdefault(name, place)
        at = table.required_text("at")
        if at and at not in placements:
            table.problem("at", f'no placement "{at}"{nearest(at, placements)}')
        experience = Experience(
            id=name,
            at=at,
            who=_who(table, segments),
            rollout=table.number("rollout", 100.0, 0.0, 100.0),
            cap=_cap(table),
            settings=table.rest(),
            place=place,
        )
        if not experience.settings:
            table.problem(None, "does nothing; it needs text, reorder, offer or another transform's key")
        experiences.append(experience)
    return tuple(experiences)


def _who(table: Table, segments: Mapping[str, Segment]) -> Who:
    inner = table.table("who")
    if inner is None:
        return Who()
    who = read_who(inner)
    _check_references(inner.log, who, segments, inner.path)
    return who


def check_segments(top: Table, segments: Mapping[str, Segment]) -> None:
    """Note segments that refer to none or lead back to themselves."""
    for name, segment in segments.items():
        _check_references(top.log, segment.who, segments, ("segment", name))
        if name in _reached(name, segments):
            top.log.add(("segment", name), "leads back to itself")


def _check_references(log: ProblemLog, who: Who, segments: Mapping[str, Segment], path: tuple[str | int, ...]) -> None:
    for name in _segments_of(who):
        if name not in segments:
            log.add((*path, "segment"), f'no segment "{name}"{nearest(name, segments)}')


def _cap(table: Table) -> Cap | None:
    inner = table.table("cap")
    if inner is None:
        return None
    times = inner.whole("times", 1, 1, 1_000_000)
    per_s = 0.0
    for key in ("times", "per"):
        if key not in inner:
            inner.problem(None, f'lacks "{key}"; write cap = {{ times = 1, per = "7d" }}')
    if (per := inner.text_or_none("per")) is not None:
        try:
            per_s = duration_s(per)
            if per_s <= 0:
                inner.problem("per", "must be longer than nothing")
        except ValueError as error:
            inner.problem("per", str(error))
    inner.finish()
    return Cap(times, per_s)


def check_offers(top: Table, experiences: tuple[Experience, ...], offers: Mapping[str, Offer]) -> None:
    """Note experiences that give an offer there is none of."""
    for place, experience in enumerate(experiences):
        offer = experience.settings.get("offer")
        if offer is None:
            continue
        path = ("experience", place, "offer")
        if not isinstance(offer, str):
            top.log.add(path, f"must be the name of an offer, not {kind_of(offer)}")
        elif offer not in offers:
            top.log.add(path, f'no offer "{offer}"{nearest(offer, offers)}')


def _segments_of(who: Who) -> tuple[str, ...]:
    names: list[str] = []
    for condition in (*who.all, *who.any):
        if condition.field == "segment":
            value = condition.value
            names += [value] if isinstance(value, str) else value if isinstance(value, tuple) else []
    return tuple(names)


def _reached(start: str, segments: Mapping[str, Segment]) -> set[str]:
    """Segments that the rules of `start` lead to."""
    reached: set[str] = set()
    waiting = list(_segments_of(segments[start].who))
    while waiting:
        name = waiting.pop()
        if name in segments and name not in reached:
            reached.add(name)
            waiting += _segments_of(segments[name].who)
    return reached
