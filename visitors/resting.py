"""The form of a profile whose visitor has gone: a third of the bytes, since most profiles rest most of the time.

It says all that a later visit is judged by. Left out is what only serves while a visit goes on (orders shown on pages,
the last page); times are whole seconds before the last change, interests hundredths of their score at it. Both are told
as fields of `visitors.wire`, so that what is read from here is checked there. Invariant: `applied` is kept to the last
click, so nothing is folded twice because a profile has rested; resting twice is resting once.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from visitors.interests import as_interests, growth

RESTING_VERSION: Final = 2
"""Of the format `profile`; the first number of its array."""

RESTS_AFTER_S: Final = 3_600.0
"""Twice as long as an order stays on a page, and a visit goes on."""

_HUNDREDTHS: Final = 100
_STRONGEST: Final = 1e8
"""Hundredths of a stronger interest are not told: no visitor earns that, but an import may say it."""
_SPOOL_CHARS: Final = 32
_HEX: Final = frozenset("0123456789abcdef")
_MOST_NUMBERED: Final = 256

_TIMES: Final = ("created", "last_click", "visit_started", "previous_visit", "cart_at", "last_order")
_GAPS: Final = ("usual_gap_s", "usual_gap_before_s")
_AS_THEY_ARE: Final = (
    *("visits", "page_views", "searches", "customer", "first_name", "last_name", "email", "orders", "value_cents"),
    *("order_ids", "cart", "newsletter", "merged", "bare_orders", "traits", "moved_to"),
)
# The order on the wire: append only. What most profiles lack stands last, where it is left out.
_ORDER: Final = (
    *("id", "updated", "created", "last_click", "visits", "page_views", "sessions", "session", "first_source"),
    *("last_source", "applied", "categories", "products", "topics", "visit_started", "previous_visit", "usual_gap_s"),
    *("usual_gap_before_s", "searches", "exposures", "customer", "first_name", "last_name", "email", "orders"),
    *("value_cents", "order_ids", "last_order", "bought", "cart", "cart_at", "newsletter", "merged", "bare_orders"),
    *("traits", "moved_to"),
)
_SAME: Final = True
"""In place of a text: as the field before says."""


def is_at_rest(updated: float, now: float) -> bool:
    """Whether nothing has changed a profile for so long that its visitor has gone. Unix seconds."""
    return now - updated > RESTS_AFTER_S


def rested(fields: Mapping[str, Any], further: tuple[object, ...]) -> list[Any]:
    """The array of a resting profile: `fields` are those of the wire by name, `further` what a later version appended
    to them; those stand behind as they are."""
    base = int(fields["updated"])
    said: dict[str, Any] = {name: fields[name] or None for name in _AS_THEY_ARE}
    said |= {name: _ago(fields[name], base) for name in _TIMES}
    said |= {name: None if fields[name] is None else round(fields[name]) for name in _GAPS}
    said["id"], said["updated"] = fields["id"], base
    sessions = fields["sessions"]
    said["sessions"] = [_session_ago(session, base) for session in sessions]
    said["session"] = _SAME if sessions and fields["session"] == sessions[-1] else fields["session"]
    said["first_source"] = fields["first_source"]
    said["last_source"] = _SAME if fields["last_source"] == fields["first_source"] else fields["last_source"]
    said["applied"] = _flat((_spool(name), count) for name, count in fields["applied"].items())
    said["categories"] = _flat(_hundredths(fields["categories"], base))
    said["products"] = _flat(_hundredths(fields["products"], base))
    said["topics"] = _topics(fields)
    exposures = {name: [_ago(at, base) for at in times] for name, times in fields["exposures"].items()}
    said["exposures"] = exposures or None
    said["bought"] = {name: _ago(at, base) for name, at in fields["bought"].items()} or None
    values = [said[name] for name in _ORDER]
    while not further and values[-1] is None:
        values.pop()
    return [RESTING_VERSION, *values, *further]


def awake(values: tuple[Any, ...]) -> tuple[dict[str, Any], tuple[object, ...]]:
    """The fields that a resting profile's array says, by name and not yet checked, and what a later version appended.
    A field that is left out, or None, has its default. ValueError when it cannot be one."""
    said = dict(zip(_ORDER, values[1:], strict=False))
    try:
        _wake(said)
    except Exception as error:
        raise ValueError(f"not a resting profile: {error}") from None
    return said, values[1 + len(_ORDER) :]


def _wake(said: dict[str, Any]) -> None:
    base = said["updated"]
    said["updated"] = float(base)
    for name in _TIMES:
        if said.get(name) is not None:
            said[name] = float(base - said[name])
    said["sessions"] = [one if isinstance(one, str) else f"{base - one:x}" for one in said.get("sessions") or ()]
    if said.get("session") is _SAME:
        said["session"] = said["sessions"][-1]
    if said.get("last_source") is _SAME:
        said["last_source"] = said["first_source"]
    applied = said.get("applied") or ()
    said["applied"] = {_spool_name(name): count for name, count in zip(applied[::2], applied[1::2], strict=True)}
    products, categories = said.get("products") or (), said.get("categories") or ()
    said["products"], said["categories"] = _interests(products, base), _interests(categories, base)
    said["topics"] = _topics_by_name(said.get("topics") or (), products[::3], categories[::3])
    if exposures := said.get("exposures"):
        said["exposures"] = {name: [_at(ago, base) for ago in times] for name, times in exposures.items()}
    if bought := said.get("bought"):
        said["bought"] = {name: _at(ago, base) for name, ago in bought.items()}


def _ago(at: float, base: int) -> int | None:
    """Whole seconds before `base`; None for a time that is not known (0, or in its first second)."""
    return base - int(at) if at >= 1 else None


def _at(ago: int | None, base: int) -> float:
    return 0.0 if ago is None else float(base - ago)


def _flat(rows: Iterable[tuple[Any, ...]]) -> list[Any]:
    return [cell for row in rows for cell in row]


def _hundredths(interests: Mapping[str, float], base: int) -> Iterable[tuple[str, int, int]]:
    """Name, hundredths of the score, and how long before `base` it was that: of all that is written now, no time."""
    hundredth = growth(base) / _HUNDREDTHS
    return ((name, round(min(_STRONGEST, interest / hundredth)), 0) for name, interest in interests.items())


def _interests(flat: Sequence[Any], base: int) -> dict[str, float]:
    names, scores, agos = flat[::3], flat[1::3], flat[2::3]
    if any(agos):  # written before version 3
        told = zip(names, scores, agos, strict=True)
        return as_interests({name: (score / _HUNDREDTHS, base - ago) for name, score, ago in told})
    hundredth = growth(base) / _HUNDREDTHS
    return {name: score * hundredth for name, score, _ in zip(names, scores, agos, strict=True)}


def _session_ago(session: str, base: int) -> int | str:
    """A session is named by the second in which it began, in hexadecimal; any other name stays."""
    if len(session) > 12 or not session or session[0] == "0" or not _HEX.issuperset(session):
        return session
    return base - int(session, 16)


def _spool(name: str) -> bytes | str:
    return bytes.fromhex(name) if len(name) == _SPOOL_CHARS and _HEX.issuperset(name) else name


def _spool_name(name: bytes | str) -> str:
    return name.hex() if isinstance(name, bytes) else name


def _topics(fields: Mapping[str, Any]) -> list[Any]:
    """Product and categories in turn, by their numbers among the interests, where they are there."""
    products = {name: number for number, name in enumerate(fields["products"])}
    categories = {name: number for number, name in enumerate(fields["categories"]) if number < _MOST_NUMBERED}
    flat: list[Any] = []
    for product, joined in fields["topics"].items():
        numbers = [categories.get(name) for name in joined.split("\n")]
        flat.append(products.get(product, product))
        flat.append(joined if None in numbers else bytes(number for number in numbers if number is not None))
    return flat


def _topics_by_name(flat: Sequence[Any], products: Sequence[str], categories: Sequence[str]) -> dict[str, Any]:
    return {
        (products[product] if isinstance(product, int) else product): (
            "\n".join(categories[number] for number in of) if isinstance(of, bytes) else of
        )
        for product, of in zip(flat[::2], flat[1::2], strict=True)
    }
