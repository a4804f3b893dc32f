"""Strict reading of TOML tables: types named, unknown keys refused with the nearest match, all problems at once.

Invariant: reading never stops at the first problem; whoever reads gets a usable default and the log has the problem.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from config.errors import Problem, by_line
from config.lines import KeyPath, Lines
from config.settings import TomlValue

T = TypeVar("T", bound=str)


def spell(path: KeyPath) -> str:
    """A key path as people write it: experience[0].cap.per."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return text


def nearest(word: str, allowed: Iterable[str]) -> str:
    """`; did you mean "rollout"?`, `; allowed: a, b` when nothing is near and there are few, or nothing."""
    names = sorted(set(allowed))
    close = get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    plain = word.lower().replace("_", "").replace("-", "")
    close = close or [name for name in names if name.replace("_", "") == plain]
    if close:
        return f'; did you mean "{close[0]}"?'
    return f"; allowed: {', '.join(names)}" if 0 < len(names) <= 24 else ""


@dataclass(slots=True)
class ProblemLog:
    """Problems of one file, in the order found, each with the line of its key."""

    name: str
    lines: Lines
    problems: list[Problem] = field(default_factory=list)

    def add(self, path: KeyPath, message: str) -> None:
        """Note a problem at a key."""
        self.problems.append(Problem(self.place(path), spell(path), message))

    def place(self, path: KeyPath) -> str:
        """file:line of a key."""
        line = self.lines.find(path)
        return f"{self.name}:{line}" if line else self.name

    def in_order(self) -> tuple[Problem, ...]:
        """The problems by line."""
        return by_line(self.problems)


def kind_of(value: object) -> str:
    """A TOML value's type in the words of the TOML specification."""
    match value:
        case bool():
            return f"a boolean ({str(value).lower()})"
        case str():
            return f'text ("{value[:40]}")'
        case int() | float():
            return f"a number ({value})"
        case list():
            return "an array"
        case dict():
            return "a table"
        case _:
            return f"a {type(value).__name__}"


class Table:
    """One table being read. Each `take…` names a key as known; `finish` refuses the rest."""

    __slots__ = ("_data", "_known", "log", "path")

    def __init__(self, data: dict[str, TomlValue], path: KeyPath, log: ProblemLog) -> None:
        self._data = data
        self._known: set[str] = set()
        self.path = path
        self.log = log

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def problem(self, key: str | int | None, message: str) -> None:
        """Note a problem at one of this table's keys, or at the table itself."""
        self.log.add(self.path if key is None else (*self.path, key), message)

    def take(self, key: str) -> TomlValue | None:
        """The value as it is; None when absent."""
        self._known.add(key)
        return self._data.get(key)

    def _wrong(self, key: str, wanted: str, value: object) -> None:
        self.problem(key, f"must be {wanted}, not {kind_of(value)}")

    def text(self, key: str, default: str = "") -> str:
        """Text that is not empty."""
        return self.text_or_none(key) or default

    def text_or_none(self, key: str) -> str | None:
        """Text that is not empty, or None when absent."""
        value = self.take(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self._wrong(key, "text", value)
            return None
        if not value.strip():
            self.problem(key, "must not be empty")
            return None
        return value

    def required_text(self, key: str) -> str:
        """Text; its absence is a problem."""
        if key not in self._data:
            self._known.add(key)
            self.problem(None, f'lacks "{key}"')
        return self.text(key)

    def one_of(self, key: str, allowed: tuple[T, ...], default: T) -> T:
        """One of a few words."""
        value = self.text_or_none(key)
        if value is None:
            return default
        for word in allowed:
            if value == word:
                return word
        self.problem(key, f'"{value}" is not one of {", ".join(allowed)}{_did_you_mean(value, allowed)}')
        return default

    def number(self, key: str, default: float, least: float, most: float) -> float:
        """A number between two limits."""
        value = self.take(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong(key, "a number", value)
            return default
        if not least <= value <= most:
            allowed = f"between {least:.15g} and {most:.15g}" if least < most else f"{least:.15g}"
            self.problem(key, f"must be {allowed}, not {value:.15g}")
            return default
        return float(value)

    def whole(self, key: str, default: int, least: int, most: int) -> int:
        """A whole number between two limits."""
        value = self.take(key)
        if isinstance(value, float | bool):
            self._wrong(key, "a whole number", value)
            return default
        return default if value is None else int(self.number(key, default, least, most))

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        value = self.flag_or_none(key)
        return default if value is None else value

    def flag_or_none(self, key: str) -> bool | None:
        """true or false, or None when absent."""
        value = self.take(key)
        if value is None or isinstance(value, bool):
            return value
        self._wrong(key, "true or false", value)
        return None

    def texts(self, key: str, *, or_one: bool = False) -> tuple[str, ...]:
        """An array of texts; with `or_one` a single text will do."""
        value = self.take(key)
        if value is None:
            return ()
        if or_one and isinstance(value, str) and value.strip():
            return (value,)
        if not isinstance(value, list):
            self._wrong(key, "an array of texts", value)
            return ()
        texts = []
        for place, item in enumerate(value):
            if isinstance(item, str) and item.strip():
                texts.append(item)
            else:
                self.log.add((*self.path, key, place), f"must be text, not {kind_of(item)}")
        return tuple(texts)

    def table(self, key: str) -> "Table | None":
        """A table inside this one, or None when absent."""
        value = self.take(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self._wrong(key, "a table", value)
            return None
        return Table(value, (*self.path, key), self.log)

    def tables(self, key: str) -> tuple["Table", ...]:
        """The tables of an array of tables."""
        value = self.take(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            self._wrong(key, f"an array of tables ([[{key}]])", value)
            return ()
        found = []
        for place, item in enumerate(value):
            if isinstance(item, dict):
                found.append(Table(item, (*self.path, key, place), self.log))
            else:
                self.log.add((*self.path, key, place), f"must be a table, not {kind_of(item)}")
        return tuple(found)

    def named_tables(self, key: str) -> tuple[tuple[str, "Table"], ...]:
        """The tables under a table of names: [placement.greeting]."""
        outer = self.table(key)
        if outer is None:
            return ()
        return tuple((name, inner) for name in outer.names() if (inner := outer.table(name)) is not None)

    def text_of_file(self, key: str, path: Path, most_bytes: int) -> str:
        """The text of the file that a value names; "" and a problem when it cannot be had."""
        try:
            raw = path.read_bytes()
        except OSError as error:
            self.problem(key, f'cannot read "{path}": {error.strerror or error}')
            return ""
        if len(raw) > most_bytes:
            self.problem(key, f'"{path}" has {len(raw)} bytes; at most {most_bytes}')
            return ""
        try:
            return raw.decode("utf-8-sig").strip()
        except UnicodeDecodeError as error:
            self.problem(key, f'"{path}" is not UTF-8 (byte {error.start})')
            return ""

    def names(self) -> tuple[str, ...]:
        """All keys, as written."""
        return tuple(self._data)

    def rest(self) -> dict[str, TomlValue]:
        """What nobody took yet; it counts as known now."""
        left = {key: value for key, value in self._data.items() if key not in self._known}
        self._known.update(left)
        return left

    def finish(self, allowed: Collection[str] = ()) -> None:
        """Refuse what nobody took, with the nearest match among what was asked for."""
        for key in self._data:
            if key not in self._known:
                self.problem(key, f"unknown key{nearest(key, self._known.union(allowed))}")


def _did_you_mean(word: str, allowed: Collection[str]) -> str:
    close = get_close_matches(word.lower(), allowed, n=1, cutoff=0.6)
    return f'; did you mean "{close[0]}"?' if close else ""
