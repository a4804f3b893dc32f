"""The data plane: listening sockets in, exchanges out, until it is drained."""

import socket
from collections.abc import Sequence

from proxy.plan import Ports, ProxyPlan


class DataPlane:
    """Serves one shop on the sockets it is given."""

    def __init__(self, plan: ProxyPlan, ports: Ports) -> None:
        raise NotImplementedError

    async def start(self, sockets: Sequence[socket.socket]) -> None:
        """Accept on the listening `sockets`."""
        raise NotImplementedError

    async def drain(self, timeout_s: float) -> None:
        """Stop accepting, answer with `Connection: close`, finish what is in flight; after `timeout_s` abort it."""
        raise NotImplementedError

    @property
    def port(self) -> int:
        """Port of the first socket."""
        raise NotImplementedError
