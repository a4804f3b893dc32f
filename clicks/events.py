"""Events of one exchange, on proof only: what the origin's answer shows to have happened, not what was asked for.

Invariant: without the origin's acceptance (a redirect away, a 2xx to a cart call, a success page) there is no login,
register, add_to_cart or purchase.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, get_args

from clicks.assets import is_media
from clicks.click import Event, EventName
from clicks.facts import PageFacts
from clicks.forms import FormValues
from clicks.kinds import page_kind, product_id, search_term
from clicks.privacy import is_private
from clicks.reading import resolve
from clicks.rules import Form, rules_of
from clicks.targets import Target, kept_path, parse_target
from config.platform import Platform

MAX_SEARCH_LENGTH: Final = 100
MAX_QUANTITY: Final = 999


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
    accepted = _accepted_form(exchange, platform)
    if accepted is not None and accepted[0] in ("login", "register"):
        name, values = accepted
        email = values.get("email")
        if email is None or "@" not in email:
            return None
        return Login(email, values.get("first_name"), values.get("last_name"), name == "register")
    return Logout() if _logged_out(exchange, platform) else None


def _logged_out(exchange: Exchange, platform: Platform) -> bool:
    return exchange.status < 400 and _signs_out(exchange.target, platform)


def _signs_out(target: Target, platform: Platform) -> bool:
    """Opening this target ends a customer's session."""
    return _remembered(target, platform) if len(target.raw) <= 512 else _remembered.__wrapped__(target, platform)


@lru_cache(maxsize=2048)  # it is asked of every page, and hardly ever so
def _remembered(target: Target, platform: Platform) -> bool:
    rules = rules_of(platform)
    return rules.logout.match(target) and not rules.private.match(target.text)


def _accepted_form(exchange: Exchange, platform: Platform) -> tuple[str, FormValues] | None:
    """The submitted form when the answer shows its success."""
    if exchange.form is None or not exchange.form[1].complete:
        return None
    name, values = exchange.form
    form = next((form for form in rules_of(platform).forms if form.name == name), None)
    return (name, values) if form is not None and _succeeded(exchange, form) else None


def _succeeded(exchange: Exchange, form: Form) -> bool:
    if form.rule.success == "ok":
        return 200 <= exchange.status < 300
    if exchange.status not in (301, 302, 303, 307) or not exchange.location:
        return False
    away = resolve(exchange.location, exchange.target)
    if form.failure.match(away):
        return False
    return form.rule.success == "redirect" or away.path.rstrip("/") != exchange.target.path.rstrip("/")


def read_events(exchange: Exchange, platform: Platform) -> tuple[Event, ...]:
    """The events that this exchange proves.

    Data by event: page_view kind; product_view product, name?, price_cents?, categories; list_view category?, list,
    products; search term, sorted; add_to_cart and remove_from_cart product, quantity; begin_checkout; purchase id?,
    value_cents?, items? (the same order's page may be opened again: fold by id, or by the cart where there is none);
    login and register email, first_name?, last_name?; newsletter email?; not_found path; media_play path.
    Names typed into an accepted checkout step ride on begin_checkout as first_name and last_name.
    """
    events: list[Event] = []
    if exchange.method in ("GET", "HEAD"):
        _read_get(exchange, platform, events)
    accepted = _accepted_form(exchange, platform)
    if accepted is not None:
        _read_form_events(*accepted, exchange, platform, events)
    if _logged_out(exchange, platform):
        events.append(Event("logout", {}))
    return tuple(events)


def _read_get(exchange: Exchange, platform: Platform, events: list[Event]) -> None:
    if exchange.method == "HEAD":
        return
    if exchange.status in (404, 410):
        if exchange.is_navigation:
            events.append(Event("not_found", {"path": kept_path(exchange.target, platform)[:300]}))
        return
    if is_media(exchange.target.path, exchange.content_type):
        if exchange.status in (200, 206) and not exchange.range:
            events.append(Event("media_play", {"path": kept_path(exchange.target, platform)[:300]}))
        return
    if exchange.status in (301, 302, 303) and rules_of(platform).add_to_cart_links.match(exchange.target):
        if found := product_id(platform, exchange.target):
            events.append(Event("add_to_cart", {"product": found, "quantity": 1}))
        return
    if exchange.status == 200 and exchange.is_html and exchange.is_navigation:
        events.append(Event("page_view", {"kind": exchange.kind}))
        _read_page(exchange, platform, events)


