"""What an event's data says, within bounds: another build wrote it, or a page of the shop's."""

from collections.abc import Mapping
from typing import Final

from visitors.wire import SEPARATOR

MAX_TEXT: Final = 128


def text(data: Mapping[str, object], *names: str) -> str | None:
    """The first of these fields that holds a text or a number, cut to a bound; blanks around it do not count."""
    for name in names:
        value = data.get(name)
        if isinstance(value, str):
            if said := value.strip()[:MAX_TEXT]:
                return said
        elif isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return None


def texts(values: object) -> list[str]:
    """Those of a list's texts and numbers that can stand in a joined list."""
    if not isinstance(values, (list, tuple)):
        return []
    return [
        said
        for value in values
        if isinstance(value, (str, int)) and (said := str(value).strip()[:MAX_TEXT]) and SEPARATOR not in said
    ]


def count(value: object, default: int) -> int:
    """A whole number from 0 on; `default` for anything else."""
    return int(value) if isinstance(value, (int, float)) and 0 <= value < 2**53 else default
