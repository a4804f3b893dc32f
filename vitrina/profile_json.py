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
_DEFAULTS = {name: getattr(Profile(id=""), name) for name in Profile._fields if name != _NOT_FOR_PEOPLE}
_NESTED: dict[str, type] = {"products": Affinity, "categories": Affinity, "shown": Shown}
_NESTED_FIELDS = {kind: frozenset(field.name for field in dataclasses.fields(kind)) for kind in _NESTED.values()}


def to_json(profile: Profile) -> str:
    """One line of JSON, readable back by `from_json`: what an empty profile says, too, is left out."""
    said = {
        name: _plain(value)
        for name, default in _DEFAULTS.items()
        if (value := getattr(profile, name)) != default or name == "id"
    }
    return json.dumps(said, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
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
        if type(value) in _PLAIN_FIELDS.get(key, ()):
            values[key] = value
            continue
        if key not in _DEFAULTS:
            close = difflib.get_close_matches(key, _DEFAULTS, 1)
            hint = f'; did you mean "{close[0]}"?' if close else f"; allowed: {', '.join(_DEFAULTS)}"
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
    wanted = _WANTED[key]
    if wanted is None:
        if not isinstance(value, list):
            raise ValueError(f"expected a list, found {type(value).__name__}")
        return tuple(value)
    if not isinstance(value, wanted):
        raise ValueError(f"expected {' or '.join(kind.__name__ for kind in wanted)}, found {type(value).__name__}")
    return value


def _wanted(name: str) -> tuple[type, ...] | None:
    """The types of a plain value; None for a list."""
    default = _DEFAULTS[name]
    if isinstance(default, tuple):
        return None
    if isinstance(default, bool):
        return (bool,)
    if isinstance(default, int | float):
        return (int, float)
    return (int, float, type(None)) if Profile.__annotations__[name] == float | None else (str, type(None))


_WANTED = {name: _wanted(name) for name in _DEFAULTS}
_PLAIN_FIELDS = {
    name: frozenset(_WANTED[name] or ()) for name, default in _DEFAULTS.items() if not isinstance(default, Mapping)
}


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"expected an object, found {type(value).__name__}")
    return value


def _nested(kind: type, value: Any, now: float) -> Any:
    if kind is Affinity and isinstance(value, int | float):
        return Affinity(float(value), now)
    found = _mapping(value)
    if kind is Affinity and len(found) == 2:
        return Affinity(float(found["score"]), float(found["at"]))
    if unknown := found.keys() - _NESTED_FIELDS[kind]:
        raise ValueError(f"unknown key {min(unknown)!r}; allowed: {', '.join(sorted(_NESTED_FIELDS[kind]))}")
    return kind(**{name: tuple(item) if isinstance(item, list) else item for name, item in found.items()})
