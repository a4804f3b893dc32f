"""Who is meant: conditions over a profile and its visitor, as data; never evaluated strings (DESIGN 14).

Invariant: what is not known matches nothing that asks for it; asking never fails. Conditions are read once, into
functions; a visitor is then asked about nothing that is the same for everybody.
"""

import operator
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from config.settings import Condition, Operator, Segment, Who
from visitors.conditions import (
    CONDITION_FIELDS,
    ConditionField,
    Kind,
    Value,
    condition_field,
    present,
    problem_with,
    usual_gap,
)
from visitors.profile import Profile
from visitors.visitor import Visitor

__all__ = [
    "CONDITION_FIELDS",
    "NOTHING_KNOWN",
    "ConditionField",
    "Test",
    "explain_who",
    "matcher",
    "matches",
    "problem_with",
]

Test = Callable[[Profile, Visitor, float], bool]
"""Whether something holds of a profile and its visitor at a time (Unix seconds)."""

NOTHING_KNOWN: Final = Profile(id="")
"""Stands for a visitor of whom there is no profile."""


def matches(who: Who, profile: Profile | None, visitor: Visitor, segments: Mapping[str, Segment], now: float) -> bool:
    """Whether the visitor is meant. Without a profile (a first click) counters are 0 and everything else unknown.

    A profile that could not be fetched is another matter: the caller must not ask then.
    """
    return matcher(who, segments)(profile or NOTHING_KNOWN, visitor, now)


def matcher(who: Who, segments: Mapping[str, Segment]) -> Test:
    """`matches`, for being asked of many visitors; without a profile `NOTHING_KNOWN` is asked about."""
    return _Conditions(segments).meant(who, ())


def explain_who(
    who: Who, profile: Profile | None, visitor: Visitor, segments: Mapping[str, Segment], now: float
) -> list[tuple[Condition, object, bool]]:
    """Each condition with the value found and whether it holds; a segment's own conditions follow it."""
    return _explain(_Conditions(segments), who, profile or NOTHING_KNOWN, visitor, now, ())


def _explain(
    conditions: "_Conditions", who: Who, profile: Profile, visitor: Visitor, now: float, within: tuple[str, ...]
) -> list[tuple[Condition, object, bool]]:
    lines: list[tuple[Condition, object, bool]] = []
    for condition in (*who.all, *who.any):
        holds = conditions.test(condition, within)(profile, visitor, now)
        if condition.field != "segment":
            field = condition_field(condition.field)
            lines.append((condition, None if field is None else field.read(profile, visitor, now), holds))
            continue
        names = [name for name in _names(condition.value) if name in conditions.segments and name not in within]
        member = tuple(name for name in names if conditions.member(name, within)(profile, visitor, now))
        lines.append((condition, member, holds))
        for name in names:
            lines += _explain(conditions, conditions.segments[name].who, profile, visitor, now, (*within, name))
    return lines


