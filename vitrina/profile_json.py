"""Profiles as JSON, for people: export, import and the offline engine. Strict, as configuration is.

An interest is told as its score at the profile's last change (`updated`, which is now where it is left out), or with a
moment of its own: `{"score": 3.0, "at": 1760000000}`. All else that is left out has the default of an empty profile.
"""

import dataclasses
import difflib
import json
from collections.abc import Collection, Mapping
from math import inf
from typing import Any

from visitors.interests import as_interests, with_scores
from visitors.profile import Profile, Shown
from vitrina.failures import BAD_CONFIG, Failure

_NOT_FOR_PEOPLE = "unknown_fields"
_DEFAULTS = {name: getattr(Profile(id=""), name) for name in Profile._fields if name != _NOT_FOR_PEOPLE}
_INTERESTS = ("products", "categories")
_DATED = frozenset(("score", "at"))
_SHOWN = frozenset(field.name for field in dataclasses.fields(Shown))


def to_json(profile: Profile) -> str:
    """One line of JSON, readable back by `from_json`: what an empty profile says, too, is left out."""
    told = with_scores(profile, profile.updated)
    said = {
        name: _plain(value)
        for name, default in _DEFAULTS.items()
        if (value := getattr(told, name)) != default or name == "id"
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
    found.setdefault("updated", now)
    updated = found["updated"] if isinstance(found["updated"], int | float) else now
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
            values[key] = _value(key, value, updated)
        except (TypeError, ValueError, KeyError) as error:
            raise Failure(f"{place}: {key}: {error}", BAD_CONFIG) from None
    values.setdefault("id", "offline")
    return Profile(**values)


def _value(key: str, value: Any, updated: float) -> Any:
    if key in _INTERESTS:
        return as_interests({str(name): _interest(told, updated) for name, told in _mapping(value).items()})
    if key == "shown":
        return {str(name): _shown(told) for name, told in _mapping(value).items()}
    if key == "exposures":
        return {str(name): tuple(map(float, times)) for name, times in _mapping(value).items()}
    if key == "topics":
        return {str(name): tuple(map(str, items)) for name, items in _mapping(value).items()}
    if key == "bought":
        if isinstance(value, list):
            return {str(name): updated for name in value}
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


def _interest(told: Any, updated: float) -> tuple[float, float]:
    if isinstance(told, int | float):
        told = {"score": told, "at": updated}
    found = _only(_mapping(told), _DATED)
    score = float(found["score"])
    if not 0 <= score < inf:
        raise ValueError(f"{score} is no score of an interest")
    return score, float(found["at"])


def _shown(told: Any) -> Shown:
    found = _only(_mapping(told), _SHOWN)
    said: dict[str, Any] = {name: tuple(item) if isinstance(item, list) else item for name, item in found.items()}
    return Shown(**said)


def _only(found: Mapping[str, Any], allowed: Collection[str]) -> Mapping[str, Any]:
    if unknown := found.keys() - allowed:
        raise ValueError(f"unknown key {min(unknown)!r}; allowed: {', '.join(sorted(allowed))}")
    return found
