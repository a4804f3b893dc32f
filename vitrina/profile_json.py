"""Profiles as JSON, for people: export, import and the offline engine. Strict, as configuration is.

An affinity may be written as a plain number (as of now) or as `{"score": 3.0, "at": 1760000000}`; everything that is
left out has the default of an empty profile.
"""

import dataclasses
import difflib
import json
from collections.abc import Mapping
from typing import Any

from visitors.profile import Affinity, Profile, Shown
from vitrina.failures import BAD_CONFIG, Failure

_NOT_FOR_PEOPLE = "unknown_fields"
_FIELDS = {field.name: field for field in dataclasses.fields(Profile) if field.name != _NOT_FOR_PEOPLE}
_NESTED: dict[str, type] = {"products": Affinity, "categories": Affinity, "shown": Shown}


def to_json(profile: Profile) -> str:
    """One line of JSON, readable back by `from_json`."""
    return json.dumps(_plain(profile), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value) if field.name != _NOT_FOR_PEOPLE]
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return value


def from_json(text: str, place: str, now: float) -> Profile:
    """A profile from one JSON object; Failure names the place, what was found and what is allowed."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise Failure(f"{place}:{error.lineno}: not JSON: {error.msg}", BAD_CONFIG) from None
    if not isinstance(found, dict):
        raise Failure(f"{place}: expected one JSON object, found {type(found).__name__}", BAD_CONFIG)
    values: dict[str, Any] = {}
    for key, value in found.items():
        if key not in _FIELDS:
            close = difflib.get_close_matches(key, _FIELDS, 1)
            hint = f'; did you mean "{close[0]}"?' if close else f"; allowed: {', '.join(_FIELDS)}"
            raise Failure(f"{place}: {key}: unknown key{hint}", BAD_CONFIG)
        try:
            values[key] = _value(key, value, now)
        except (TypeError, ValueError, KeyError) as error:
            raise Failure(f"{place}: {key}: {error}", BAD_CONFIG) from None
    values.setdefault("id", "offline")
    return Profile(**values)


def _value(key: str, value: Any, now: float) -> Any:
    if key in _NESTED:
        return {str(name): _nested(_NESTED[key], item, now) for name, item in _mapping(value).items()}
    if key == "exposures":
        return {str(name): tuple(map(float, times)) for name, times in _mapping(value).items()}
    if key == "topics":
        return {str(name): tuple(map(str, items)) for name, items in _mapping(value).items()}
    if key == "bought":
        if isinstance(value, list):
            return {str(name): now for name in value}
        return {str(name): float(at) for name, at in _mapping(value).items()}
    if key == "traits":
        return {str(name): str(answer) for name, answer in _mapping(value).items()}
    if key in ("cart", "applied"):
        return {str(name): int(count) for name, count in _mapping(value).items()}
    default = _FIELDS[key].default
    if isinstance(default, tuple):
        if not isinstance(value, list):
            raise ValueError(f"expected a list, found {type(value).__name__}")
        return tuple(value)
    if isinstance(default, bool):
        wanted: tuple[type, ...] = (bool,)
    elif isinstance(default, int | float):
        wanted = (int, float)
    else:
        wanted = (int, float, type(None)) if _FIELDS[key].type == float | None else (str, type(None))
    if not isinstance(value, wanted):
        raise ValueError(f"expected {' or '.join(kind.__name__ for kind in wanted)}, found {type(value).__name__}")
    return value


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"expected an object, found {type(value).__name__}")
    return value


def _nested(kind: type, value: Any, now: float) -> Any:
    if kind is Affinity and isinstance(value, int | float):
        return Affinity(float(value), now)
    fields = {field.name for field in dataclasses.fields(kind)}
    found = _mapping(value)
    if unknown := set(found) - fields:
        raise ValueError(f"unknown key {min(unknown)!r}; allowed: {', '.join(sorted(fields))}")
    return kind(**{name: tuple(item) if isinstance(item, list) else item for name, item in found.items()})
