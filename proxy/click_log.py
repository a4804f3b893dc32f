"""The click of one exchange, made when its end is certain.

Invariant: before consent, for bots and for what is never read, a click says nothing of who it was, what was asked for
beyond the path, or where from (DESIGN 11, 13).
"""

import logging
from time import monotonic
from typing import NamedTuple

from msgspec.structs import replace

from clicks.catalogue import Taught, taught
from clicks.click import Click, Event
from clicks.events import read_events
from clicks.facts import PageFacts
from clicks.rules import rules_of
from clicks.targets import page_key
from proxy import beaconing
from proxy.access_log import Ended
from proxy.exchange_state import ExchangeState
from proxy.measuring import added_seconds, count_answer, count_page
from proxy.reading import read_exchange
from proxy.visit import Visit
from transforms.personaliser import Outcome
from visitors.cookie import Keyring
from visitors.sealing import seal
from visitors.selection import selections
from visitors.visitor import Visitor

_LOG = logging.getLogger("vitrina.proxy")
_IMPERSONAL = frozenset(("page_view", "product_view", "list_view", "not_found", "media_play"))
"""Events that say nothing a visitor typed, chose or is."""


class _Told(NamedTuple):
    """What clicks say of a page because of its facts, whoever opened it; kept with them."""

    changes: int
    """Of the catalogue, when `news` were worked out."""
    product: str | None
    news: tuple[Taught, ...]
    """What the catalogue does not have yet."""
    events: tuple[Event, ...] | None
    """What the exchange proves, as far as that follows from the facts alone; None: nobody has asked."""


_TOLD = "told"
"""Its name in `PageFacts.derived`."""


def log(exchange: ExchangeState, aborted: bool) -> None:
    """Make the exchange's one click, due with the next write; tell the observer, count."""
    visit, serving, now = exchange.visit, exchange.serving, monotonic()
    added_us = int(added_seconds(exchange, now) * 1_000_000)
    try:
        if visit.place.is_never_read:
            click = _of_nothing_read(exchange, visit, aborted)
        else:
            took_s = exchange.answered_at - exchange.sent_at
            origin_ms = int(took_s * 1_000_000) / 1000 if exchange.response is not None and took_s > 0 else 0.0
            make = _of_passed if visit.place.is_asset or not visit.is_read else _of_page
            click = make(exchange, visit, origin_ms, added_us, aborted)
    except Exception:
        # A click that says little is worth more than none.
        _LOG.exception("what a click says could not be read: %s", visit.place.path)
        click = _of_nothing_read(exchange, visit, aborted)
    if visit.is_preview or visit.identified.is_prefetch:
        click = _for_nobody(click)
    serving.clicks.add(click)
    count_answer(exchange, click.kind, added_us)
    if (access_log := serving.ports.access_log) is not None:
        access_log.exchange_ended(
            Ended(exchange.head, visit.fields, click, exchange.bytes_in, exchange.bytes_out, exchange.started, added_us)
        )
    if (outcome := visit.outcome) is not None:
        count_page(exchange, outcome, now)
        if visit.personalised and serving.ports.observer is not None and not visit.is_preview:
            _tell_observer(exchange, click, outcome)


def _for_nobody(click: Click) -> Click:
    """The click of a preview or a prefetch: that it was, and nothing that profiles or statistics are made from."""
    return replace(
        click,
        profile=None,
        session=None,
        customer=False,
        listed=None,
        catalogue=(),
        events=(),
        variant="",
        merged_from=None,
    )


def _tell_observer(exchange: ExchangeState, click: Click, outcome: Outcome) -> None:
    observer = exchange.serving.ports.observer
    if observer is None or outcome.spliced is None:
        return
    try:
        observer.personalised(click, exchange.head.target.decode("latin-1"), exchange.visit.source, outcome.spliced)
    except Exception:
        _LOG.exception("the observer of personalised pages failed")


def _of_nothing_read(exchange: ExchangeState, visit: Visit, aborted: bool) -> Click:
    method = exchange.head.method.decode("latin-1")
    return Click(
        visit.time, visit.host, method, visit.place.path, exchange.status, aborted=aborted, request=visit.request_id
    )


