"""Sessions: what one person did in one go, as a pure fold of clicks. Definitions as GA4's (docs/reference/sessions.md).

Invariants: the same clicks give the same sessions, in whatever order, however often and in whatever batches they come;
what is not known (how long the last page was looked at) is None and never 0; only clicks that may serve statistics
count, and none of bots, previews, prefetches and assets.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from sys import intern
from typing import Final

from clicks.click import ENGAGEMENT, Click, Event
from clicks.session_orders import bought_in
from clicks.sources import DIRECT, TrafficSource, traffic_source

IDLE_S: Final = 1_800.0
"""A session ends after 30 minutes without a page or an event."""

COOKIE_GRAIN_S: Final = 300.0
"""The cookie renews its own idle time in steps of five minutes, so its session may end that much too early."""

ENGAGED_S: Final = 10.0
"""GA4: a session in which pages were looked at for so long is engaged, and no bounce."""

KEY_EVENTS: Final = frozenset(("purchase", "register", "newsletter"))
"""One of these makes a session engaged, too."""

_SHOWN: Final = frozenset(("page_view", "view_promotion", "list_view"))
"""What was shown on a page, and is no event of its own."""
_TELLING: Final = frozenset(
    (
        *("search", "add_to_cart", "remove_from_cart", "purchase", "not_found", "media_play", "select_promotion"),
        ENGAGEMENT,
    )
)
"""Events whose data sessions and journeys read."""
_BARE: Final[dict[str, Event]] = {}
_NO_CAMPAIGN: Final[Mapping[str, str]] = {}

_MOVES: Final = 8
_CONCURRENT: Final = 16
"""Sessions of one person that may go on at the same time, on as many devices."""

Numbered = tuple[Click, str, int]
"""A click with its id: spool and sequence."""


@dataclass(frozen=True, slots=True)
class PageSeen:
    """A page of a session. `page` is "path?kept=fields"; times in Unix seconds and seconds."""

    at: float
    page: str
    kind: str
    product: str | None = None
    dwell_s: float | None = None
    """Until the session's next page; None after the last one: nobody knows."""
    visible_s: float | None = None
    """As the beacon measured it, hidden tabs left out; None without one."""

    @property
    def time_s(self) -> float | None:
        """How long it was looked at, by the best measure there is."""
        return self.dwell_s if self.visible_s is None else self.visible_s


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a session, other than a page that was opened."""

    at: float
    event: Event


@dataclass(frozen=True, slots=True)
class Session:
    """What one person did in one go. `id` is the first click's; `person` the profile all of it belongs to now."""

    id: str
    person: str
    profiles: tuple[str, ...]
    """Under which ids the clicks came: a browser's and, once signed in, the customer's."""
    started: float
    ended: float
    """The last page or event; the session is over 30 minutes later."""
    source: TrafficSource
    agent: str
    customer: bool
    pages: tuple[PageSeen, ...]
    events: tuple[Happened, ...]
    cart: Mapping[str, int] = field(default_factory=dict)
    """What this session put into the cart and neither took out nor bought: product → quantity."""
    orders: tuple[str, ...] = ()
    """Ids of orders; each counts in the first session that shows it."""
    value_cents: int = 0

    @property
    def entry(self) -> str | None:
        """The first page."""
        return self.pages[0].page if self.pages else None

    @property
    def exit(self) -> str | None:
        """The last page."""
        return self.pages[-1].page if self.pages else None

    @property
    def path(self) -> tuple[str, ...]:
        """The pages in their order; one opened again at once stands once."""
        return tuple(seen.page for at, seen in enumerate(self.pages) if not at or self.pages[at - 1].page != seen.page)

    @property
    def time_s(self) -> float | None:
        """How long its pages were looked at, as far as is known; None when of no page."""
        known = [seen.time_s for seen in self.pages if seen.time_s is not None]
        return sum(known) if known else None

    @property
    def is_engaged(self) -> bool:
        """GA4: two pages or more, or a key event, or looked at for 10 seconds."""
        return (
            len(self.pages) >= 2
            or (self.time_s or 0.0) >= ENGAGED_S
            or any(happened.event.name in KEY_EVENTS for happened in self.events)
        )

    @property
    def is_bounce(self) -> bool:
        """GA4: not engaged."""
        return not self.is_engaged

    def has(self, name: str) -> bool:
        """Whether this event happened."""
        return any(happened.event.name == name for happened in self.events)

    def is_over(self, now: float) -> bool:
        """Nothing for 30 minutes."""
        return now - self.ended > IDLE_S

    def has_abandoned_cart(self, now: float) -> bool:
        """It is over, and something that it put into the cart was left there."""
        return bool(self.cart) and self.is_over(now)


