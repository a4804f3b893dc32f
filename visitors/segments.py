"""Who is meant: conditions over a profile and its visitor, as data; never evaluated strings (DESIGN 14).

Invariant: what is not known matches nothing that asks for it; asking never fails.
"""

from collections.abc import Mapping
from typing import Final

from config.settings import Condition, Operator, Segment, Who
from visitors.conditions import CONDITION_FIELDS, ConditionField, Kind, Value, present, problem_with, usual_gap
from visitors.profile import Profile
from visitors.visitor import Visitor

__all__ = ["CONDITION_FIELDS", "ConditionField", "explain_who", "matches", "problem_with"]

_NOTHING_KNOWN: Final = Profile(id="")


def matches(who: Who, profile: Profile | None, visitor: Visitor, segments: Mapping[str, Segment], now: float) -> bool:
    """Whether the visitor is meant. Without a profile (a first click) counters are 0 and everything else unknown.

    A profile that could not be fetched is another matter: the caller must not ask then.
    """
    if not who.all and not who.any:
        return True
    return _is_meant(who, profile or _NOTHING_KNOWN, visitor, segments, now, ())


def explain_who(
    who: Who, profile: Profile | None, visitor: Visitor, segments: Mapping[str, Segment], now: float
) -> list[tuple[Condition, object, bool]]:
    """Each condition with the value found and whether it holds; a segment's own conditions follow it."""
    return _explain(who, profile or _NOTHING_KNOWN, visitor, segments, now, ())


def _explain(
    who: Who,
    profile: Profile,
    visitor: Visitor,
    segments: Mapping[str, Segment],
    now: float,
    within: tuple[str, ...],
) -> list[tuple[Condition, object, bool]]:
    lines: list[tuple[Condition, object, bool]] = []
    for condition in (*who.all, *who.any):
        holds = _holds(condition, profile, visitor, segments, now, within)
        if condition.field != "segment":
            lines.append((condition, _found(condition, profile, visitor, now), holds))
            continue
        names = [name for name in _names(condition.value) if name in segments and name not in within]
        member = tuple(
            name for name in names if _is_meant(segments[name].who, profile, visitor, segments, now, (*within, name))
        )
        lines.append((condition, member, holds))
        for name in names:
            lines += _explain(segments[name].who, profile, visitor, segments, now, (*within, name))
    return lines


def _is_meant(
    who: Who,
    profile: Profile,
    visitor: Visitor,
    segments: Mapping[str, Segment],
    now: float,
    within: tuple[str, ...],
) -> bool:
    for condition in who.all:
        if not _holds(condition, profile, visitor, segments, now, within):
            return False
    if not who.any:
        return True
    return any(_holds(condition, profile, visitor, segments, now, within) for condition in who.any)


def _holds(
    condition: Condition,
    profile: Profile,
    visitor: Visitor,
    segments: Mapping[str, Segment],
    now: float,
    within: tuple[str, ...],
) -> bool:
    field = CONDITION_FIELDS.get(condition.field)
    if field is None:
        return False
    match field.kind:
        case "segment":
            is_member = any(
                # A segment that leads back to itself has no members by that way.
                name in segments
                and name not in within
                and _is_meant(segments[name].who, profile, visitor, segments, now, (*within, name))
                for name in _names(condition.value)
            )
            return is_member != (condition.op == "ne")
        case "names":
            return all(present(name, profile, visitor, now) for name in _names(condition.value))
        case _:
            wanted: Value = condition.value
            if condition.usual_gaps is not None:
                gap = usual_gap(profile, visitor, now)
                wanted = None if gap is None else gap * condition.usual_gaps
            return _compares(field.kind, condition.op, field.read(profile, visitor, now), wanted)


def _found(condition: Condition, profile: Profile, visitor: Visitor, now: float) -> Value:
    field = CONDITION_FIELDS.get(condition.field)
    return None if field is None else field.read(profile, visitor, now)


def _compares(kind: Kind, op: Operator, found: Value, wanted: Value) -> bool:
    match kind:
        case "text" | "texts":
            return _compares_texts(op, found, wanted)
        case "flag":
            return (found == wanted) != (op == "ne")
    if not isinstance(found, int | float) or not isinstance(wanted, int | float):
        return False
    match op:
        case "eq":
            return found >= wanted if kind == "duration" else found == wanted
        case "ne":
            return found != wanted
        case "gt":
            return found > wanted
        case "gte":
            return found >= wanted
        case "lt":
            return found < wanted
        case "lte":
            return found <= wanted
    return False


def _compares_texts(op: Operator, found: Value, wanted: Value) -> bool:
    have = {text.casefold() for text in _names(found)}
    want = [text.casefold() for text in _names(wanted)]
    match op:
        case "eq" | "in":
            return any(text in have for text in want)
        case "ne":
            return not any(text in have for text in want)
        case "has":
            return all(text in have for text in want)
        case "contains" if isinstance(found, str):
            return any(text in found.casefold() for text in want)
        case "contains":
            return any(text in have for text in want)
    return False


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(each) for each in value) if isinstance(value, tuple) else ()