def _of_passed(exchange: ExchangeState, visit: Visit, origin_ms: float, added_us: int, aborted: bool) -> Click:
    """Short: of an asset, or while we are off, nothing is read but whose it is, and that a clip was played."""
    place, fields, is_read = visit.place, exchange.answer_fields, visit.is_read
    profile, session, is_customers, _, purposes = _whose(visit)
    events: tuple[Event, ...] = ()
    if is_read and not aborted and (fields is None or fields.may_be_played):
        visitor = visit.identified.visitor
        events = _events(exchange, visit, visitor.consent and not visitor.bot, None)
    return Click(  # by position, as below
        visit.time,
        visit.host,
        exchange.head.method.decode("latin-1"),
        place.path,
        exchange.status,
        profile,
        session,
        is_customers,
        None,  # query
        visit.referrer.host if is_read else "",
        None,  # campaign
        visit.fields.agent if is_read else "other",
        "" if fields is None else fields.content_type,
        exchange.bytes_out,
        origin_ms,
        added_us,
        place.kind,
        place.is_asset or (fields is not None and fields.is_asset is True),
        None if place.is_asset else place.product,
        None,  # listed
        (),  # catalogue
        events,
        (),  # reasons
        0,  # moved
        "",  # variant
        exchange.failure or ("" if visit.is_alive else "DISABLED"),
        None,  # merged_from
        aborted,
        visit.is_preview,
        visit.request_id,
        purposes,
    )


def _of_page(exchange: ExchangeState, visit: Visit, origin_ms: float, added_us: int, aborted: bool) -> Click:
    place, outcome, visitor, fields = visit.place, visit.outcome, visit.identified.visitor, exchange.answer_fields
    is_known = visitor.consent and not visitor.bot
    profile, session, is_customers, merged_from, purposes = _whose(visit)
    facts = None if outcome is None else outcome.facts
    told = None if facts is None else _of_facts(exchange, visit, facts)
    variant = "" if outcome is None or outcome.decision is None else outcome.decision.variant
    is_asset = told is None and fields is not None and fields.is_asset is True
    events: tuple[Event, ...] = ()
    if not is_asset and (not aborted or place.is_beacon):
        events = _events(exchange, visit, is_known, told)
    return Click(  # by position: by name, so many fields take three times as long
        visit.time,
        visit.host,
        exchange.head.method.decode("latin-1"),
        place.path,
        exchange.status,
        profile,
        session,
        is_customers,
        place.query if is_known and place.query else None,
        visit.referrer.kept(visit.platform) if is_known else visit.referrer.host,
        place.campaign if is_known and place.campaign else None,
        visitor.agent,
        "" if fields is None else fields.content_type,
        exchange.bytes_out,
        origin_ms,
        added_us,
        place.kind if facts is None else facts.kind,
        is_asset,
        place.product if told is None else told.product,
        None if outcome is None else outcome.listed or None,
        () if told is None else told.news,
        events,
        () if outcome is None else outcome.reasons,
        0 if outcome is None else outcome.moved,
        "holdout" if visit.is_holdout else variant,
        exchange.failure or ("" if outcome is None else outcome.outcome),
        merged_from,
        aborted,
        visit.is_preview,
        visit.request_id,
        purposes,
    )


def _whose(visit: Visit) -> tuple[str | None, str | None, bool, str | None, str]:
    """Profile, session, whether the profile is a customer's, whose history joins it, and what they allow: who signs out
    has no name on that page, but the click is still theirs."""
    identified, change = visit.identified, visit.change
    visitor = identified.visitor
    if visitor.personalisation:
        allowed = "ps" if visitor.statistics else "p"
    else:
        allowed = "s" if visitor.statistics else ""
    if change is None or change.value is None:
        if visitor.fresh:  # the browser was not told who it is: nobody will come back under this id
            return None, None, visitor.customer, None, ""
        return visitor.profile, visitor.session, visitor.customer, None, "" if visitor.profile is None else allowed
    start = identified.session_start
    session = f"{change.value.session_start if start is None else start:x}"
    if change.profile == change.value.profile:
        is_customers = change.value.customer
    else:
        is_customers = identified.cookie is not None and identified.cookie.customer
    return change.profile, session, is_customers, change.merged_from, "" if change.profile is None else allowed


