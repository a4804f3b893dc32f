"""The one error of this package: something the operator must put right."""

from dataclasses import dataclass


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
    """The configuration cannot be used; carries every problem at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
