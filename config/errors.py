"""The one error of this package: something the operator must put right."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where ("site.toml:41"), which key, what was found and what is allowed."""

    place: str
    key: str
    message: str

    def __str__(self) -> str:
        """`site.toml:41: experience[0].roll_out: unknown key; did you mean "rollout"?`"""
        return ": ".join(part for part in (self.place, self.key, self.message) if part)


class ConfigError(Exception):
    """The configuration cannot be used; carries every problem at once, by line.

    `readable` is what could be read in spite of them, for checks that have more to say; nothing is served from it.
    """

    def __init__(self, problems: tuple[Problem, ...], readable: "Settings | None" = None) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
        self.readable = readable


def by_line(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems in the order in which a person works through the file."""

    def line(problem: Problem) -> int:
        digits = problem.place.rpartition(":")[2]
        return int(digits) if digits.isdigit() else 0

    return tuple(sorted(problems, key=line))
