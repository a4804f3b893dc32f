"""Events of one exchange, on proof only: what the origin's answer shows to have happened, not what was asked for.

Invariant: without the origin's acceptance (a redirect away, JSON that says yes, a cart cookie that changes, a success
page) there is no login, register, add_to_cart or purchase.
"""

from dataclasses import dataclass
from typing import Final, get_args

from clicks.answers import Answer, link, proven, refuted
from clicks.assets import is_media
from clicks.carts import quantity_of, removals, taken_out, taken_out_by
from clicks.click import Event, EventName
from clicks.exchange import Exchange
from clicks.facts import PageFacts
from clicks.forms import FormValues
from clicks.kinds import product_id, search_term
from clicks.orders import came_from, placed, purchase, shown
from clicks.privacy import is_private
from clicks.reading import resolve
from clicks.rules import Form, rules_of
from clicks.targets import Target, kept_path
from config.platform import Platform

MAX_SEARCH_LENGTH: Final = 100
MAX_ANSWER_LENGTH: Final = 200
"""Of one answer in a form."""


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
    return exchange.status < 400 and signs_out(exchange.target, platform)


def signs_out(target: Target, platform: Platform) -> bool:
    """Opening this target ends a customer's session."""
    rules = rules_of(platform)
    return rules.logout.match(target) and not rules.private.match(target.text)


def _accepted_form(exchange: Exchange, platform: Platform) -> tuple[str, FormValues] | None:
    """The submitted form when the answer shows its success."""
    if exchange.form is None or not exchange.form[1].complete:
        return None
    name, values = exchange.form
    form = form_of(platform, name, values)
    if form is None:
        return None
    is_shown = name == "add_to_cart" and form.rule.success == "accepted" and _is_in_cart(exchange, values, platform)
    return (name, values) if is_shown or _succeeded(exchange, form) else None


def _is_in_cart(exchange: Exchange, values: FormValues, platform: Platform) -> bool:
    """The answer shows the product in the cart, where it was not before, and nothing on it complains."""
    cart = exchange.cart
    if cart is None or exchange.had is None or cart.complains or not 200 <= exchange.status < 300:
        return False
    product = _put_in(values, exchange, platform)
    return product in cart.rows and product not in exchange.had


def _put_in(values: FormValues, exchange: Exchange, platform: Platform) -> str:
    """What the form puts into the cart: as it says, as its own address says, else the product of its page."""
    # Where addresses do not tell products, the form's own address names none.
    is_told = "product" in platform.kinds and not platform.product_mark
    of_address = product_id(platform, exchange.target) if is_told else None
    product = values.get("product_id") or of_address or exchange.product
    return (product or "").partition("{")[0]  # osCommerce writes attributes as 5{3}7


def form_of(platform: Platform, name: str, values: FormValues) -> Form | None:
    """The rule by which a form was read."""
    forms = rules_of(platform).forms
    if values.index is not None:
        return forms[values.index]
    return next((form for form in forms if form.name == name), None)


def _succeeded(exchange: Exchange, form: Form) -> bool:
    success = form.rule.success
    if 200 <= exchange.status < 300:
        answer = exchange.answer
        match success:
            case "ok":
                return answer is None or not refuted(answer, form.rule)
            case "json":
                return answer is not None and proven(answer, form.rule) and not _leads_back(answer, form, exchange)
            case "cookie":
                return exchange.cart_changed
            case "accepted":
                if answer is not None and refuted(answer, form.rule):
                    return False
                if exchange.cart_changed and form.name in _CART_FORMS:
                    return True
                return answer is not None and proven(answer, form.rule) and not _leads_back(answer, form, exchange)
            case _:
                return False
    if exchange.status not in _REDIRECTS or not exchange.location or success in ("json", "cookie"):
        return False
    if success == "accepted" and exchange.cart_changed and form.name in _CART_FORMS:
        return True
    if success == "ok" and form.name not in _CART_FORMS:
        return False
    return _leads_away(exchange.location, form, exchange)


_REDIRECTS: Final = (301, 302, 303, 307)
_CART_FORMS: Final = ("add_to_cart", "remove_from_cart")


def _leads_away(location: str, form: Form, exchange: Exchange) -> bool:
    away = resolve(location, exchange.target)
    if form.failure.match(away):
        return False
    success = form.rule.success
    # Shops lead back to the product.
    if success == "redirect" or (success in ("accepted", "ok") and form.name in _CART_FORMS):
        return True
    return away.path.rstrip("/") != exchange.target.path.rstrip("/") or _is_another_page(away, form, exchange.target)


def _is_another_page(away: Target, form: Form, sent_to: Target) -> bool:
    """Of a shop's only script another page, by the parameter that says which is meant: `?page=account`."""
    names = {name for rule in form.rule.at for name in rule.query}
    return any((found := away.get(name)) is not None and found != sent_to.get(name) for name in names)


def _leads_back(answer: Answer, form: Form, exchange: Exchange) -> bool:
    """The JSON answer sends the visitor to the form again, or to a page that says no."""
    location = next((found for name in ("redirect", "redirect_url", "location") if (found := link(answer, name))), "")
    return bool(location) and form.failure.match(resolve(location, exchange.target))


