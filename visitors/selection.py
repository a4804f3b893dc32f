"""Clicks on what we moved or put in: `select_item` and `select_promotion`."""

from collections.abc import Mapping

from clicks.click import Event
from visitors.profile import Profile


def selections(
    profile: Profile | None,
    click_time: float,
    referrer_key: str,
    product: str | None,
    path: str,
    offer_links: Mapping[str, tuple[str, ...]],
) -> tuple[Event, ...]:
    raise NotImplementedError
