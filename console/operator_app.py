"""What the operator sees on a listener of its own: readiness, status, metrics in Prometheus' text format.

Invariant: it only reads; the kill switch is turned on the command line, by whoever owns the data folder.
"""

from collections.abc import Mapping
from typing import Protocol

from aiohttp import web


class Status(Protocol):
    """What the operator's pages need to know, from the shared control page."""

    def is_on(self) -> bool:
        """The kill switch."""
        ...

    def totals(self) -> Mapping[str, int]:
        """Counters summed over all processes."""
        ...

    def workers_alive(self) -> int:
        """Data-plane workers that were heard of in the last seconds."""
        ...


# Counters are summed over processes; these are levels, which may fall.
_GAUGES = frozenset({"breaker_open", "spool_depth", "spool_bytes", "stream_lag", "connections", "loop_lag_us"})


def operator_app(status: Status) -> web.Application:
    """The operator's application."""

    async def ready(_request: web.Request) -> web.Response:
        if workers := status.workers_alive():
            return web.Response(text=f"ready: {workers} worker{'s' if workers > 1 else ''}\n")
        return web.Response(status=503, text="no data-plane worker answers\n")

    async def shown(_request: web.Request) -> web.Response:
        return web.json_response({"on": status.is_on(), "counters": dict(status.totals())})

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(text=exposition(status.is_on(), status.totals()), content_type="text/plain")

    app = web.Application()
    app.router.add_get("/ready", ready)
    app.router.add_get("/status", shown)
    app.router.add_get("/metrics", metrics)
    return app


def exposition(on: bool, totals: Mapping[str, int]) -> str:
    """Prometheus text exposition format 0.0.4."""
    lines = ["# TYPE vitrina_on gauge", f"vitrina_on {int(on)}"]
    for name, value in totals.items():
        if name in _GAUGES:
            lines += [f"# TYPE vitrina_{name} gauge", f"vitrina_{name} {value}"]
        else:
            metric = f"vitrina_{name.removesuffix('_total')}_total"
            lines += [f"# TYPE {metric} counter", f"{metric} {value}"]
    return "\n".join(lines) + "\n"
