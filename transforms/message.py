"""Message texts: `{first_name}` and `{first_name|default}`, and nothing more; no logic, no attributes, no calls.

Invariant: a message without a value for a placeholder that has no default is not shown at all.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from transforms.complaints import did_you_mean
from visitors.profile import Profile

PERSONAL_FIELDS = ("first_name", "last_name")
"""Values a message has of the visitor: only ever those of somebody signed in. The e-mail address is sealed at rest."""

FIELDS = (*PERSONAL_FIELDS, "code")
"""What a placeholder may name; `code` is an offer's own and only known where an offer is shown."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)(?:\|([^{}|]*))?\}")
_LOOKALIKE = re.compile(r"\{[^{}\n]{0,80}\}")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A named value; `default` stands in for a missing one."""

    name: str
    default: str | None = None

    def value(self, values: Mapping[str, str]) -> str | None:
        """What to show, or None when there is nothing to show."""
        return values.get(self.name, self.default)


Piece = str | Placeholder


@lru_cache(maxsize=512)
def parse_message(message: str) -> tuple[Piece, ...]:
    """Literals and placeholders in order; whatever is no placeholder is literal."""
    return tuple(_pieces(message))


def _pieces(message: str) -> Iterator[Piece]:
    end = 0
    for match in _PLACEHOLDER.finditer(message):
        if match[1] not in FIELDS:
            continue
        if match.start() > end:
            yield message[end : match.start()]
        yield Placeholder(match[1], match[2])
        end = match.end()
    if end < len(message):
        yield message[end:]


def filled(message: str, values: Mapping[str, str]) -> str | None:
    """The message with its values, as plain text; None when one is missing."""
    parts: list[str] = []
    for piece in parse_message(message):
        part = piece if isinstance(piece, str) else piece.value(values)
        if part is None:
            return None
        parts.append(part)
    return "".join(parts)


def missing(message: str, values: Mapping[str, str]) -> str:
    """Names of the placeholders that have neither value nor default, for the operator."""
    return ", ".join(
        piece.name for piece in parse_message(message) if isinstance(piece, Placeholder) and piece.value(values) is None
    )


def personal(profile: Profile | None) -> tuple[str | None, ...]:
    """The fields of `PERSONAL_FIELDS`: for two profiles that have the same, any message says the same."""
    return _NO_NAMES if profile is None else (profile.first_name, profile.last_name)


_NO_NAMES = (None,) * len(PERSONAL_FIELDS)


def names_in(message: str) -> Collection[str]:
    """Which of `PERSONAL_FIELDS` a message, or HTML with placeholders, may show."""
    return [name for name in PERSONAL_FIELDS if f"{{{name}" in message]


def profile_values(profile: Profile | None) -> dict[str, str]:
    """The values of a profile that a message can show; blank ones count as missing."""
    values: dict[str, str] = {}
    if profile is not None:
        if profile.first_name and (first := profile.first_name.strip()):
            values["first_name"] = first
        if profile.last_name and (last := profile.last_name.strip()):
            values["last_name"] = last
    return values


def message_problems(message: str, allowed: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with a message whose placeholders may name `allowed`."""
    for match in _LOOKALIKE.finditer(message):
        inside = match[0][1:-1]
        proper = _PLACEHOLDER.fullmatch(match[0])
        if proper is None:
            yield f"{match[0]} is no placeholder; write {{first_name}} or {{first_name|default}}"
        elif proper[1] not in allowed:
            name = inside.split("|", 1)[0]
            yield f"{{{name}}}: unknown value{did_you_mean(name, allowed)}"