def _events(exchange: ExchangeState, visit: Visit, is_known: bool, told: _Told | None) -> tuple[Event, ...]:
    """`told`: of a page that was read."""
    if visit.place.is_beacon:
        return beaconing.told(exchange)
    events = None if told is None else told.events
    if events is None:
        events = _of_exchange(exchange, visit)
    if not is_known:
        return tuple(event for event in events if event.name in _IMPERSONAL)
    if visit.submitted is not None:  # of all that is typed only forms' fields are in events
        visitor = visit.identified.visitor
        if not (visitor.personalisation and visitor.email):
            events = tuple(_without(event, visitor) for event in events)
        events = tuple(_sealed(event, exchange.serving.plan.keyring) for event in events)
    if visit.submitted is not None or visit.place.kind == "order" or visit.order is not None:
        events = visit.serving.orders_told.fresh(events, visit.profile)
    if visit.outcome is not None:
        events += visit.outcome.events
    if visit.is_navigation and visit.profile is not None and visit.referrer.raw:
        key, path = visit.referrer.key(visit.platform), visit.place.text
        product = visit.place.product if told is None else told.product
        events += selections(visit.profile, visit.time, key, product, path, visit.serving.promotions)
    return events


def _of_facts(exchange: ExchangeState, visit: Visit, facts: PageFacts) -> _Told:
    """What a page that was read says by its facts; for most pages its events follow from them alone."""
    platform, place, changes = visit.platform, visit.place, visit.serving.ports.catalogue.changes
    told = facts.derived.get(_TOLD)
    if not isinstance(told, _Told) or told.changes != changes:
        news = taught(facts, platform, page_key("", place.target, platform), visit.serving.ports.catalogue.snapshot())
        told = facts.derived[_TOLD] = _Told(changes, _about(visit, facts), news, None)
    if told.product is not None and facts.product is not None and (platform.id_on_page or platform.product_mark):
        visit.serving.product_pages.remember(place.target, platform, facts.product.id)
    if (
        visit.submitted is not None
        or visit.cart is not None
        or visit.order is not None
        or (platform.cart_cookies and exchange.response is not None and b"set-cookie" in exchange.response.index)
    ):
        return told if told.events is None else told._replace(events=None)
    # Of an order it matters which are new, and what its page links to; of a banner, which page was before.
    if told.events is None and place.kind != "order" and not platform.banners:
        told = facts.derived[_TOLD] = told._replace(events=_of_exchange(exchange, visit))
    return told


def _about(visit: Visit, facts: PageFacts) -> str | None:
    """The product of this page: as it says itself, else by its URL."""
    if visit.platform.product_mark and facts.kind == "other":
        return None  # its address could be a product's, but it is none
    return visit.place.product if facts.product is None else facts.product.id


def _of_exchange(exchange: ExchangeState, visit: Visit) -> tuple[Event, ...]:
    """What the exchange proves."""
    is_for_cart = visit.submitted is not None and visit.submitted[0] == "add_to_cart"
    product = _asked_from(visit) if visit.place.is_asset or is_for_cart else None
    bought = _bought(visit) if visit.place.kind == "order" else ()
    return read_events(read_exchange(visit, exchange.response, exchange.status, product, bought), visit.platform)


def _asked_from(visit: Visit) -> str | None:
    """Of a clip, or of what goes into the cart: the product whose page it was asked for from."""
    if not visit.referrer.raw:
        return None
    host, slash, page = visit.referrer.key(visit.platform).partition("/")
    if host != visit.host:
        return None
    told_by_address = not (visit.platform.id_on_page or visit.platform.product_mark)
    found = rules_of(visit.platform).product_of(slash + page) if told_by_address else None
    return found or visit.serving.product_pages.at(slash + page, visit.serving.ports.catalogue.snapshot())


def _bought(visit: Visit) -> tuple[str, ...]:
    """What an order's page links to instead of naming it."""
    order = None if visit.outcome is None or visit.outcome.facts is None else visit.outcome.facts.order
    if order is None or not order.links:
        return ()
    catalogue = visit.serving.ports.catalogue.snapshot()
    found = (visit.serving.product_pages.at(link, catalogue) for link in order.links)
    return tuple(product for product in found if product is not None)


def _sealed(event: Event, keyring: Keyring) -> Event:
    """The event with its e-mail address sealed: what is written down shows none."""
    email = event.data.get("email")
    return event._replace(data={**event.data, "email": seal(keyring, email)}) if isinstance(email, str) else event


def _without(event: Event, visitor: Visitor) -> Event:
    """The event without what this visitor does not allow: who they are, or the address to write to."""
    refused = ("email",) if visitor.personalisation else ("email", "first_name", "last_name", "fields", "traits")
    if not any(name in event.data for name in refused):
        return event
    return event._replace(data={name: value for name, value in event.data.items() if name not in refused})
