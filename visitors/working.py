"""A profile while clicks are folded into it: mutable, made of its bytes once per batch, and made bytes once.

Rules: (1) a (spool, sequence) counts once; (2) counters and interests do not depend on the order of clicks, and what
holds the latest of something is not overwritten by an earlier click; (3) everything is bounded, the weakest or oldest
goes first; (4) bots, beacons, and assets that prove no event, leave no trace but `applied`.
"""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, Self

from clicks.click import Click, Event
from clicks.sources import source
from visitors.event_data import MAX_TEXT, count, text, texts
from visitors.interests import earn, growth
from visitors.profile import Profile
from visitors.wire import FIELD_NAMES, SEPARATOR, decode_fields, encode_fields, packed_fields, shaped

MAX_PRODUCTS = 200
MAX_CATEGORIES = 50
MAX_TOPICS = 60
MAX_CART = 50
MAX_ORDER_IDS = 100
MAX_BARE_ORDERS = 8
MAX_SEARCHES = 10
MAX_SHOWN = 20
MAX_SHOWN_ITEMS = 200
MAX_EXPERIENCES = 50
MAX_EXPOSURES = 64
"""Exposures remembered of one experience: a cap can count to this."""
MAX_TRAITS = 32
MAX_SPOOLS = 64
MAX_SESSIONS = 16
MAX_MERGED = 64
MAX_QUANTITY = 999

VISIT_GAP_S = 1_800.0
"""A shorter silence is no end of a visit."""

GAP_SMOOTHING = 0.4
"""Weight of the newest gap in `usual_gap_s`."""

SAME_ORDER_S = 1_800.0
"""The same visitor on the same URL keeps the order of a list this long (DESIGN 12)."""

PRODUCT_VIEW = 1.0
LIST_VIEW = 0.3
MEDIA_PLAY = 0.5
ADD_TO_CART = 3.0
PURCHASE = 5.0
ANCESTOR = 0.5
"""Each level up from a product's own category earns this part of the weight: all records are "Music"."""

_all_of = attrgetter(*FIELD_NAMES)


