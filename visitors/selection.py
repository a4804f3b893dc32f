"""Clicks on what was shown: `select_item` for a product of a list, `select_promotion` for a link of an offer.

Invariant: only what this visitor's profile says was shown, and lately, can have been selected.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from clicks.click import Event
from visitors.profile import Profile, Shown

SELECTED_WITHIN_S = 3_600.0
"""A list or an offer stays on the screen for up to an hour before it is clicked."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """An offer as an experience shows it: its placement, the side of it, the variant, and the links in the offer."""

    placement: str
    position: str
    variant: str
    links: tuple[str, ...]


def selections(
    profile: Profile | None,
    click_time: float,
    referrer_key: str,
    product: str | None,
    path: str,
    promotions: Mapping[str, Promotion],
) -> tuple[Event, ...]:
    """What a click selected, coming from the page `referrer_key`.

    `product`: of the page opened; `path`: its decoded path, or path?query; `promotions`: experience id → its offer.
    select_item carries product, list, position (from 1), moved (the page's order was ours) and variant;
    select_promotion experience, placement, position and variant.
    """
    if profile is None:
        return ()
    events: list[Event] = []
    if product and referrer_key:
        prefix = referrer_key + " "
        lists = {
            key[len(prefix) :]: shown
            for key, shown in profile.shown.items()
            if key.startswith(prefix) and product in shown.items and not _is_late(shown.at, click_time)
        }
        events += [_select_item(name, lists[name], product) for name in _distinct(lists)]
    for experience, offer in promotions.items():
        seen = profile.exposures.get(experience)
        if seen and not _is_late(seen[-1], click_time) and any(_leads(link, path, product) for link in offer.links):
            events.append(_select_promotion(experience, offer))
    return tuple(events)


def _distinct(lists: Mapping[str, Shown]) -> list[str]:
    """Without lists that only hold another one: a placement is often part of what the platform calls a list."""
    kept: list[str] = []
    for name in sorted(lists, key=lambda name: len(lists[name].items)):
        if not any(set(lists[other].items) <= set(lists[name].items) for other in kept):
            kept.append(name)
    return [name for name in lists if name in kept]


def _select_item(name: str, shown: Shown, product: str) -> Event:
    return Event(
        "select_item",
        {
            "product": product,
            "list": name,
            "position": shown.items.index(product) + 1,
            "moved": shown.moved > 0,
            "variant": shown.variant,
        },
    )


def _select_promotion(experience: str, offer: Promotion) -> Event:
    where = {"placement": offer.placement, "position": offer.position, "variant": offer.variant}
    return Event("select_promotion", {"experience": experience, **where})


def _is_late(shown_at: float, click_time: float) -> bool:
    # Clocks of two machines may differ a little: a click "before" the showing is in time.
    return click_time - shown_at > SELECTED_WITHIN_S


def _leads(link: str, path: str, product: str | None) -> bool:
    """Whether an offer's link opens this path, or this product by its query (`product_info.php?products_id=5`)."""
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return False
    if not parts.path or parts.scheme not in ("", "http", "https"):
        return False
    opened, _, query = path.partition("?")
    linked = unquote(parts.path)
    # A relative link is resolved by a base that is not known here: what it names must be the end of the path.
    named = linked.lstrip("./")
    if linked != opened and (linked.startswith("/") or not named or not opened.endswith("/" + named)):
        return False
    if not parts.query:
        return True
    wanted = parse_qsl(parts.query, keep_blank_values=True)
    return set(wanted) <= set(parse_qsl(query, keep_blank_values=True)) or (
        product is not None and any(value == product for _, value in wanted)
    )
