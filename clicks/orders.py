"""Orders that an exchange proves to be placed.

Invariant: a success page is none that anybody could have opened: it names the order, or the checkout led to it, or it
thanks somebody who comes back from where it was paid for.
"""

from urllib.parse import urlsplit

from clicks.answers import link, member
from clicks.click import Event
from clicks.exchange import Exchange
from clicks.facts import OrderFacts
from clicks.kinds import page_kind
from clicks.reading import resolve
from clicks.rules import Form, rules_of
from clicks.targets import parse_target
from config.platform import Platform


def purchase(exchange: Exchange, platform: Platform) -> Event | None:
    """An order: the success page names it, or it was reached from the checkout's own pages."""
    order = exchange.facts.order if exchange.facts else None
    if order is None or not order.id:
        if came_from(exchange, platform) != "checkout":
            return None
        if order is None and exchange.order is not None:
            return Event("purchase", shown(exchange.order, exchange, platform))
        if exchange.came_back:
            return None  # who comes back without having paid leaves from the checkout, too
    data: dict[str, object] = {}
    if number := (order.id if order is not None else "") or rules_of(platform).order_of(exchange.target.text):
        data["id"] = number
    if order is not None:
        if order.value_cents is not None:
            data["value_cents"] = order.value_cents
        if order.currency and order.value_cents is not None:
            data["currency"] = order.currency
        if items := order.items + exchange.bought:
            data["items"] = items
    return Event("purchase", data)


def placed(form: Form | None, exchange: Exchange, platform: Platform) -> Event | None:
    """An order that a call has placed: by its number in the answer, or by the success page it leads to."""
    answer = exchange.answer
    rules = rules_of(platform)
    if form is None:
        return None
    number = member(answer, form.rule.answer["order"]) if answer and "order" in form.rule.answer else None
    location = (link(answer, "redirect") if answer else "") or exchange.location or ""
    page = resolve(location, exchange.target) if location else None
    if page is not None:
        if _is_elsewhere(location, exchange.host) or not rules.order_placed.match(page):
            return None  # on to where it is paid for
        number = number or rules.order_of(page.text)
    elif not number:
        return None
    if not number and form.rule.success == "redirect":
        return None  # the page it leads to tells, once
    return Event("purchase", {"id": number} if number else {})


def _is_elsewhere(location: str, host: str) -> bool:
    """It names another site; the same with "www." in front, or at another port, is none."""
    try:
        named = urlsplit(location.strip()).hostname or ""
        own = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return True
    return bool(named and own) and named.removeprefix("www.") != own.removeprefix("www.")


def shown(order: OrderFacts, exchange: Exchange, platform: Platform) -> dict[str, object]:
    """An order as a page tells it; the address's number is the one that the call was told with, too."""
    number = rules_of(platform).order_of(exchange.target.text) or order.id
    data: dict[str, object] = {"id": number} if number else {}
    if order.value_cents is not None:
        data["value_cents"] = order.value_cents
        if currency := order.currency or platform.currency:
            data["currency"] = currency
    if items := tuple(item for item in order.items if item in (exchange.had or ())):
        data["items"] = items
    return data


def came_from(exchange: Exchange, platform: Platform) -> str:
    """The kind of the shop's page that led here; "" where another site did, or nobody knows."""
    if exchange.came_from is not None:
        return page_kind(platform, exchange.came_from)
    host, _, path = exchange.referrer.partition("/")
    if exchange.host and host != exchange.host.lower():
        return ""
    return page_kind(platform, parse_target(("/" + path).encode("utf-8", "surrogateescape")))
