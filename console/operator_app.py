"""What the operator sees on a listener of its own: readiness, status, metrics in Prometheus' text format.

Invariant: it only reads; the kill switch is turned on the command line, by whoever owns the data folder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from console.exposition import CONTENT_TYPE, Family, HistogramFamily, exposition
from console.operator_page import SHOWN_SAFELY, operator_page


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether requests may be sent here. `problems` are what is in the way; `degraded` what works less well."""

    workers: int
    problems: tuple[str, ...] = ()
    degraded: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Send requests."""
        return not self.problems


class Status(Protocol):
    """What the operator's pages need to know, from the shared control page."""

    def is_on(self) -> bool:
        """The kill switch."""
        ...

    def totals(self) -> Mapping[str, int]:
        """Counters and gauges summed over all processes."""
        ...

    def readiness(self) -> Readiness:
        """May requests be sent here?"""
        ...

    def families(self) -> Sequence[Family | HistogramFamily]:
        """All metrics."""
        ...


def operator_app(status: Status) -> web.Application:
    """The operator's application."""

    async def home(_request: web.Request) -> web.Response:
        found = status.readiness()
        state = "degraded" if found.degraded else "ready"
        text = operator_page(
            state if found.is_ready else "not ready",
            found.workers,
            (*found.problems, *found.degraded),
            is_on=status.is_on(),
            totals=status.totals(),
        )
        return web.Response(text=text, content_type="text/html", headers=SHOWN_SAFELY)

    async def live(_request: web.Request) -> web.Response:
        return web.Response(text="live\n")

    async def ready(_request: web.Request) -> web.Response:
        found = status.readiness()
        workers = f"{found.workers} worker{'s' if found.workers != 1 else ''}"
        if not found.is_ready:
            return web.Response(status=503, text="".join(f"not ready: {line}\n" for line in found.problems))
        state = "degraded" if found.degraded else "ready"
        return web.Response(text="".join([f"{state}: {workers}\n", *(f"{line}\n" for line in found.degraded)]))

    async def shown(_request: web.Request) -> web.Response:
        found = status.readiness()
        return web.json_response(
            {
                "on": status.is_on(),
                "ready": found.is_ready,
                "workers": found.workers,
                "problems": found.problems,
                "degraded": found.degraded,
                "counters": dict(status.totals()),
            }
        )

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(body=exposition(status.families()).encode(), headers={"Content-Type": CONTENT_TYPE})

    app = web.Application()
    app.router.add_get("/", home)
    app.router.add_get("/live", live)
    app.router.add_get("/ready", ready)
    app.router.add_get("/status", shown)
    app.router.add_get("/metrics", metrics)
    return app
