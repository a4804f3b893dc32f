"""Events of one exchange, on proof only: what the origin's answer shows to have happened, not what was asked for.

Invariant: without the origin's acceptance (a redirect away, a 2xx to a cart call, a success page) there is no login,
register, add_to_cart or purchase.
"""

from dataclasses import dataclass

from clicks.click import Event
from clicks.facts import PageFacts
from clicks.forms import FormValues
from clicks.targets import Target
from config.platform import Platform


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what the origin answered. `location` is the raw Location header, `referrer` "host/path"."""

    method: str
    target: Target
    status: int
    kind: str = "other"
    location: str | None = None
    form: tuple[str, FormValues] | None = None
    """From `clicks.forms.submitted_form`."""
    referrer: str = ""
    facts: PageFacts | None = None
    is_html: bool = False
    content_type: str = ""
    range: bool = False
    """The answer is a later part of a resource (206 that does not start at 0)."""
    host: str = ""
    is_navigation: bool = True
    """A top-level page (Sec-Fetch-Dest, else Accept); a fetch by script or a frame is no page view."""


@dataclass(frozen=True, slots=True)
class Login:
    """The origin accepted a login or a registration; names and e-mail as typed into that form."""

    email: str
    first_name: str | None = None
    last_name: str | None = None
    registered: bool = False


@dataclass(frozen=True, slots=True)
class Logout:
    """The origin ended the customer's session."""


def proof(exchange: Exchange, platform: Platform) -> Login | Logout | None:
    """What the answer proves about who is signed in."""
    raise NotImplementedError


def read_events(exchange: Exchange, platform: Platform) -> tuple[Event, ...]:
    """The events that this exchange proves.

    Data by event: page_view kind; product_view product, name?, price_cents?, categories; list_view category?, list;
    search term; add_to_cart and remove_from_cart product, quantity; begin_checkout; purchase id?, value_cents?,
    items?; login and register email, first_name?, last_name?; checkout names ride on begin_checkout; newsletter;
    not_found path; media_play path.
    """
    raise NotImplementedError
