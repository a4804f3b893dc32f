"""On which line of a TOML text each key stands, so that a problem can name its place.

Invariant: it is only asked about texts that tomllib accepted, so it may skip values without understanding them.
"""

import re
from collections.abc import Mapping

KeyPath = tuple[str | int, ...]

_KEY = re.compile(r"""[ \t]*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|([A-Za-z0-9_-]+))[ \t]*(\.)?""")
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_INLINE_KEY = re.compile(r"""(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|([A-Za-z0-9_-]+))[ \t]*=""")


class Lines:
    """Lines by key path; `find` falls back on the nearest table that has one."""

    __slots__ = ("_lines",)

    def __init__(self, lines: Mapping[KeyPath, int]) -> None:
        self._lines = lines

    def find(self, path: KeyPath) -> int | None:
        """The line (from 1) of a key, or of the closest key around it."""
        while path:
            if line := self._lines.get(path):
                return line
            path = path[:-1]
        return None


def read_lines(text: str) -> Lines:
    """Find every key of `text`: those of tables, of arrays of tables and of inline tables."""
    return Lines(_Scan(text.replace("\r\n", "\n")).run())


class _Scan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.lines: dict[KeyPath, int] = {}
        self.counts: dict[KeyPath, int] = {}

    def run(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        while self._skip_blank():
            line = self._line()
            if self.text.startswith("[[", self.place):
                self.place += 2
                path = self._located(self._keys())
                count = self.counts.get(path, 0)
                self.counts[path] = count + 1
                table = (*path, count)
                self.lines.setdefault(path, line)
                self.lines[table] = line
                self._to_line_end()
            elif self.text.startswith("[", self.place):
                self.place += 1
                table = self._located(self._keys())
                self._note(table, line)
                self._to_line_end()
            else:
                keys = (*table, *self._keys())
                self._note(keys, line)
                equals = self.text.find("=", self.place)
                if equals < 0:
                    break
                self.place = equals + 1
                self._value(keys)
        return self.lines

    def _note(self, path: KeyPath, line: int) -> None:
        for end in range(1, len(path) + 1):
            self.lines.setdefault(path[:end], line)
        self.lines[path] = line

    def _located(self, keys: tuple[str, ...]) -> KeyPath:
        """A header's path, through the last element of every array of tables on the way."""
        path: KeyPath = ()
        for place, key in enumerate(keys):
            path = (*path, key)
            if place < len(keys) - 1 and path in self.counts:
                path = (*path, self.counts[path] - 1)
        return path

    def _keys(self) -> tuple[str, ...]:
        keys = []
        while found := _KEY.match(self.text, self.place):
            keys.append(next(group for group in found.groups()[:3] if group is not None))
            self.place = found.end()
            if found[4] is None:
                break
        return tuple(keys)

    def _line(self) -> int:
        return self.text.count("\n", 0, self.place) + 1

    def _skip_blank(self) -> bool:
        while self.place < len(self.text):
            if self.text[self.place] in " \t\r\n":
                self.place += 1
            elif self.text[self.place] == "#":
                self._to_line_end()
            else:
                return True
        return False

    def _to_line_end(self) -> None:
        end = self.text.find("\n", self.place)
        self.place = len(self.text) if end < 0 else end + 1

    def _value(self, path: KeyPath) -> None:
        """Skip a value; note the keys of inline tables inside it, with the index of the array element they are in."""
        stack: list[list[str | int]] = []
        current: KeyPath = path
        while self.place < len(self.text):
            character = self.text[self.place]
            in_table = bool(stack) and stack[-1][0] == "{"
            if in_table and (found := _INLINE_KEY.match(self.text, self.place)):
                key = next(group for group in found.groups() if group is not None)
                current = (*self._within(path, stack), key)
                self.lines.setdefault(current, self._line())
                stack[-1][1] = key
                self.place = found.end()
            elif character in "\"'" and (string := _STRING.match(self.text, self.place)):
                self.place = string.end()
            elif character == "#":
                self._to_line_end()
                if not stack:
                    return
            elif character in "[{":
                stack.append([character, 0 if character == "[" else ""])
                self.place += 1
            elif character in "]}":
                if stack:
                    stack.pop()
                self.place += 1
            elif character == "," and stack and isinstance(stack[-1][1], int):
                stack[-1][1] += 1
                self.place += 1
            elif character == "\n" and not stack:
                return
            else:
                self.place += 1

    @staticmethod
    def _within(path: KeyPath, stack: list[list[str | int]]) -> KeyPath:
        return (*path, *(level[1] for level in stack[:-1]))
