"""The oracle: an origin that keeps every byte it is sent, and lets all readers judge each request of it.

It answers with the target it read, so that a client can tell whether an answer is its own.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import cast

from bench.smuggling.readers import INCOMPLETE, Habits, Message, disagreement, read

_BY_THE_RFC = Habits()
_MOST_BYTES = 200_000


@dataclass(slots=True)
class Judgement:
    """What has come so far."""

    requests: int = 0
    findings: list[tuple[str, bytes]] = field(default_factory=list)
    """Who read what in another way, and the bytes."""
    targets: Counter[bytes] = field(default_factory=Counter)


class OracleConnection(asyncio.Protocol):
    """One connection of the front to the origin."""

    def __init__(self, judgement: Judgement) -> None:
        self._judgement = judgement
        self._data = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The front connects."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete by the RFC."""
        self._data += data
        transport = self._transport
        while self._data and transport is not None:
            found = read(self._data, _BY_THE_RFC)
            if found == INCOMPLETE and len(self._data) < _MOST_BYTES:
                return
            if not isinstance(found, Message):
                self._found("cannot be read", self._data)
                self._data = b""
                transport.close()
                return
            whole, self._data = self._data[: found.taken], self._data[found.taken :]
            self._judge(whole, found)
            body = found.target
            transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
            )

    def connection_lost(self, error: Exception | None) -> None:
        """What is left was broken off by the front: nobody may take it for a whole request."""
        if self._data and (who := disagreement(self._data, INCOMPLETE)):
            self._found(f"broken off, but {who}", self._data)

    def _judge(self, whole: bytes, found: Message) -> None:
        self._judgement.requests += 1
        self._judgement.targets[found.target] += 1
        if who := disagreement(whole, found):
            self._found(who, whole)

    def _found(self, who: str, data: bytes) -> None:
        self._judgement.findings.append((who, data[:2000]))
