"""Which placements a page has a right to: by its kind, or by its path and query."""

from collections.abc import Iterable

from config.patterns import PathPatterns
from config.settings import Placement


class Places:
    """The `on` rules of all placements, compiled once: "*", a page kind, or a pattern that starts with "/"."""

    __slots__ = ("_by_kind", "_everywhere", "_patterns")

    def __init__(self, placements: Iterable[Placement]) -> None:
        everywhere: set[str] = set()
        by_kind: dict[str, set[str]] = {}
        self._patterns: list[tuple[str, PathPatterns]] = []
        for placement in placements:
            patterns = tuple(on for on in placement.on if on.startswith("/"))
            if patterns:
                self._patterns.append((placement.name, PathPatterns(patterns)))
            for on in placement.on:
                if on in ("*", "/**"):
                    everywhere.add(placement.name)
                elif not on.startswith("/"):
                    by_kind.setdefault(on, set()).add(placement.name)
        self._everywhere = frozenset(everywhere)
        self._by_kind = {kind: frozenset(names | everywhere) for kind, names in by_kind.items()}

    def here(self, kind: str, path_and_query: str) -> frozenset[str]:
        """Names of the placements that apply to a page of this kind at this path."""
        names = self._by_kind.get(kind, self._everywhere)
        more = [name for name, patterns in self._patterns if name not in names and patterns.match(path_and_query)]
        return names.union(more) if more else names