def read_events(exchange: Exchange, platform: Platform) -> tuple[Event, ...]:
    """The events that this exchange proves.

    Data by event: page_view kind; product_view product, name?, price_cents?, categories; out_of_stock product;
    list_view category?, list, products; search term, hits?, sorted?; add_to_cart product, quantity; remove_from_cart
    product? and quantity, or left (products still in the cart); begin_checkout; purchase id?, value_cents?, currency?,
    items? (the same order's page may be opened again: fold by id, or by the cart where there is none);
    login and register email, first_name?, last_name?; newsletter email?; form form, fields, traits?; not_found path;
    media_play path, product?; select_promotion promotion.
    Names typed into an accepted checkout step ride on begin_checkout as first_name and last_name.
    """
    events: list[Event] = []
    if exchange.method in ("GET", "HEAD"):
        _read_get(exchange, platform, events)
    accepted = _accepted_form(exchange, platform)
    if accepted is not None:
        _read_form_events(*accepted, exchange, platform, events)
    elif exchange.order is not None and exchange.form is not None and exchange.form[0] == "order_call":
        events.append(Event("purchase", shown(exchange.order, exchange, platform)))
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
            played: dict[str, object] = {"path": kept_path(exchange.target, platform)[:300]}
            if exchange.product:
                played["product"] = exchange.product
            events.append(Event("media_play", played))
        return
    is_redirect = exchange.status in (301, 302, 303)
    if (is_redirect or exchange.cart_changed) and rules_of(platform).add_to_cart_links.match(exchange.target):
        if found := product_id(platform, exchange.target):
            quantity = quantity_of(exchange.target.get("quantity"))
            events.append(Event("add_to_cart", {"product": found, "quantity": quantity}))
        if is_redirect:
            return
    if exchange.is_navigation and platform.banners and exchange.status < 400:
        _read_banners(exchange, platform, events)
    if exchange.status == 200 and exchange.is_html and exchange.is_navigation:
        events.append(Event("page_view", {"kind": exchange.kind}))
        _read_page(exchange, platform, events)


def _read_banners(exchange: Exchange, platform: Platform, events: list[Event]) -> None:
    """A page of the shop led here by a link that only a banner has."""
    if exchange.referrer.partition("/")[0] != exchange.host.lower() or not exchange.host:
        return
    for name, rules in rules_of(platform).banners:
        if rules.match(exchange.target):
            events.append(Event("select_promotion", {"promotion": name}))


def _read_page(exchange: Exchange, platform: Platform, events: list[Event]) -> None:
    facts = exchange.facts
    match exchange.kind:
        case "product":
            if view := _product_view(exchange, platform):
                events.append(view)
                if facts is not None and facts.product is not None and facts.product.sold_out:
                    events.append(Event("out_of_stock", {"product": facts.product.id}))
        case "category":
            events.append(_list_view(facts, platform))
        case "search":
            term = search_term(platform, exchange.target)
            if term and not is_private(term):
                data: dict[str, object] = {"term": term[:MAX_SEARCH_LENGTH]}
                if facts is not None and facts.hits is not None:
                    data["hits"] = facts.hits
                if facts is not None and facts.sorted_by_visitor:
                    data["sorted"] = True
                events.append(Event("search", data))
        case "checkout":
            events.append(Event("begin_checkout", {}))
        case "order" if rules_of(platform).order_placed.match(exchange.target):
            if order := purchase(exchange, platform):
                events.append(order)
        case "cart":
            if exchange.cart is not None and exchange.had and came_from(exchange, platform) == "cart":
                events.extend(taken_out(exchange.cart, exchange.had))
        case _:
            if exchange.order is not None and came_from(exchange, platform) == "checkout":
                events.append(Event("purchase", shown(exchange.order, exchange, platform)))


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


def _read_form_events(
    name: str, values: FormValues, exchange: Exchange, platform: Platform, events: list[Event]
) -> None:
    match name:
        case "login" | "register":
            if proof(exchange, platform) is not None:
                events.append(Event("login" if name == "login" else "register", _person(values)))
        case "add_to_cart":
            product = _put_in(values, exchange, platform)
            if product and len(product) <= 64:
                data: dict[str, object] = {"product": product, "quantity": quantity_of(values.get("quantity"))}
                events.append(Event("add_to_cart", data))
        case "remove_from_cart":
            form = form_of(platform, "remove_from_cart", values)
            if form is None or not (platform.as_shown and form.is_shown):
                events.extend(removals(values, form, exchange.answer))
            elif exchange.cart is not None and exchange.had:
                events.extend(taken_out_by(exchange.cart, exchange.had))
        case "checkout_details":
            events.append(Event("begin_checkout", _person(values)))
        case "newsletter":
            events.append(Event("newsletter", {}))
        case "order_call":
            if (order := placed(form_of(platform, name, values), exchange, platform)) is not None:
                events.append(order)
        case "form":
            if (filled := _filled(values, platform)) is not None:
                events.append(filled)
        case _:
            pass


def _filled(values: FormValues, platform: Platform) -> Event | None:
    form = form_of(platform, "form", values)
    if form is None:
        return None
    fields = {
        name: ", ".join(values.every.get(name, (value,)))[:MAX_ANSWER_LENGTH]
        for name, value in values.fields.items()
        if not any(map(is_private, values.every.get(name, (value,))))
    }
    traits = {trait: fields[name] for trait, name in form.traits.items() if name in fields}
    return Event("form", {"form": form.own, "fields": fields} | ({"traits": traits} if traits else {}))


def _person(values: FormValues) -> dict[str, object]:
    found = {name: values.get(name) for name in ("email", "first_name", "last_name")}
    return {name: value for name, value in found.items() if value}


EVENT_NAMES: tuple[EventName, ...] = get_args(EventName)
"""All event names, for documents and checks."""
