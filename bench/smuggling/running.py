"""Sends the cases through a front, many at once, each on a connection of its own, followed by an honest request.

A client may only ever be answered with targets of its own case; whose answer it gets otherwise was poisoned.
"""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from bench.smuggling.mutating import HOST, Case
from bench.smuggling.origin import Judgement, OracleConnection
from bench.smuggling.readers import is_ambiguous

LANES = 48
"""Cases under way at once: an answer that is another's must be able to meet a waiting client."""
QUIET_S = 0.25
"""A front that says nothing for so long waits for more of the request."""
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})")
_ANSWERED = re.compile(rb"/(?:after|stolen)-([0-9]+)")


@dataclass(slots=True)
class Tally:
    """What became of the cases of one seed."""

    cases: int = 0
    ambiguous: int = 0
    """Two readers read different requests in what the client sent."""
    passed: int = 0
    """Ambiguous, and the front answered with something of the origin, or hung on for more."""
    statuses: dict[str, int] = field(default_factory=dict)
    """Of the first answer; "none": closed or waiting without one."""
    foreign: list[str] = field(default_factory=list)
    """Clients that got an answer to another's request."""


async def run(port: int, cases: Iterable[Case], judgement: Judgement) -> dict[str, Tally]:
    """Send them all; the tally of each seed. `judgement` is the origin's."""
    tallies: dict[str, Tally] = {}
    waiting = iter(cases)

    async def lane() -> None:
        for case in waiting:
            tally = tallies.setdefault(case.seed, Tally())
            tally.cases += 1
            answer = await _send(port, case)
            found = _STATUS.search(answer)
            status = found[1].decode() if found else "none"
            tally.statuses[status] = tally.statuses.get(status, 0) + 1
            if is_ambiguous(case.data):
                tally.ambiguous += 1
                tally.passed += status.startswith("2")
            for other in _ANSWERED.findall(answer):
                if int(other) != case.number and b"-" + other not in case.data:
                    tally.foreign.append(f"case {case.number} got an answer of {other.decode()}: {case.data!r}")

    async with asyncio.TaskGroup() as group:
        for _ in range(LANES):
            group.create_task(lane())
    return tallies


async def _send(port: int, case: Case) -> bytes:
    """All that comes back, until the front closes or is quiet."""
    after = b"GET /after-%d HTTP/1.1\r\n%bConnection: close\r\n\r\n" % (case.number, HOST)
    answer = b""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(case.data + after)
            while True:
                async with asyncio.timeout(QUIET_S):
                    data = await reader.read(65536)
                if not data:
                    break
                answer += data
        finally:
            writer.close()
    except (OSError, TimeoutError):
        pass
    return answer


async def origin(judgement: Judgement) -> asyncio.Server:
    """Listens on a free port of the loopback."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: OracleConnection(judgement), "127.0.0.1", 0, backlog=1024)