@dataclass(frozen=True, slots=True)
class _Step:
    """What a click says of a session."""

    key: tuple[float, str, int]
    """Time, spool, sequence: the order."""
    profile: str
    session: str | None
    merged_from: str | None
    customer: bool
    agent: str
    host: str
    referrer: str
    campaign: Mapping[str, str]
    page: str | None
    kind: str
    product: str | None
    events: tuple[Event, ...]

    @property
    def time(self) -> float:
        return self.key[0]

    @property
    def is_measure(self) -> bool:
        """A beacon's, sent when a page is left: nothing that somebody did."""
        return any(event.name == ENGAGEMENT for event in self.events)


class SessionFold:
    """Takes clicks, in any order and more than once, and gives the sessions they make. `partners` as in [sources]."""

    def __init__(self, partners: Collection[str] = ()) -> None:
        self._partners = frozenset(partners)
        self._steps: dict[tuple[str, int], _Step] = {}

    def add(self, clicks: Iterable[Numbered]) -> None:
        """More clicks."""
        for click, spool, sequence in clicks:
            step = _step(click, spool, sequence)
            if step is not None:
                self._steps[spool, sequence] = step

    def sessions(self) -> tuple[Session, ...]:
        """All sessions so far, in the order they began."""
        steps = sorted(self._steps.values(), key=lambda step: step.key)
        people = _people(steps)
        by_person: dict[str, list[_Step]] = {}
        for step in steps:
            by_person.setdefault(people.get(step.profile, step.profile), []).append(step)
        found = [session for person, own in by_person.items() for session in self._of_person(person, own)]
        return tuple(sorted(found, key=lambda session: (session.started, session.id)))

    def _of_person(self, person: str, steps: list[_Step]) -> Iterator[Session]:
        measured = [step for step in steps if step.is_measure]
        runs = _joined(_runs(step for step in steps if step.session is not None and not step.is_measure))
        visible = _visible([step for run in runs for step in run if step.page is not None], measured)
        before: TrafficSource | None = None
        ordered: dict[str, bool] = {}
        for run in runs:
            first = next((step for step in run if step.page is not None), run[0])
            found = traffic_source(first.referrer.partition("/")[0], first.host, first.campaign, self._partners)
            # A session that begins inside of the shop goes on with one that ended over a long read.
            before = found or before or DIRECT
            yield _session(person, run, before, visible, ordered)


def sessions(clicks: Iterable[Numbered], partners: Collection[str] = ()) -> tuple[Session, ...]:
    """The sessions of these clicks."""
    folded = SessionFold(partners)
    folded.add(clicks)
    return folded.sessions()


def page_path(path: str, query: Mapping[str, str] | None) -> str:
    """A page within its shop: "path?kept=fields", fields by name."""
    kept = "&".join(f"{name}={value}" for name, value in sorted((query or {}).items()) if value)
    return f"{path}?{kept}" if kept else path


def _step(click: Click, spool: str, sequence: int) -> _Step | None:
    if click.profile is None or click.preview or click.agent == "bot" or "s" not in click.purposes:
        return None
    is_page = any(event.name == "page_view" for event in click.events)
    if not click.events and click.merged_from is None:
        return None
    # Millions of these are held at once, and most of their texts are the same few.
    return _Step(
        (click.time, intern(spool), sequence),
        intern(click.profile),
        None if click.session is None else intern(click.session),
        click.merged_from,
        click.customer,
        intern(click.agent),
        intern(click.host),
        intern(click.referrer),
        click.campaign or _NO_CAMPAIGN,
        intern(page_path(click.path, click.query)) if is_page else None,
        intern(click.kind),
        None if click.product is None else intern(click.product),
        tuple(_slim(event) for event in click.events if event.name not in _SHOWN),
    )


