"""Making room: when all connections are taken, those on which nothing is under way give way to newcomers.

Invariant: nobody is closed whose request is being served. Else whoever opens connections and asks nothing would shut
everybody out, for as long as such a connection may rest.
"""

from heapq import nsmallest

from proxy.serving import Serving

SHARE = 100
"""One in so many is closed at once: to find them takes a look at all."""


def has_room(serving: Serving) -> bool:
    """Whether there may be one more client, by now: some were closed for it, those that soonest would be anyway."""
    clients, most = serving.clients, serving.limits.max_client_connections
    if len(clients) >= most:
        waiting = [(until, number, client) for number, client in enumerate(clients) if (until := client.waits_until)]
        for _, _, client in nsmallest(max(1, most // SHARE), waiting):
            serving.count("evicted")
            client.give_way()
    return len(clients) < most
