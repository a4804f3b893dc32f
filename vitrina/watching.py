"""What the operator's pages ask: is it on, may requests be sent here, what was measured."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from console.exposition import Family, HistogramFamily
from console.operator_app import Readiness
from storage.control import ControlPage
from vitrina.metrics import ConfigInUse, NamedProcess, families
from vitrina.processes.spec import CONSOLE_SLOT, FIRST_WORKER_SLOT, WORK_SLOT

HEARD_OF_S = 5.0
"""A process beats once a second; one that has been silent for so long is not counted on."""

LEAST_FREE_BYTES = 16 << 20


class OperatorStatus:
    """Answers from the shared control page and the data folder."""

    def __init__(self, page: ControlPage, config: ConfigInUse, data: Path) -> None:
        self._page = page
        self._config = config
        self._data = data

    def is_on(self) -> bool:
        """The kill switch."""
        return self._page.is_on()

    def totals(self) -> Mapping[str, int]:
        """Counters and gauges summed over all processes."""
        return self._page.totals()

    def readiness(self) -> Readiness:
        """Ready with a worker and a data folder that can be written; degraded is ready all the same."""
        workers = sum(slot.was_heard(HEARD_OF_S) for slot in self._page.slots()[FIRST_WORKER_SLOT:])
        problems = [] if workers else ["no data-plane worker answers"]
        if why := _unwritable(self._data):
            problems.append(f"the data folder cannot be written ({why}): clicks would be lost")
        degraded = []
        work = self._page.slot(WORK_SLOT)
        if not work.was_heard(HEARD_OF_S):
            degraded.append("the work process does not answer: clicks wait in the spool")
        elif work.gauges()["redis_down"]:
            degraded.append("Redis is away: pages go out as they came, clicks wait in the spool")
        if passing := self._page.totals()["added_breaker_open"]:
            degraded.append(f"too busy: pages pass untouched through {passing} of {workers} workers")
        if open_breakers := self._page.totals()["breaker_open"]:
            degraded.append(f"Redis is slow, refuses or is away: the breaker of {open_breakers} of {workers} is open")
        return Readiness(workers, tuple(problems), tuple(degraded))

    def families(self) -> Sequence[Family | HistogramFamily]:
        """All metrics."""
        named = [NamedProcess("console", os.getpid(), self._page.slot(CONSOLE_SLOT).claims)]
        work = self._page.slot(WORK_SLOT)
        named.append(NamedProcess("work", work.pid, work.claims))
        for number, slot in enumerate(self._page.slots()[FIRST_WORKER_SLOT:], 1):
            if slot.claims:
                named.append(NamedProcess(f"worker {number}", slot.pid, slot.claims))
        return families(self._page, self._config, named)


def _unwritable(folder: Path) -> str:
    """Why nothing can be written there; "" when it can."""
    probe = folder / f".writable-{os.getpid()}"
    try:
        free = os.statvfs(folder)
        if free.f_bavail * free.f_frsize < LEAST_FREE_BYTES:
            return f"less than {LEAST_FREE_BYTES >> 20} MB are free"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""
