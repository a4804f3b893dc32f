"""Expressions that operators write, by RE2: whatever they are and whatever text they meet, matching takes linear time.

Python's own `re` can be made to take minutes by one link of an attacker's review, if an operator wrote `(\\w+)+$`
without a thought. What RE2 does not have (backreferences, look-around) is refused with its message when the
configuration is read.
"""

from functools import lru_cache

import re2

MAX_EXPRESSION = 1000
"""Characters of one expression."""
MAX_MEMORY = 1 << 20
"""Bytes that one expression may take compiled; nested repetitions grow beyond every measure."""
MAX_REMEMBERED = 256
"""Texts up to so many characters are remembered with what was found: pages show the same links again and again."""
_REMEMBERED = 4096

_OPTIONS = re2.Options()
_OPTIONS.max_mem = MAX_MEMORY
_OPTIONS.log_errors = False


def expression_problem(expression: str) -> str | None:
    """What is wrong with an expression of one group; None when nothing is."""
    if len(expression) > MAX_EXPRESSION:
        return f"is longer than {MAX_EXPRESSION} characters"
    try:
        groups = re2.compile(expression, _OPTIONS).groups
    except re2.error as error:
        reason = error.args[0]
        return f"is none that RE2 knows: {reason.decode('utf-8', 'replace') if isinstance(reason, bytes) else reason}"
    return None if groups == 1 else f"must have one group, not {groups}"


class Expressions:
    """Expressions of one group each, tried in their order. Raises ValueError for one that has a problem."""

    __slots__ = ("_compiled", "_remembered")

    def __init__(self, expressions: tuple[str, ...]) -> None:
        for expression in expressions:
            if problem := expression_problem(expression):
                raise ValueError(f'expression "{expression}" {problem}')
        self._compiled = tuple(re2.compile(expression, _OPTIONS) for expression in expressions)
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._first)

    def first(self, text: str) -> str | None:
        """The group of the first expression that is found in `text`."""
        if not self._compiled:
            return None
        return self._remembered(text) if len(text) <= MAX_REMEMBERED else self._first(text)

    def _first(self, text: str) -> str | None:
        if not text.isascii():  # a lone surrogate has no UTF-8, which is what RE2 reads
            text = text.encode("utf-8", "replace").decode()
        for expression in self._compiled:
            if found := expression.search(text):
                group: str | None = found[1]
                return group
        return None
