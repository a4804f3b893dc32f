"""What an exchange adds to the measurements: its answer, our share of its time, and the stages of a page.

Invariant: measuring costs a few counters on the control page and never fails an exchange; names are those of
`storage.measures`.
"""

import logging
from time import monotonic

from proxy.exchange_state import ExchangeState
from transforms.personaliser import Outcome

_LOG = logging.getLogger("vitrina.proxy")
_COUNTERS = {
    "hit": "hit",
    "relocated": "relocated",
    "compiled": "compiled",
    "OVER_BUDGET": "over_budget",
    "ERROR": "fail_open",
    "GATE_REFUSED": "refused",
}
"""By what came of a page."""


def count_answer(exchange: ExchangeState, kind: str, added_us: int) -> None:
    """Count the answer of an exchange that ends; `kind` is the page's."""
    visit, switch = exchange.visit, exchange.serving.ports.switch
    place = visit.place
    if place.is_asset:
        kind = "asset"
    elif place.is_own:
        kind = "own"
    elif place.is_never_read:
        kind = "never_read"
    way = "passed" if visit.outcome is None else "rewritten" if visit.personalised else "read"
    switch.answered(exchange.status, kind, way, added_us, exchange.bytes_out)
    if exchange.bytes_in:
        switch.count("in_bytes", exchange.bytes_in)


def count_page(exchange: ExchangeState, outcome: Outcome, now: float) -> None:
    """Count a page that was looked at, and what came of it."""
    visit, serving = exchange.visit, exchange.serving
    own_s = exchange.client.waited_s + exchange.asked_at - exchange.started + now - exchange.body_ended_at
    serving.added_breaker.page_took(own_s)
    switch, counter = serving.ports.switch, _COUNTERS.get(outcome.outcome)
    if visit.is_preview:  # which counts nowhere else
        switch.looked_at(counter, (), None)
        switch.count("previewed", visit.personalised)
    else:
        switch.looked_at(counter, outcome.reasons, outcome.moved if visit.personalised else None)
    if counter == "fail_open":
        details = dict(outcome.details)
        _LOG.error("personalising failed; the page went out as it came: %s: %s", visit.place.path, details)
    if visit.lap is not None:
        _count_stages_before(exchange, visit.lap.began)


def _count_stages_before(exchange: ExchangeState, opened: float) -> None:
    """The stages of a page until it was `opened`."""
    observe = exchange.serving.ports.switch.observe
    observe("stage:receive", exchange.started - exchange.client.arrived)
    observe("stage:identify", exchange.asked_at - exchange.started)
    observe("stage:connect", exchange.sent_at - exchange.asked_at)
    observe("stage:origin", exchange.body_ended_at - exchange.sent_at)
    if exchange.visit.waits_since:
        observe("stage:profile_wait", opened - exchange.visit.waits_since)


def added_seconds(exchange: ExchangeState, now: float) -> float:
    """Our share so far: until the request left, and since the body ended (while it streams: since its head came)."""
    before = exchange.sent_at - exchange.started - exchange.held_s
    return (before if before > 0 else 0.0) + now - exchange.body_ended_at


def timed(exchange: ExchangeState, fields: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """With our share of the time so far, for the operator's debug secret only."""
    if not exchange.is_timed:
        return fields
    return [*fields, (b"Server-Timing", b"vitrina;dur=%.3f" % (added_seconds(exchange, monotonic()) * 1000))]
