"""The click: one logged request, and the events it proves. Small by construction: fields are by allow-list.

Invariant: nothing a visitor typed is here, but for allow-listed fields (search terms, name and e-mail of an accepted
login or registration); before consent no field says who it was (DESIGN 11).
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from msgspec import Struct

CLICK_VERSION: Final = 1

EventName = Literal[
    "page_view",
    "product_view",
    "list_view",
    "search",
    "add_to_cart",
    "remove_from_cart",
    "begin_checkout",
    "purchase",
    "login",
    "logout",
    "register",
    "newsletter",
    "select_item",
    "select_promotion",
    "view_promotion",
    "not_found",
    "media_play",
    "form",
    "out_of_stock",
    "user_engagement",
]

ENGAGEMENT: Final = "user_engagement"
"""The beacon's event: how long a page was visible so far."""


class Event(NamedTuple):
    """Something that happened, on proof only. `data` holds plain values (strings, numbers, lists of them)."""

    name: EventName
    data: Mapping[str, object]


class Reason(NamedTuple):
    """Why an experience was shown or not: `code` is a decision reason of the glossary."""

    experience: str
    code: str
    variant: str = ""


class Click(Struct, frozen=True, array_like=True, tag=CLICK_VERSION, gc=False):
    """One logged request. Times are Unix seconds, durations as named; sizes in bytes as sent to the client.

    The order of the fields is their order on the wire (`clicks.wire`), as is that of `Event` and `Reason`: append only.
    """

    time: float
    host: str
    method: str
    path: str
    status: int
    profile: str | None = None
    session: str | None = None
    customer: bool = False
    """The profile belongs to a proven customer (not only to a browser)."""
    query: Mapping[str, str] | None = None
    referrer: str = ""
    """Host and path of the referring page, without query."""
    campaign: Mapping[str, str] | None = None
    agent: str = "other"
    """Class of user agent: desktop, mobile, tablet, bot, tool, other."""
    content_type: str = ""
    bytes_out: int = 0
    origin_ms: float = 0.0
    added_us: int = 0
    kind: str = "other"
    asset: bool = False
    product: str | None = None
    listed: Mapping[str, tuple[str, ...]] | None = None
    """List name → product ids in the order they were shown."""
    catalogue: tuple[tuple[object, ...], ...] = ()
    """Products this page taught: (id, name, price_cents, categories, image, sold_out, url); empty when unchanged."""
    events: tuple[Event, ...] = ()
    reasons: tuple[Reason, ...] = ()
    moved: int = 0
    """Number of list positions that show another item than the origin sent."""
    variant: str = ""
    """"holdout", "personalised" or ""."""
    outcome: str = ""
    """Template outcome or why the page was served as it came: hit, relocated, compiled, BOT, OVER_BUDGET, …"""
    merged_from: str | None = None
    """On login: the browser's profile whose history joins the customer's."""
    aborted: bool = False
    preview: bool = False
    """Somebody in preview: the click counts for nobody and nothing."""
    request: str = ""
    """The request id of the access log; "" when there is none."""
    purposes: str = "ps"
    """What its visitor allows: `p` personalisation (the profile is folded), `s` statistics."""

    @property
    def is_measure(self) -> bool:
        """A beacon's, sent when a page is hidden or left: nothing that somebody did."""
        return bool(self.events) and self.events[0].name == ENGAGEMENT