def _read_page(exchange: Exchange, platform: Platform, events: list[Event]) -> None:
    facts = exchange.facts
    match exchange.kind:
        case "product":
            if view := _product_view(exchange, platform):
                events.append(view)
        case "category":
            events.append(_list_view(facts, platform))
        case "search":
            term = search_term(platform, exchange.target)
            if term and not is_private(term):
                data: dict[str, object] = {"term": term[:MAX_SEARCH_LENGTH]}
                if facts is not None and facts.sorted_by_visitor:
                    data["sorted"] = True
                events.append(Event("search", data))
        case "checkout":
            events.append(Event("begin_checkout", {}))
        case "order" if rules_of(platform).order_placed.match(exchange.target):
            if purchase := _purchase(exchange, platform):
                events.append(purchase)
        case _:
            pass


def _product_view(exchange: Exchange, platform: Platform) -> Event | None:
    if exchange.facts is None:
        # The page was too large or odd to be read: its URL still says which product it was.
        found = product_id(platform, exchange.target)
        return Event("product_view", {"product": found}) if found and not is_private(found) else None
    product = exchange.facts.product
    if product is None:
        return None
    data: dict[str, object] = {"product": product.id, "categories": product.categories}
    if product.name is not None:
        data["name"] = product.name
    if product.price_cents is not None:
        data["price_cents"] = product.price_cents
    return Event("product_view", data)


def _list_view(facts: PageFacts | None, platform: Platform) -> Event:
    data: dict[str, object] = {}
    if facts is not None and facts.category:
        data["category"] = facts.category
    own = next((rule.name for rule in platform.lists if rule.of_category), None)
    if own is not None and facts is not None and facts.lists and own in facts.lists:
        data["list"] = own
        data["products"] = tuple(item.id for item in facts.lists[own] if item.id is not None)
    return Event("list_view", data)


def _purchase(exchange: Exchange, platform: Platform) -> Event | None:
    """An order: the success page names it, or it was reached from the checkout's own pages."""
    order = exchange.facts.order if exchange.facts else None
    if order is None or not order.id:
        host, _, path = exchange.referrer.partition("/")
        if exchange.host and host != exchange.host.lower():
            return None
        if page_kind(platform, parse_target(("/" + path).encode("utf-8", "surrogateescape"))) != "checkout":
            return None
    data: dict[str, object] = {}
    if order is not None:
        if order.id:
            data["id"] = order.id
        if order.value_cents is not None:
            data["value_cents"] = order.value_cents
        if order.items:
            data["items"] = order.items
    return Event("purchase", data)


def _read_form_events(
    name: str, values: FormValues, exchange: Exchange, platform: Platform, events: list[Event]
) -> None:
    match name:
        case "login" | "register":
            if proof(exchange, platform) is not None:
                events.append(Event("login" if name == "login" else "register", _person(values)))
        case "add_to_cart":
            product = values.get("product_id") or product_id(platform, exchange.target)
            product = (product or "").partition("{")[0]  # osCommerce writes attributes as 5{3}7
            if product and len(product) <= 64:
                data: dict[str, object] = {"product": product, "quantity": _quantity(values.get("quantity"))}
                events.append(Event("add_to_cart", data))
        case "remove_from_cart":
            events.extend(
                Event("remove_from_cart", {"product": product, "quantity": 0}) for product in _removed(values)
            )
        case "checkout_details":
            events.append(Event("begin_checkout", _person(values)))
        case "newsletter":
            events.append(Event("newsletter", {}))
        case _:
            pass


def _person(values: FormValues) -> dict[str, object]:
    found = {name: values.get(name) for name in ("email", "first_name", "last_name")}
    return {name: value for name, value in found.items() if value}


def _quantity(text: str | None) -> int:
    digits = (text or "").strip()
    return min(max(int(digits), 1), MAX_QUANTITY) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 1


def _removed(values: FormValues) -> tuple[str, ...]:
    """Products ticked for removal, and those whose quantity was set to nothing."""
    removed = list(_all(values, "removed"))
    products, quantities = _all(values, "product_id"), _all(values, "quantity")
    if len(products) == len(quantities):
        removed += [product for product, count in zip(products, quantities, strict=True) if count.strip() == "0"]
    return tuple(dict.fromkeys(product for product in removed if len(product) <= 64))


def _all(values: FormValues, name: str) -> tuple[str, ...]:
    return values.every.get(name) or ((values.fields[name],) if name in values.fields else ())


EVENT_NAMES: tuple[EventName, ...] = get_args(EventName)
"""All event names, for documents and checks."""