class Working:
    """The fields of a `Profile` as they are on the wire, its packed maps nobody else's; `frozen()` gives the profile,
    `encoded()` its bytes."""

    __slots__ = Profile._fields

    id: str
    created: float
    updated: float
    first_name: str | None
    last_name: str | None
    email: str | None
    customer: bool
    newsletter: bool
    visits: int
    session: str | None
    last_click: float
    usual_gap_s: float | None
    usual_gap_before_s: float | None
    visit_started: float
    previous_visit: float
    sessions: tuple[str, ...]
    page_views: int
    last_page: str | None
    products: dict[str, float]
    categories: dict[str, float]
    topics: dict[str, str]
    cart: dict[str, int]
    cart_at: float
    orders: int
    order_ids: tuple[str, ...]
    value_cents: int
    last_order: float
    bought: dict[str, float]
    searches: tuple[str, ...]
    first_source: str | None
    last_source: str | None
    exposures: dict[str, tuple[float, ...]]
    shown: dict[str, tuple[Any, ...]]
    applied: dict[str, int]
    merged: tuple[str, ...]
    moved_to: str | None
    traits: dict[str, str]
    bare_orders: tuple[str, ...]
    unknown_fields: tuple[object, ...]

    def __init__(self, fields: Sequence[Any]) -> None:
        """Of a row as `visitors.wire.decode_fields` gives it."""
        # Written out: every click of a batch may be for another profile. A test compares it with the wire's order.
        # fmt: off
        (
            self.id, self.created, self.updated, self.first_name, self.last_name, self.email, self.customer,
            self.newsletter, self.visits, self.session, self.last_click, self.usual_gap_s, self.page_views,
            self.last_page, self.products, self.categories, self.cart, self.cart_at, self.orders, self.order_ids,
            self.value_cents, self.last_order, self.bought, self.searches, self.first_source, self.last_source,
            self.exposures, self.shown, self.applied, self.merged, self.moved_to, self.usual_gap_before_s,
            self.visit_started, self.previous_visit, self.sessions, self.topics, self.traits, self.bare_orders,
            *further,
        ) = fields
        # fmt: on
        self.unknown_fields = tuple(further)

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """Of a profile, which stays as it is."""
        return cls((*packed_fields(profile), *profile.unknown_fields))

    @classmethod
    def decoded(cls, data: bytes) -> Self:
        """Of a profile's bytes; ValueError when they are not one."""
        return cls(decode_fields(data))

    def encoded(self) -> bytes:
        """The profile's bytes, within its bounds."""
        self.trim()
        return encode_fields(_all_of(self), self.unknown_fields)

    def frozen(self) -> Profile:
        """The profile, within its bounds."""
        self.trim()
        return shaped((*_all_of(self), *self.unknown_fields))

    def trim(self) -> None:
        """Drop the weakest and the oldest of what grew over its bound."""
        for interests, most in ((self.products, MAX_PRODUCTS), (self.categories, MAX_CATEGORIES)):
            if len(interests) > most:
                # A tenth at once: a full profile is not sorted again at each click.
                for key in sorted(interests, key=interests.__getitem__)[: len(interests) - most + most // 10]:
                    del interests[key]
        if len(self.topics) > MAX_TOPICS:
            _drop_first(self.topics, MAX_TOPICS)
        if len(self.shown) > MAX_SHOWN:
            _drop_first(self.shown, MAX_SHOWN)
        if len(self.applied) > MAX_SPOOLS:
            _drop_first(self.applied, MAX_SPOOLS)
        if len(self.traits) > MAX_TRAITS:
            _drop_first(self.traits, MAX_TRAITS)
        if len(self.cart) > MAX_CART:
            _drop_first(self.cart, MAX_CART)
        if len(self.bought) > MAX_PRODUCTS:
            for key in sorted(self.bought, key=self.bought.__getitem__)[: len(self.bought) - MAX_PRODUCTS]:
                del self.bought[key]
        if len(self.exposures) > MAX_EXPERIENCES:
            by_age = sorted(self.exposures, key=lambda key: self.exposures[key][-1])
            for key in by_age[: len(self.exposures) - MAX_EXPERIENCES]:
                del self.exposures[key]

    def apply(self, click: Click, spool: str, sequence: int) -> bool:
        """Fold one click in; False when it was before."""
        applied = self.applied
        if sequence <= applied.get(spool, -1):
            return False
        applied.pop(spool, None)  # spools in the order of use: the one silent longest is forgotten first
        applied[spool] = sequence
        if (click.asset and not click.events) or click.agent == "bot" or click.is_measure:
            return True
        time = click.time
        is_latest = time >= self.last_click
        self._visit(click, is_latest)
        if not self.created or time < self.created:
            self.created = time
        if time > self.updated:
            self.updated = time
        if is_latest:
            self.last_click = time
        if click.customer:
            self.customer = True
        for event in click.events:
            self._event(event, click, is_latest)
        return True

    def _visit(self, click: Click, is_latest: bool) -> None:
        session, time = click.session, click.time
        if session is None:
            return
        is_new = session not in self.sessions
        if is_new:
            self.visits += 1
            self.sessions = (*self.sessions, session)[-MAX_SESSIONS:]
            self._source(click, is_latest)
        if is_latest:
            if is_new:
                self._begin_visit(time)
            self.session = session
        elif session == self.session:
            self.visit_started = min(self.visit_started, time)
        elif self.previous_visit < time < self.visit_started:
            self.previous_visit = time

    def _begin_visit(self, time: float) -> None:
        gap = time - self.last_click
        if not self.last_click:
            self.visit_started = time
        elif gap >= VISIT_GAP_S:
            usual = self.usual_gap_s
            self.usual_gap_before_s = usual
            self.usual_gap_s = gap if usual is None else usual + GAP_SMOOTHING * (gap - usual)
            self.previous_visit = self.last_click
            self.visit_started = time

    def _source(self, click: Click, is_latest: bool) -> None:
        found = source(click.referrer.partition("/")[0], click.host, click.campaign or {})
        if found == "internal":  # a session that ended over a long read: the visit came from where it came
            found = self.last_source or "direct"
        if self.first_source is None or click.time < self.created:
            self.first_source = found
        if is_latest or self.last_source is None:
            self.last_source = found

    def _event(self, event: Event, click: Click, is_latest: bool) -> None:
        data, time = event.data, click.time
        match event.name:  # what most events are stands first
            case "page_view":
                self._page_view(click, is_latest)
            case "view_promotion":
                self._exposure(text(data, "experience", "promotion", "id"), time)
            case "product_view":
                self._interest(text(data, "product", "id"), PRODUCT_VIEW, data, click)
            case "list_view":
                category = text(data, "category")
                if category:
                    earn(self.categories, category, LIST_VIEW * growth(time))
            case "search":
                term = text(data, "term", "query")
                if term:
                    self.searches = (*(known for known in self.searches if known != term), term)[-MAX_SEARCHES:]
            case "media_play":
                self._interest(text(data, "product", "id") or click.product, MEDIA_PLAY, data, click)
            case "add_to_cart":
                self._add_to_cart(event, click)
            case "remove_from_cart":
                self._remove_from_cart(data, time)
            case "purchase":
                self._purchase(event, click)
            case "login" | "register" | "begin_checkout":
                self._contact(data, click, is_latest)
            case "newsletter":
                self.newsletter = True
                self.email = self.email or text(data, "email")
            case "form":
                self._said(data, is_latest)
            case "logout" | "select_item" | "select_promotion" | "not_found" | "out_of_stock":
                pass

    def _exposure(self, experience: str | None, time: float) -> None:
        if experience:
            known = self.exposures.get(experience, ())
            times = (*known, time)
            if known and time < known[-1]:
                times = tuple(sorted(times))
            self.exposures[experience] = times[-MAX_EXPOSURES:]

    def _said(self, data: Mapping[str, object], is_latest: bool) -> None:
        traits = data.get("traits")
        for name, value in traits.items() if isinstance(traits, Mapping) else ():
            if isinstance(name, str) and isinstance(value, str) and value and (is_latest or name not in self.traits):
                self.traits.pop(name, None)
                self.traits[name[:MAX_TEXT]] = value[:MAX_TEXT]

    def _page_view(self, click: Click, is_latest: bool) -> None:
        self.page_views += 1
        page = page_of(click)
        if is_latest:
            self.last_page = page
        if not click.listed:
            return
        time, shown = click.time, self.shown
        for name, items in click.listed.items():
            # Items whose id could not be told are "", and keep their place.
            most = min(len(items), MAX_SHOWN_ITEMS)
            joined = SEPARATOR.join(items[:most])
            if most < 2 or joined.count(SEPARATOR) != most - 1:
                continue
            key = f"{page} {name}"
            known = shown.pop(key, None)
            if known is not None and (time < known[0] or (joined == known[1] and time - known[0] < SAME_ORDER_S)):
                shown[key] = known
            else:
                shown[key] = (time, joined, click.variant, click.moved)

    def _interest(self, product: str | None, weight: float, data: Mapping[str, object], click: Click) -> None:
        if not product:
            return
        earned = weight * growth(click.time)
        earn(self.products, product, earned)
        for name in reversed(self._categories_of(product, data, click)):
            earn(self.categories, name, earned)
            earned *= ANCESTOR

    def _categories_of(self, product: str, data: Mapping[str, object], click: Click) -> tuple[str, ...]:
        """General to special; from the event, else from what this page taught, else as last seen."""
        names = texts(data.get("categories"))
        if not names:
            for entry in click.catalogue:
                if entry[0] == product and len(entry) > 3:
                    names = texts(entry[3])
        known = self.topics.pop(product, None)
        joined = SEPARATOR.join(names) if names else known
        if joined is None:
            return ()
        self.topics[product] = joined
        return tuple(joined.split(SEPARATOR))

    def _add_to_cart(self, event: Event, click: Click) -> None:
        product = text(event.data, "product", "id")
        if not product:
            return
        self._interest(product, ADD_TO_CART, event.data, click)
        self.cart_at = max(self.cart_at, click.time)
        if click.time > self.last_order:  # else it was ordered since
            quantity = max(1, count(event.data.get("quantity"), 1))
            self.cart[product] = min(MAX_QUANTITY, self.cart.get(product, 0) + quantity)

    def _remove_from_cart(self, data: Mapping[str, object], time: float) -> None:
        left = data.get("left")
        if isinstance(left, list | tuple):  # the call named a line of the cart; the answer what is still in it
            kept = set(texts(left))
            self.cart_at = max(self.cart_at, time)
            for gone in [product for product in self.cart if product not in kept]:
                del self.cart[gone]
            return
        product = text(data, "product", "id")
        if not product or product not in self.cart:
            return
        self.cart_at = max(self.cart_at, time)
        quantity = count(data.get("quantity"), 0)
        rest = self.cart.pop(product) - quantity
        if quantity and rest > 0:  # no quantity, or 0: the whole line went
            self.cart[product] = rest

    def _purchase(self, event: Event, click: Click) -> None:
        # A success page without a number is one order of this session's cart, however often it is loaded.
        order = text(event.data, "order", "id") or f"cart:{click.session}:{self.cart_at:.0f}"
        value_cents = count(event.data.get("value_cents"), 0)
        if order in self.order_ids:
            if order in self.bare_orders and value_cents:
                self._complete(order, value_cents, event, click)
            return
        time = click.time
        if not value_cents:
            self.bare_orders = (*self.bare_orders, order)[-MAX_BARE_ORDERS:]
        self.order_ids = (*self.order_ids, order)[-MAX_ORDER_IDS:]
        self.orders += 1
        self.value_cents += value_cents
        is_cart_ordered = time >= self.cart_at
        for product in texts(event.data.get("items")) or (tuple(self.cart) if is_cart_ordered else ()):
            self._interest(product, PURCHASE, {}, click)
            self.bought[product] = max(self.bought.get(product, 0.0), time)
        self.last_order = max(self.last_order, time)
        if is_cart_ordered:
            self.cart.clear()

    def _complete(self, order: str, value_cents: int, event: Event, click: Click) -> None:
        """The page of an order that a call had told of without its value."""
        self.bare_orders = tuple(bare for bare in self.bare_orders if bare != order)
        self.value_cents += value_cents
        for product in texts(event.data.get("items")):
            if product not in self.bought:
                self._interest(product, PURCHASE, {}, click)
                self.bought[product] = click.time

    def _contact(self, data: Mapping[str, object], click: Click, is_latest: bool) -> None:
        if self.customer and not click.customer:
            return  # a browser's late click that followed its tombstone here: it may be somebody else's name
        email = text(data, "email")
        first_name, last_name = text(data, "first_name"), text(data, "last_name")
        self.email = (email if is_latest else self.email) or self.email or email
        self.first_name = (first_name if is_latest else self.first_name) or self.first_name or first_name
        self.last_name = (last_name if is_latest else self.last_name) or self.last_name or last_name


def page_of(click: Click) -> str:
    """The page's key, as `clicks.targets.page_key` makes it: "host/path?kept=fields", fields by name."""
    page = f"{click.host.lower()}{click.path}"
    if not click.query:
        return page
    query = "&".join([f"{name}={value}" for name, value in sorted(click.query.items()) if value])
    return f"{page}?{query}" if query else page


def _drop_first(values: dict[str, Any], most: int) -> None:
    for key in list(values)[: len(values) - most]:
        del values[key]
