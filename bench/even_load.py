"""An even load: so many requests a second at moments known before, answered or not; a process of its own.

`python -m bench.even_load < PLAN` reads a `Plan` as JSON and prints a `Latencies`. Each slot of 1 / rate seconds has
one request, at a moment drawn from the seed: no beat of the server's own can fall in step with it. A request waits from
the moment at which it was due, whether or not a connection was free then: who is late makes those behind him late as
well, and that is to be seen.
"""

import ctypes
import gc
import json
import select
import socket
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from random import Random

from bench.ending import ended

DRAIN_S = 60.0
"""So long after the last one was due all must be answered."""
_PR_SET_TIMERSLACK = 29
_PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send where. The first requests, one for each connection, only open it: nothing is timed of these."""

    port: int
    rate: float
    seed: int
    connections: int
    requests: Sequence[str]


@dataclass(frozen=True, slots=True)
class Latencies:
    """Of the timed requests, from when each was due until its answer's last byte was read. `sent` counts all."""

    sent: int
    per_second: float
    """The plan's rate, or less when answers could not keep up with it."""
    p50_us: int
    p99_us: int


class _Connection:
    """One that is kept alive, with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.due = 0.0
        self._pieces: list[bytes] = []
        self._left: int | None = None
        """Bytes still to come; None while the head is not there, or chunks do not say."""

    def fileno(self) -> int:
        return self.socket.fileno()

    def ask(self, request: bytes, due: float) -> None:
        self.due = due
        self.socket.sendall(request)

    def is_answered(self) -> bool:
        """Read what is there; whether that was the rest. RuntimeError unless it is 200."""
        piece = self.socket.recv(_PIECE)
        if not piece:
            raise RuntimeError("a connection was closed in the middle")
        if self._left is None:
            self._pieces.append(piece)
            piece = b"".join(self._pieces)
            head, found, body = piece.partition(b"\r\n\r\n")
            if not found:
                return False
            if not head.startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(head.partition(b"\r\n")[0].decode("latin-1"))
            _, has_length, rest = head.lower().partition(b"\r\ncontent-length:")
            if not has_length:  # chunked: nothing follows the last chunk, as nothing else was asked for
                self._pieces = [piece]
                return self._told(body.endswith(b"0\r\n\r\n"))
            self._left = int(rest.partition(b"\r\n")[0])
            piece = body
        self._left -= len(piece)
        return self._told(self._left <= 0)

    def _told(self, is_whole: bool) -> bool:
        if is_whole:
            self._pieces, self._left = [], None
        return is_whole


def moments(count: int, rate: float, seed: int) -> list[float]:
    """When requests are due, in seconds from the start: one in each slot of 1 / `rate`."""
    random = Random(f"moments {seed}")
    return [(number + random.random()) / rate for number in range(count)]


def measured(plan: Plan) -> Latencies:
    """Send all, read all. RuntimeError when an answer is not 200, or does not come."""
    requests = [each.encode("ascii") for each in plan.requests]
    connections = [_Connection(plan.port) for _ in range(plan.connections)]
    try:
        for connection, request in zip(connections, requests, strict=False):
            connection.ask(request, 0.0)
            while not connection.is_answered():
                pass
        timed = requests[len(connections) :]
        start = time.perf_counter() + 0.1
        due = [start + each for each in moments(len(timed), plan.rate, plan.seed)]
        waits = sorted(_exchanged(connections, timed, due))
        seconds = max(time.perf_counter() - start, len(timed) / plan.rate)
    finally:
        for connection in connections:
            connection.socket.close()
    p50_us, p99_us = (round(waits[int(len(waits) * part)] * 1e6) for part in (0.5, 0.99))
    return Latencies(len(requests), len(timed) / seconds, p50_us, p99_us)


def _exchanged(connections: Sequence[_Connection], requests: Sequence[bytes], due: Sequence[float]) -> Iterator[float]:
    """Send each request when it is due, or once a connection is free; how long each took."""
    clock = time.perf_counter
    free, busy = deque(connections), set[_Connection]()
    give_up = due[-1] + DRAIN_S
    number = 0
    while number < len(due) or busy:
        while number < len(due) and due[number] <= clock() and free:
            connection = free.popleft()
            connection.ask(requests[number], due[number])
            busy.add(connection)
            number += 1
        until = due[number] if number < len(due) and free else give_up
        readable, _, _ = select.select(busy, (), (), max(0.0, until - clock()))
        for connection in readable:
            if connection.is_answered():
                yield clock() - connection.due
                busy.remove(connection)
                free.append(connection)
        if clock() > give_up:
            raise RuntimeError(f"{len(due) - number + len(busy)} requests were not answered within {DRAIN_S:g} s")


def main() -> int:
    """Load as stdin says."""
    plan = Plan(**json.load(sys.stdin))
    ctypes.CDLL(None).prctl(_PR_SET_TIMERSLACK, 1, 0, 0, 0)  # sleeps end when they should, not up to 50 µs later
    gc.disable()
    try:
        found = measured(plan)
    except (OSError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(asdict(found)))
    return 0


if __name__ == "__main__":
    sys.exit(ended(main))
