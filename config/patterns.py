"""Path patterns: globs over path and query, compiled once, matched in linear time whatever a visitor sends."""


class PathPatterns:
    """Several patterns as one question. `*` stays within a segment, `**` crosses; "?name=value" asks of the query."""

    __slots__ = ("patterns",)

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self.patterns = patterns

    def match(self, path_and_query: str) -> bool:
        """True when any pattern matches."""
        raise NotImplementedError


def pattern_problem(pattern: str) -> str | None:
    """What is wrong with a pattern, or None."""
    raise NotImplementedError
