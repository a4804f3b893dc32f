"""JSON answers of a shop's calls: whether they prove what was asked for, and the few members that are named.

Invariant: a member that no rule names is never returned, so a token or a password's hash in an answer goes no further.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from config.platform import FormRule

MAX_ANSWER_BYTES: Final = 65_536
"""Longer answers are no proof: those that say yes or no are short."""

MAX_VALUES: Final = 200
"""Values taken of one list."""

PROVES: Final = (
    "success", "cart_hash", "order_id", "redirect", "redirect_url", "redirectUrl", "result=success", "status=success",
    "status=ok", "ok=true", "added", "data", "cart", "items", "line_items", "token", "access_token", "accessToken",
    "user", "customer", "sid",
)  # fmt: skip
"""Members that shops say yes with, for rules that name none."""

REFUTES: Final = (
    "error", "errors", "error_message", "hasError", "has_error", "success=false", "status=error", "result=failure",
    "result=error", "success=0", "ok=false", "status=fail", "status=failed", "data.error", "data.errors",
)  # fmt: skip
"""And no."""

_TYPES: Final = ("json", "text/html", "text/plain", "javascript")


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON object as a call's answer."""

    members: Mapping[str, object] = field(default_factory=dict)


def may_be_answer(content_type: str) -> bool:
    """JSON is sometimes typed as something else."""
    return not content_type or any(kind in content_type for kind in _TYPES)


def read_answer(body: bytes) -> Answer | None:
    """The object that a body holds; None when it is none, or too long. A byte order mark and blanks may precede it."""
    if len(body) > MAX_ANSWER_BYTES:
        return None
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    if not (text.startswith(b"{") and text.endswith(b"}")):
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return Answer(document) if isinstance(document, dict) else None


def proven(answer: Answer, rule: FormRule) -> bool:
    """The answer says yes, and nothing in it says no."""
    proves, refutes = (rule.proves, rule.refutes) if rule.proves else (PROVES, (*REFUTES, *rule.refutes))
    return _any(answer, proves) and not _any(answer, refutes)


def refuted(answer: Answer, rule: FormRule) -> bool:
    """Something in the answer says no."""
    return _any(answer, rule.refutes or REFUTES)


def _any(answer: Answer, tests: Iterable[str]) -> bool:
    return any(_holds(answer, test) for test in tests)


def _holds(answer: Answer, test: str) -> bool:
    path, equals, wanted = test.partition("=")
    values = list(_at(answer.members, path.split(".")))
    if equals:
        return any(_plain(value) == wanted for value in values)
    return any(value not in (None, False, "", 0) and value != [] and value != {} for value in values)


def member(answer: Answer, path: str) -> str | None:
    """A named member ("payment_result.payment_status") as text, or None."""
    return next(iter(members(answer, path)), None)


def members(answer: Answer, path: str) -> tuple[str, ...]:
    """All texts and numbers at a path; a list on the way stands for each of its items ("items.id")."""
    found = (_plain(value) for value in _at(answer.members, path.split(".")))
    return tuple(value for value in found if value and len(value) <= 64)[:MAX_VALUES]


def holds(answer: Answer, path: str) -> bool:
    """The member is there at all, whatever it holds."""
    return path.partition(".")[0] in answer.members


def _at(value: object, path: list[str]) -> Iterable[object]:
    if isinstance(value, list) and path:
        for item in value[:MAX_VALUES]:
            yield from _at(item, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _at(value[path[0]], path[1:])


def _plain(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value.strip()
        case int():
            return str(value)
        case _:
            return ""


def link(answer: Answer, name: str) -> str:
    """A URL that the answer names so; "" without one, and of one too long to be any."""
    value = answer.members.get(name)
    return value if isinstance(value, str) and len(value) < 2048 else ""
