"""A profile made up to belong to a segment, for somebody who wants to see what its members see.

Invariant: what `exemplar` returns is a member, by the very rule that decides for real visitors; where none can be made
up it says so by None.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from config.settings import Condition, Segment
from visitors.conditions import CONDITION_FIELDS, DAY_S, PERSONAL, TRAIT, condition_field
from visitors.interests import growth
from visitors.profile import Profile
from visitors.segments import matches
from visitors.visitor import Visitor
from visitors.working import VISIT_GAP_S

_USUAL_GAP_S = 14 * DAY_S
_NAMES = {"first_name": "María", "last_name": "Ejemplo", "email": "maria@example.com"}
_MOST_ALTERNATIVES = 64


@dataclass(slots=True)
class _Wanted:
    """What the conditions ask, by field: numbers as bounds, the rest as values."""

    bounds: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)
    flags: dict[str, bool] = field(default_factory=dict)
    usual_gaps: bool = False


def exemplar(name: str, segments: Mapping[str, Segment], now: float) -> tuple[Profile, Visitor] | None:
    """Somebody of the segment at this moment; None when there is no such segment or nobody can be made up."""
    segment = segments.get(name)
    if segment is None:
        return None
    for conditions in _alternatives(segment, segments, ()):
        profile, visitor = _made(f"example-of-{name}".ljust(16, "-")[:64], _wanted(conditions), now)
        if matches(segment.who, profile, visitor, segments, now):
            return profile, visitor
    return None


def _alternatives(
    segment: Segment, segments: Mapping[str, Segment], within: tuple[str, ...]
) -> Iterator[tuple[Condition, ...]]:
    """Sets of plain conditions, each of which would do; a few of them where there are many."""
    ways: list[tuple[Condition, ...]] = [()]
    for condition in segment.who.all:
        ways = [(*way, *more) for way in ways for more in _expanded(condition, segments, within)][:_MOST_ALTERNATIVES]
    if segment.who.any:
        others = [more for condition in segment.who.any for more in _expanded(condition, segments, within)]
        ways = [(*way, *more) for more in others for way in ways][:_MOST_ALTERNATIVES]
    yield from ways


def _expanded(
    condition: Condition, segments: Mapping[str, Segment], within: tuple[str, ...]
) -> list[tuple[Condition, ...]]:
    if condition.field != "segment":
        return [(condition,)]
    if condition.op == "ne":
        return [()]  # most made-up profiles belong to nothing else; whether it holds is judged in the end
    names = condition.value if isinstance(condition.value, tuple) else (str(condition.value),)
    return [
        way
        for name in names
        if name in segments and name not in within
        for way in _alternatives(segments[name], segments, (*within, name))
    ]


def _wanted(conditions: tuple[Condition, ...]) -> _Wanted:
    wanted = _Wanted()
    for condition in conditions:
        known = condition_field(condition.field)
        if known is None:
            continue
        value = condition.value
        texts = [value] if isinstance(value, str) else list(value) if isinstance(value, tuple) else []
        match known.kind:
            case "number" | "duration":
                number = float(value) if isinstance(value, int | float) else 0.0
                if condition.usual_gaps is not None:
                    wanted.usual_gaps = True
                    number = condition.usual_gaps * _USUAL_GAP_S
                op = "gte" if known.kind == "duration" and condition.op == "eq" else condition.op
                wanted.bounds.setdefault(condition.field, []).append((op, number))
            case "flag":
                wanted.flags[condition.field] = bool(value) != (condition.op == "ne")
            case "names":
                wanted.texts.setdefault("has", []).extend(texts)
            case "text" | "texts" if condition.op != "ne":
                wanted.texts.setdefault(condition.field, []).extend(texts if condition.op == "has" else texts[:1])
            case _:
                pass
    for name in wanted.texts.get("has", ()):
        field = None if name in PERSONAL else condition_field(name)
        kind = None if field is None else field.kind
        if name in PERSONAL:
            wanted.flags["logged_in"] = True
        elif kind in ("number", "duration") and name not in wanted.bounds:
            wanted.bounds[name] = [("gte", 1.0)]
        elif kind in ("text", "texts") and name not in wanted.texts:
            wanted.texts[name] = ["example"]
        elif kind == "flag":
            wanted.flags.setdefault(name, True)
    return wanted


def _number(bounds: list[tuple[str, float]], step: float) -> float:
    """A number within the bounds, as near to the first as there is."""
    candidates = [moved for _, value in bounds for moved in (value, value + step, value - step)]
    fitting = [each for each in [*candidates, 0.0, step] if each >= 0 and all(_holds(each, *bound) for bound in bounds)]
    return fitting[0] if fitting else 0.0


def _holds(number: float, op: str, bound: float) -> bool:
    return {
        "eq": number == bound,
        "ne": number != bound,
        "gt": number > bound,
        "gte": number >= bound,
        "lt": number < bound,
        "lte": number <= bound,
    }.get(op, False)


def _made(profile_id: str, wanted: _Wanted, now: float) -> tuple[Profile, Visitor]:
    numbers = {
        name: _number(bounds, 60.0 if CONDITION_FIELDS[name].kind == "duration" else 1.0)
        for name, bounds in wanted.bounds.items()
    }
    texts = wanted.texts
    changes: dict[str, Any] = {"created": now - 90 * DAY_S, "updated": now}
    changes["traits"] = {
        name.removeprefix(TRAIT): values[0] for name, values in texts.items() if name.startswith(TRAIT) and values
    }
    for name in ("visits", "page_views", "orders", "value_cents"):
        if name in numbers:
            changes[name] = int(numbers[name])
    if "value" in numbers:
        changes["value_cents"] = int(numbers["value"] * 100)
    if "days_since_order" in numbers:
        changes["last_order"] = now - numbers["days_since_order"] * DAY_S
        changes.setdefault("orders", 1)
    changes |= _silence(numbers, wanted.usual_gaps, now)
    liked = [*texts.get("likes", ()), *texts.get("interests", ())]
    changes["categories"] = {name: (10.0 if at else 12.0) * growth(now) for at, name in enumerate(liked)}
    cart = dict.fromkeys(texts.get("in_cart", ()), 1)
    if (missing := int(numbers.get("cart_items", 0)) - len(cart)) > 0:
        cart["example"] = missing
    changes["cart"] = cart
    changes["bought"] = dict.fromkeys(texts.get("bought", ()), now - DAY_S)
    changes["searches"] = tuple(texts.get("searches", ()))
    for name in ("first_source", "last_source"):
        changes[name] = next(iter(texts.get(name, ())), None)
    changes["newsletter"] = wanted.flags.get("newsletter", False)
    logged_in = wanted.flags.get("logged_in", wanted.flags.get("customer", False))
    customer = wanted.flags.get("customer", logged_in)
    changes["customer"] = customer
    if logged_in:
        changes |= _NAMES
    visitor = Visitor(
        profile=profile_id,
        session="0",
        consent=True,
        logged_in=logged_in,
        customer=customer,
        fresh=True,
        agent=next(iter(texts.get("agent", ())), "desktop"),
    )
    return Profile(id=profile_id)._replace(**changes), visitor


def _silence(numbers: Mapping[str, float], usual_gaps: bool, now: float) -> dict[str, Any]:
    """Times of visits such that `silent_for` is what was asked."""
    gap = _USUAL_GAP_S if usual_gaps else None
    changes: dict[str, Any] = {"usual_gap_s": gap, "usual_gap_before_s": gap}
    silent_s = numbers.get("silent_for")
    if silent_s is None:
        return changes
    if silent_s >= VISIT_GAP_S:
        return changes | {"last_click": now - silent_s}
    return changes | {"last_click": now, "previous_visit": now - silent_s}
