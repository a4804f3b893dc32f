"""What kind of software asks: a class of user agent, never its text; and whether a person is looking at all."""

from collections.abc import Mapping


def agent_class(user_agent: str) -> str:
    """bot, tool, mobile, tablet, desktop or other."""
    raise NotImplementedError


def is_bot(user_agent: str) -> bool:
    """A crawler, monitor, link previewer or program: it gets the origin's bytes and no profile."""
    raise NotImplementedError


def is_prefetch(headers: Mapping[str, str]) -> bool:
    """A speculative load (Sec-Purpose, Purpose, X-Purpose, X-Moz); `headers` has lower-case names."""
    raise NotImplementedError