class _Conditions:
    """Conditions as functions. `within` are the segments on the way to a condition: none is asked inside of itself."""

    def __init__(self, segments: Mapping[str, Segment]) -> None:
        self.segments = segments
        self._members: dict[str, Test] = {}

    def meant(self, who: Who, within: tuple[str, ...]) -> Test:
        """All of `all`, and one of `any` if there are some."""
        every = tuple([self.test(condition, within) for condition in who.all])
        some = tuple([self.test(condition, within) for condition in who.any])
        if not some:
            return every[0] if len(every) == 1 else _all_of(every)
        return _all_of((*every, _any_of(some)))

    def test(self, condition: Condition, within: tuple[str, ...]) -> Test:
        """One condition."""
        field = condition_field(condition.field)
        if field is None:
            return _never
        match field.kind:
            case "segment":
                names = [name for name in _names(condition.value) if name in self.segments and name not in within]
                is_member = _any_of(tuple([self.member(name, within) for name in names]))
                return _not(is_member) if condition.op == "ne" else is_member
            case "names":
                return _all_of(tuple([partial(present, name) for name in _names(condition.value)]))
            case _ if condition.usual_gaps is not None:
                return _of_usual_gap(field, condition.op, condition.usual_gaps)
            case _:
                return _compared(field, condition.op, condition.value)

    def member(self, name: str, within: tuple[str, ...]) -> Test:
        """Whether somebody is in the segment; a segment that leads back to itself has no members by that way."""
        if not self._leads_to(name).isdisjoint((*within, name)):
            # Who is asked about depends on the way here: read when it is asked.
            return lambda p, v, now: self.meant(self.segments[name].who, (*within, name))(p, v, now)
        known = self._members.get(name)
        if known is None:
            known = self._members[name] = self.meant(self.segments[name].who, (*within, name))
        return known

    def _leads_to(self, name: str) -> set[str]:
        """All segments that this one asks about, directly or through others."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            who = self.segments[waiting.pop()].who
            for condition in (*who.all, *who.any):
                if condition.field == "segment":
                    fresh = {each for each in _names(condition.value) if each in self.segments} - found
                    found |= fresh
                    waiting += fresh
        return found


def _never(profile: Profile, visitor: Visitor, now: float) -> bool:
    return False


def _all_of(tests: tuple[Test, ...]) -> Test:
    def holds(profile: Profile, visitor: Visitor, now: float) -> bool:
        for test in tests:  # noqa: SIM110 (this runs for every experience of every page)
            if not test(profile, visitor, now):
                return False
        return True

    return holds


def _any_of(tests: tuple[Test, ...]) -> Test:
    if len(tests) == 1:
        return tests[0]

    def holds(profile: Profile, visitor: Visitor, now: float) -> bool:
        for test in tests:  # noqa: SIM110 (this runs for every experience of every page)
            if test(profile, visitor, now):
                return True
        return False

    return holds


def _not(test: Test) -> Test:
    return lambda profile, visitor, now: not test(profile, visitor, now)


_NUMBERS: Final[Mapping[Operator, Callable[[float, float], bool]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


def _compared(field: ConditionField, op: Operator, wanted: Value) -> Test:
    """A field's value against one that is the same for everybody."""
    read = field.read
    match field.kind:
        case "text" | "texts":
            return _text_compared(read, op, frozenset(text.casefold() for text in _names(wanted)))
        case "flag":
            is_other = op == "ne"
            return lambda profile, visitor, now: (read(profile, visitor, now) == wanted) != is_other
    compare = _comparison(field.kind, op)
    if compare is None or not isinstance(wanted, int | float):
        return _never

    def holds(profile: Profile, visitor: Visitor, now: float) -> bool:
        found = read(profile, visitor, now)
        return isinstance(found, (int, float)) and compare(found, wanted)

    return holds


def _of_usual_gap(field: ConditionField, op: Operator, times: float) -> Test:
    """A field's value against so many times the visitor's own usual gap; unknown matches nothing."""
    read, compare = field.read, _comparison(field.kind, op)
    if compare is None:
        return _never

    def holds(profile: Profile, visitor: Visitor, now: float) -> bool:
        gap, found = usual_gap(profile, visitor, now), read(profile, visitor, now)
        return gap is not None and isinstance(found, int | float) and compare(found, gap * times)

    return holds


def _comparison(kind: Kind, op: Operator) -> Callable[[float, float], bool] | None:
    """A duration that "eq" something is at least that long."""
    return operator.ge if kind == "duration" and op == "eq" else _NUMBERS.get(op)


def _text_compared(read: Callable[[Profile, Visitor, float], Value], op: Operator, wanted: frozenset[str]) -> Test:
    def have(profile: Profile, visitor: Visitor, now: float) -> set[str]:
        return {text.casefold() for text in _names(read(profile, visitor, now))}

    match op:
        case "eq" | "in":
            return lambda p, v, now: not wanted.isdisjoint(have(p, v, now))
        case "ne":
            return lambda p, v, now: wanted.isdisjoint(have(p, v, now))
        case "has":
            return lambda p, v, now: wanted <= have(p, v, now)
        case "contains":
            return lambda p, v, now: _contains(read(p, v, now), wanted)
    return _never


def _contains(found: Value, wanted: frozenset[str]) -> bool:
    """A text has one of `wanted` in it; of several texts one is."""
    if isinstance(found, str):
        return any(text in found.casefold() for text in wanted)
    return not wanted.isdisjoint(text.casefold() for text in _names(found))


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(each) for each in value) if isinstance(value, tuple) else ()
