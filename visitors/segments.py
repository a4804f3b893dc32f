"""Who is meant: conditions over a profile and its visitor, as data; never evaluated strings (DESIGN 14)."""

from collections.abc import Mapping

from config.settings import Condition, Segment, Who
from visitors.profile import Profile
from visitors.visitor import Visitor


def matches(who: Who, profile: Profile | None, visitor: Visitor, segments: Mapping[str, Segment], now: float) -> bool:
    raise NotImplementedError


def explain_who(
    who: Who, profile: Profile | None, visitor: Visitor, segments: Mapping[str, Segment], now: float
) -> list[tuple[Condition, object, bool]]:
    raise NotImplementedError
