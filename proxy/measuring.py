"""What an exchange adds to the measurements: its answer, our share of its time, and the stages of a page.

Invariant: measuring costs a few counters on the control page and never fails an exchange; names are those of
`storage.measures`.
"""

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proxy.exchange import Exchange
    from proxy.serving import Serving

ALWAYS_AT_FIRST = 64
ONE_IN = 8
"""Stages are measured of a worker's first pages, and of one page in eight after that: a dozen times cost a few
microseconds."""

Observe = Callable[[str, float], None]

_STAGE = {stage: f"stage:{stage}" for stage in ("open", "decide", "edit", "encode", "send", "click")}


class Laps:
    """Times of the stages of one page that follow each other: each lap is from the one before."""

    __slots__ = ("_observe", "_since", "began")

    def __init__(self, observe: Observe) -> None:
        self._observe = observe
        self.began = self._since = monotonic()

    def __call__(self, stage: str) -> None:
        """`stage` has ended now."""
        now = monotonic()
        self._observe(_STAGE[stage], now - self._since)
        self._since = now


def laps_of(serving: "Serving") -> Laps | None:
    """A new page's laps, if its stages are to be measured."""
    serving.pages = number = serving.pages + 1
    return Laps(serving.ports.switch.observe) if number <= ALWAYS_AT_FIRST or not number % ONE_IN else None


def count_answer(exchange: "Exchange", kind: str, added_s: float) -> None:
    """Count the answer of an exchange that ends; `kind` is the page's."""
    visit, switch = exchange.visit, exchange.serving.ports.switch
    place = visit.place
    if place.is_asset:
        kind = "asset"
    elif place.is_own:
        kind = "own"
    elif place.is_never_read:
        kind = "never_read"
    switch.answered(exchange.status, kind)
    outcome = visit.outcome
    if outcome is None:
        switch.observe("added:passed", added_s)
        return
    own_s = exchange.client.waited_s + exchange.asked_at - exchange.started + monotonic() - exchange.body_ended_at
    exchange.serving.added_breaker.page_took(own_s)
    switch.observe("added:rewritten" if visit.personalised else "added:read", added_s)
    if visit.is_preview:
        return
    for reason in outcome.reasons:
        switch.decided(reason.code)


def count_stages_before(exchange: "Exchange", opened: float) -> None:
    """The stages of a page until it was `opened`."""
    observe = exchange.serving.ports.switch.observe
    observe("stage:receive", exchange.started - exchange.client.arrived)
    observe("stage:identify", exchange.asked_at - exchange.started)
    observe("stage:connect", exchange.sent_at - exchange.asked_at)
    observe("stage:origin", exchange.body_ended_at - exchange.sent_at)
    if exchange.visit.waits_since:
        observe("stage:profile_wait", opened - exchange.visit.waits_since)


def added_seconds(exchange: "Exchange") -> float:
    """Our share so far: until the request left, and since the body ended (while it streams: since its head came)."""
    last = max(exchange.answered_at, exchange.body_ended_at)
    return max(0.0, exchange.sent_at - exchange.started - exchange.held_s) + max(0.0, monotonic() - last)


def is_timed(exchange: "Exchange") -> bool:
    """The request knows the operator's debug secret."""
    secret = exchange.serving.debug_secret
    return secret is not None and exchange.head.get(b"vitrina-debug") == secret


def timed(exchange: "Exchange", fields: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """With our share of the time so far, for the operator's debug secret only."""
    if not is_timed(exchange):
        return fields
    return [*fields, (b"Server-Timing", b"vitrina;dur=%.3f" % (added_seconds(exchange) * 1000))]