def _slim(event: Event) -> Event:
    return event if event.name in _TELLING else _BARE.setdefault(event.name, Event(event.name, {}))


def _people(steps: Iterable[_Step]) -> dict[str, str]:
    """Browser's profile → the customer's that it joined; the first login decides."""
    moves: dict[str, str] = {}
    for step in steps:
        if step.merged_from is not None and step.merged_from != step.profile:
            moves.setdefault(step.merged_from, step.profile)
    people = {}
    for profile in moves:
        person = profile
        for _ in range(_MOVES):
            if person not in moves:
                break
            person = moves[person]
        people[profile] = person
    return people


def _runs(steps: Iterable[_Step]) -> list[list[_Step]]:
    """The steps of each of the cookie's sessions, cut where nothing happened for 30 minutes, in order of beginning."""
    latest: dict[str, list[_Step]] = {}
    runs = []
    for step in steps:
        name = step.session or ""
        run = latest.get(name)
        if run is None or step.time - run[-1].time > IDLE_S:
            run = latest[name] = []
            runs.append(run)
        run.append(step)
    return runs


def _joined(runs: list[list[_Step]]) -> list[list[_Step]]:
    """The runs, those that go on with an earlier one within 30 minutes made one with it."""
    whole: list[list[_Step]] = []
    for run in runs:
        before = next((earlier for earlier in reversed(whole[-_CONCURRENT:]) if _goes_on(earlier, run)), None)
        if before is None:
            whole.append(list(run))
        else:
            before += run
    return whole


def _goes_on(earlier: list[_Step], run: list[_Step]) -> bool:
    gap = run[0].time - earlier[-1].time
    if not 0 <= gap <= IDLE_S:
        return False
    last, first = earlier[-1], run[0]
    if last.profile != first.profile:
        return False
    # A browser's own id is one browser. A customer's may be on two devices at once: theirs goes on only where the
    # cookie can have ended too early.
    return not first.customer or (gap > IDLE_S - COOKIE_GRAIN_S and last.agent == first.agent)


def _visible(pages: list[_Step], measured: list[_Step]) -> dict[tuple[float, str, int], float]:
    """Page's step → the longest that a beacon says it was visible so far, in seconds."""
    found: dict[tuple[float, str, int], float] = {}
    by_page: dict[str, list[_Step]] = {}
    for step in pages:
        by_page.setdefault(step.page or "", []).append(step)
    for step in measured:
        for event in step.events:
            page, visible_ms, age_ms = (event.data.get(name) for name in ("page", "visible_ms", "age_ms"))
            if event.name != ENGAGEMENT or not isinstance(visible_ms, int) or not isinstance(age_ms, int):
                continue
            opened = step.time - age_ms / 1000
            near = min(by_page.get(str(page), ()), key=lambda seen: (abs(seen.time - opened), seen.key), default=None)
            if near is not None:
                found[near.key] = max(found.get(near.key, 0.0), visible_ms / 1000)
    return found


def _session(
    person: str,
    run: list[_Step],
    source: TrafficSource,
    visible: Mapping[tuple[float, str, int], float],
    ordered: dict[str, bool],
) -> Session:
    opened = [step for step in run if step.page is not None]
    pages = tuple(
        PageSeen(
            step.time,
            step.page or "",
            step.kind,
            step.product,
            None if after is None else after.time - step.time,
            visible.get(step.key),
        )
        for step, after in zip_longest(opened, opened[1:])
    )
    happened = tuple(Happened(step.time, event) for step in run for event in step.events)
    name = f"{run[0].key[1]}-{run[0].key[2]}"
    cart, orders, value_cents = bought_in(name, [one.event for one in happened], ordered)
    return Session(
        id=name,
        person=person,
        profiles=tuple(dict.fromkeys(step.profile for step in run)),
        started=run[0].time,
        ended=run[-1].time,
        source=source,
        agent=run[0].agent,
        customer=any(step.customer for step in run),
        pages=pages,
        events=happened,
        cart=cart,
        orders=orders,
        value_cents=value_cents,
    )
