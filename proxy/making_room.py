"""Making room: when all connections are taken, those on which nothing is under way give way to newcomers.

Invariant: nobody is closed whose request is being served. Else whoever opens connections and asks nothing would shut
everybody out, for as long as such a connection may rest.
"""

import asyncio
from heapq import nsmallest

from proxy.answers import RETRY_AFTER, answer
from proxy.serving import Serving

SHARE = 100
"""One in so many is closed at once: to find them takes a look at all."""
AGAIN_S = 0.1
"""Where nobody could give way, so long nobody is looked for again: newcomers would cost a look at all each."""


def make_room(serving: Serving) -> bool:
    """Whether there is room for one more client, if need be by closing some: those that soonest would be anyway."""
    clients, most, now = serving.clients, serving.limits.max_client_connections, serving.now()
    if len(clients) >= most and now >= serving.full_until:
        waiting = [(until, number, client) for number, client in enumerate(clients) if (until := client.waits_until)]
        if not waiting:
            serving.full_until = now + AGAIN_S
        for _, _, client in nsmallest(max(1, most // SHARE), waiting):
            serving.count("evicted")
            client.give_way()
    return len(clients) < most


def turn_away(serving: Serving, transport: asyncio.Transport) -> None:
    """One too many: told so, and closed."""
    serving.count("shed")
    transport.write(answer(503, keep_alive=False, fields=(RETRY_AFTER,)))
    transport.close()
