"""Path patterns: globs over path and query, compiled once, matched in linear time whatever a visitor sends.

`*` stays within a segment, `**` stands for any number of segments, letter case does not matter (some origins ignore
it, and a rule that keeps us away from a page must not be got round). "?name=value" in a pattern asks for query fields
in any order; a pattern without it does not look at the query.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

MAX_WILDCARDS = 8

_SLASHES = re.compile(r"/{2,}")


class Glob:
    """One path glob, matched segment by segment: no backtracking over the whole path."""

    __slots__ = ("_exact", "_groups")

    def __init__(self, pattern: str) -> None:
        lowered = pattern.lower()
        segments = lowered.split("/")[1:] if lowered.startswith("/") else ["**", *lowered.split("/")]
        segments = [part for segment in segments for part in _segments(segment)]
        # Paths of plain words, by far the most, are one comparison.
        self._exact = segments if all("*" not in segment for segment in segments) else None
        self._groups = _groups(segments)

    def match(self, segments: Sequence[str]) -> bool:
        """`segments` as `split_path` gives them."""
        if self._exact is not None:
            return self._exact == segments
        groups = self._groups
        first, last = groups[0], groups[-1]
        if len(groups) == 1:
            return len(segments) == len(first) and _at(first, segments, 0)
        if len(segments) < len(first) + len(last) or not _at(first, segments, 0):
            return False
        end = len(segments) - len(last)
        if not _at(last, segments, end):
            return False
        place = len(first)
        for group in groups[1:-1]:
            # Leftmost is best: what follows is "any number of segments" again.
            while place + len(group) <= end and not _at(group, segments, place):
                place += 1
            if place + len(group) > end:
                return False
            place += len(group)
        return True


_Segment = str | re.Pattern[str] | None


def _segments(segment: str) -> list[str]:
    # "name**" reads as "name*" and whatever lies below it.
    return [segment] if segment == "**" or not segment.endswith("**") else [segment[:-1], "**"]


def _groups(segments: Sequence[str]) -> list[list[_Segment]]:
    groups: list[list[_Segment]] = [[]]
    for segment in segments:
        if segment == "**":
            groups.append([])
        elif segment == "*":
            groups[-1].append(None)
        elif "*" in segment:
            groups[-1].append(_wildcard(segment))
        else:
            groups[-1].append(segment)
    return groups


def _wildcard(segment: str) -> re.Pattern[str]:
    """A segment with wildcards; all but the last are atomic, so matching is linear (as in `fnmatch.translate`)."""
    head, *inner = [re.escape(part) for part in re.split(r"\*+", segment)]
    tail = inner.pop()
    return re.compile(head + "".join(f"(?>.*?{part})" for part in inner) + f".*{tail}", re.DOTALL)


def _at(group: Sequence[_Segment], segments: Sequence[str], place: int) -> bool:
    for offset, wanted in enumerate(group):
        found = segments[place + offset]
        if isinstance(wanted, str):
            if wanted != found:
                return False
        elif wanted is not None and wanted.fullmatch(found) is None:
            return False
    return True


def split_path(path: str) -> list[str]:
    """A path's segments as globs see them: lower case, no empty or dot segments but a trailing empty one."""
    path = path.lower()
    if "//" in path:
        path = _SLASHES.sub("/", path)
    if "/." in path:
        path = _without_dots(path)
    if ";" in path:
        path = "/".join(segment.partition(";")[0] for segment in path.split("/"))
    return path.split("/")[1:] if path.startswith("/") else path.split("/")


def _without_dots(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept) or "/"


def path_forms(path: str) -> tuple[list[str], ...]:
    """The ways a path is read: as it is; without the trailing slash; cut after a script's name (PATH_INFO)."""
    segments = split_path(path)
    forms = [segments]
    if len(segments) > 1:
        if segments[-1] == "":
            forms.append(segments[:-1])
        for place, segment in enumerate(segments[:-1]):
            if segment.endswith((".php", ".asp", ".aspx", ".jsp", ".cfm", ".cgi", ".pl")):
                forms.append(segments[: place + 1])
                break
    return tuple(forms)


class _Rule:
    __slots__ = ("everything", "glob", "query")

    def __init__(self, pattern: str) -> None:
        path, _, query = pattern.partition("?")
        self.everything = path in ("*", "**", "/**", "") and not query
        self.glob = Glob(path if path not in ("", "*") else "/**")
        self.query = tuple(
            (name.lower(), _wildcard(value.lower()) if "*" in value else value.lower())
            for name, _, value in (field.partition("=") for field in query.split("&") if field)
        )

    def match(self, forms: tuple[list[str], ...], fields: Sequence[tuple[str, str]]) -> bool:
        if self.everything:
            return True
        if not any(self.glob.match(form) for form in forms):
            return False
        return all(any(name == key and _is(wanted, value) for key, value in fields) for name, wanted in self.query)


def _is(wanted: str | re.Pattern[str], value: str) -> bool:
    return wanted == value if isinstance(wanted, str) else wanted.fullmatch(value) is not None


class PathPatterns:
    """Several patterns as one question; answers for paths without a query are remembered (bounded)."""

    __slots__ = ("_match_path", "_queries", "_rules", "patterns")

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self.patterns = patterns
        rules = tuple(_Rule(pattern) for pattern in patterns)
        self._rules = tuple(rule for rule in rules if not rule.query)
        self._queries = tuple(rule for rule in rules if rule.query)
        self._match_path = lru_cache(maxsize=2048)(self._matches)

    def match(self, path_and_query: str) -> bool:
        """True when any pattern matches; `path_and_query` is decoded ("/a b?q=x")."""
        if not self.patterns:
            return False
        path, _, query = path_and_query.partition("?")
        if self._rules and (self._match_path(path) if len(path) <= 256 else self._matches(path)):
            return True
        if not query or not self._queries:
            return False
        forms = path_forms(path)
        fields = tuple(
            (name.lower(), value.lower()) for name, _, value in (field.partition("=") for field in query.split("&"))
        )
        return any(rule.match(forms, fields) for rule in self._queries)

    def _matches(self, path: str) -> bool:
        forms = path_forms(path)
        return any(rule.match(forms, ()) for rule in self._rules)


def pattern_problem(pattern: str) -> str | None:
    """What is wrong with a pattern, or None."""
    if not pattern or pattern != pattern.strip():
        return "is empty or has spaces around it"
    path = pattern.partition("?")[0]
    if pattern.count("*") > MAX_WILDCARDS * 2 or len(pattern) > 500:
        return f"has too many wildcards or is too long (at most {MAX_WILDCARDS} and 500 characters)"
    if not path.startswith(("/", "*")):
        return 'must start with "/" or "*"'
    if any("**" in segment.removesuffix("**") for segment in path.split("/")):
        return '"**" stands for whole segments: "/a/**/b", "/a/**"'
    if "***" in path:
        return 'has "***"; "*" stays within a segment, "**" crosses segments'
    return None
