"""One exchange as events are read from it."""

from dataclasses import dataclass

from clicks.answers import Answer
from clicks.facts import OrderFacts, PageFacts
from clicks.forms import FormValues
from clicks.shown_cart import ShownCart
from clicks.targets import Target


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
    answer: Answer | None = None
    """The answer's JSON object, where a form's rule asks for it."""
    cart_changed: bool = False
    """The answer sets one of the platform's cart cookies."""
    product: str | None = None
    """Of a clip or of what is put into the cart: the product whose page it was asked for from."""
    bought: tuple[str, ...] = ()
    """Products that `OrderFacts.links` lead to, as far as the catalogue knows them."""
    came_from: Target | None = None
    """The page of the shop that `referrer` is, with the query fields that are kept; where the visitor comes back from
    elsewhere, the one that they left the shop from."""
    came_back: bool = False
    """From another site, or nobody knows from where: `came_from` is no link that was followed."""
    cart: ShownCart | None = None
    """What the page or the answer shows of a cart, where no rule says what it is to be asked for."""
    order: OrderFacts | None = None
    """What it says of an order that was placed, likewise."""
    had: frozenset[str] | None = None
    """Products that were in the visitor's cart before; None where that is not known."""
