"""What a check says: one line, what it means, and what to do."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "unknown", "warn", "fail"]
"""`unknown`: cannot be told from here; it is said, and does not count."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`found` is a fact with its figures; `means` and `todo` are empty where there is nothing to do."""

    check: str
    status: Status
    found: str
    means: str = ""
    todo: str = ""


def exit_code(findings: list[Finding]) -> int:
    """0 when nothing is wrong, 1 with warnings, 2 with failures."""
    statuses = {finding.status for finding in findings}
    return 2 if "fail" in statuses else 1 if "warn" in statuses else 0
