"""The data plane: listening sockets in, exchanges out, until it is drained.

Invariant: a drain fails nobody who was connected before its deadline: what was asked is answered, and an idle client
is told `Connection: close` with its next answer or closed after a moment's silence. A WebSocket is told 1001 at the
end of a frame, and closed a moment later.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence

from config.platform import Platform
from proxy.listening import Listening
from proxy.plan import Ports, ProxyPlan
from proxy.serving import Serving
from proxy.tasks import Tasks

SWEEP_S = 1.0
"""How often waiting connections are looked at, at most; shorter when a limit is."""


class DataPlane:
    """Serves one shop on the sockets it is given."""

    def __init__(self, plan: ProxyPlan, ports: Ports) -> None:
        self._plan = plan
        self._ports = ports
        self._tasks = Tasks()
        self._listening: Listening | None = None
        self._serving: Serving | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._port = 0
        limits = plan.settings.limits
        shortest = min(
            limits.head_timeout_s,
            limits.idle_timeout_s,
            limits.connect_timeout_s,
            limits.first_byte_timeout_s,
            limits.send_timeout_s,
            limits.stall_timeout_s,
            limits.gone_timeout_s,
            limits.tunnel_idle_s,
            limits.origin_idle_s,
        )
        self._sweep_s = max(0.02, min(SWEEP_S, shortest / 4))

    async def start(
        self,
        sockets: Sequence[socket.socket],
        *,
        tls_sockets: Sequence[socket.socket] = (),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Accept on the listening `sockets`, and with the certificate of `tls` on `tls_sockets`."""
        serving = self._serving = Serving(self._plan, self._ports, self._tasks)
        listening = self._listening = Listening(serving, self._tasks)
        listening.open(sockets)
        listening.open(tls_sockets, tls)
        sockets = (*sockets, *tls_sockets)
        if sockets and sockets[0].family in (socket.AF_INET, socket.AF_INET6):
            self._port = sockets[0].getsockname()[1]
        serving.loop_lag.start()
        self._sweep()

    @property
    def port(self) -> int:
        """Port of the first socket."""
        return self._port

    @property
    def connections(self) -> int:
        """Clients connected now."""
        return 0 if self._serving is None else len(self._serving.clients)

    @property
    def passes_untouched(self) -> bool:
        """The breaker on our own share of the time is open."""
        return self._serving is not None and self._serving.added_breaker.is_open

    @property
    def templates(self) -> tuple[int, int]:
        """How many templates of pages there are, and their bytes."""
        return (0, 0) if self._serving is None else self._serving.personaliser.templates

    def worst_lag_s(self) -> float:
        """How late the event loop was at most, since this was asked last."""
        return 0.0 if self._serving is None else self._serving.loop_lag.worst_s()

    def learnt(self, platform: Platform) -> None:
        """What was learnt of a shop of no known platform, from here on."""
        if self._serving is not None:
            self._serving.learnt(platform)

    def _sweep(self) -> None:
        serving = self._serving
        if serving is None:
            return
        self._sweeper = serving.loop.call_later(self._sweep_s, self._sweep)
        now = serving.now()
        for client in tuple(serving.clients):
            client.check(now)
        serving.shaking_hands -= {client for client in serving.shaking_hands if client.is_overdue(now)}
        serving.requests.sweep(now)
        serving.answers.sweep(now)
        serving.look_at_added()
        if self._listening is not None:
            self._listening.tell()
        serving.origin_pool.sweep(now)
        if serving.own_pool is not None:
            serving.own_pool.sweep(now)

    async def drain(self, timeout_s: float, closed: Callable[[], None] = lambda: None) -> None:
        """Stop accepting, answer with `Connection: close`, finish what is in flight; after `timeout_s` abort it.

        `closed` is called as soon as nobody is accepted any more.
        """
        serving, listening = self._serving, self._listening
        if serving is None or listening is None:
            return
        serving.is_draining = True
        await listening.close()
        closed()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        farewell = loop.time() + serving.drain_linger_s
        for client in tuple(serving.clients):
            client.drain()
        while (serving.clients or serving.shaking_hands) and loop.time() < deadline:
            for client in tuple(serving.clients):
                client.dismiss()
            await asyncio.sleep(min(0.02, self._sweep_s))
            if serving.shaking_hands:
                continue
            if loop.time() >= farewell and all(client.is_tunnel for client in serving.clients):
                break  # who did not answer is closed all the same: its peers connect again
        for client in tuple(serving.clients):
            client.stop()
        await asyncio.sleep(0)
        if self._sweeper is not None:
            self._sweeper.cancel()
        serving.loop_lag.stop()
        serving.origin_pool.close()
        if serving.own_pool is not None:
            serving.own_pool.close()
        serving.offloading.close()
        await self._tasks.cancel()
        await listening.wait_closed()
        await asyncio.sleep(0)  # the closed transports' callbacks
        self._serving = None
