"""Every fault by its name, in the order of the report: one file in `faults/` and one line here."""

from collections.abc import AsyncIterator, Callable

from bench.chaos.faults import (
    catch_up,
    clock,
    disk,
    failing_code,
    failovers,
    kills,
    origin,
    redis_away,
    restarts,
)
from bench.chaos.records import Record
from bench.chaos.stage import Theatre

FAULTS: dict[str, Callable[[Theatre], AsyncIterator[Record]]] = {
    "kills": kills.run,
    "redis-away": redis_away.run,
    "failovers": failovers.run,
    "catch-up": catch_up.run,
    "disk": disk.run,
    "clock": clock.run,
    "origin": origin.run,
    "failing-code": failing_code.run,
    "restarts": restarts.run,
}
SHORT = ("kills", "disk")
"""Those of the test suite."""
