"""The visibility beacon on its way: whether a page may get its tag, and what it told.

Invariant: only on pages that may be changed for a visitor who allows statistics; never in a preview, never where the
page's policy would keep it from working, and never unless the operator asked for it. What is told is believed only of
a page of this very shop, and only so often of one visitor.
"""

from clicks.click import Event
from clicks.engagement import engagement
from proxy.exchange_state import ExchangeState
from proxy.visit import Visit
from transforms.beacon import allows


def beacon_origin(visit: Visit, fields: list[tuple[bytes, bytes]]) -> str:
    """Where the operator asked for the beacon: the origin under which this page is seen ("https://shop.example"); ""
    where it gets none.

    `fields` are those of the answer as the visitor gets them.
    """
    if not visit.may_rewrite or visit.is_preview or not visit.identified.visitor.statistics:
        return ""
    scheme = "https" if visit.fields.is_secure else "http"
    own = f"{scheme}://{visit.fields.host}"
    policies = [value for name, value in fields if name.lower() == b"content-security-policy"]
    return own if all(allows(policy.decode("latin-1"), own) for policy in policies) else ""


def told(exchange: ExchangeState) -> tuple[Event, ...]:
    """The event of what a beacon told, where it is believed: whole, whether or not its browser waited for an answer."""
    visit = exchange.visit
    profile = visit.identified.visitor.profile
    body = None if visit.form is None or not exchange.request_done else visit.form.body
    if body is None or profile is None or not _is_same_origin(visit):
        return ()
    event = engagement(body, visit.platform)
    return (event,) if event is not None and visit.serving.beacon_rate.allows(profile) else ()


def _is_same_origin(visit: Visit) -> bool:
    """By Sec-Fetch-Site, which no script can set, else by Origin; who says neither is no browser with a beacon."""
    index = visit.head.index
    if (site := index.get(b"sec-fetch-site")) is not None:
        return site == b"same-origin"
    return index.get(b"origin", b"").decode("latin-1").lower().partition("://")[2] == visit.host
