"""An exchange as `clicks` reads it: what it says beside its bodies."""

from clicks.exchange import Exchange as ReadExchange
from proxy.framing.head import ResponseHead
from proxy.headers.trial_host import to_public_url
from proxy.shown_pages import cart_of, ordered_of, page_before
from proxy.visit import Visit


def read_exchange(
    visit: Visit, head: ResponseHead | None, status: int, product: str | None = None, bought: tuple[str, ...] = ()
) -> ReadExchange:
    """This exchange as `clicks` reads it; `product` and `bought` as there."""
    content_type = content_range = b""
    location: str | None = None
    if head is not None:
        content_type = (head.get(b"content-type") or b"").partition(b";")[0].strip().lower()
        content_range = head.get(b"content-range") or b""
        if (raw_location := head.get(b"location")) is not None:
            if visit.trial is not None:
                raw_location = to_public_url(raw_location, visit.trial)
            location = raw_location.decode("latin-1")
    outcome = visit.outcome
    cart_changed = head is not None and bool(visit.platform.cart_cookies) and _sets(head, visit.platform.cart_cookies)
    return ReadExchange(
        method=visit.head.method.decode("latin-1"),
        target=visit.place.target,
        status=status,
        kind=visit.place.kind if outcome is None or outcome.facts is None else outcome.facts.kind,
        location=location,
        form=visit.submitted,
        referrer=visit.referrer.kept(visit.platform),
        facts=None if outcome is None else outcome.facts,
        is_html=content_type in (b"text/html", b"application/xhtml+xml"),
        content_type=content_type.decode("latin-1"),
        range=bool(content_range) and not content_range.replace(b" ", b"").lower().startswith(b"bytes0-"),
        host=visit.host,
        is_navigation=visit.is_navigation,
        answer=visit.answer,
        cart_changed=cart_changed,
        product=product,
        bought=bought,
        came_from=(visit.left_from or page_before(visit)) if visit.platform.as_shown else None,
        came_back=visit.left_from is not None,
        cart=visit.cart,
        order=visit.order,
        had=ordered_of(visit) if visit.order is not None else cart_of(visit) if visit.cart is not None else None,
    )


def _sets(head: ResponseHead, names: tuple[str, ...]) -> bool:
    """The answer sets one of these cookies to something (not to nothing, as an emptied cart)."""
    for field in head.get_all(b"set-cookie"):
        name, _, value = field.partition(b";")[0].partition(b"=")
        if value.strip() not in (b"", b"0") and name.strip().decode("latin-1") in names:
            return True
    return False
