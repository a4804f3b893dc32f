"""The Redis of an installation: a server of the operator's, or the embedded Valkey, which is kept running.

Invariant: an embedded Valkey that ends although nobody asked it to is started again; the clicks wait in the spool.
"""

import asyncio
import logging
import os

from storage.embedded import EmbeddedValkey, EmbeddedValkeyError
from vitrina.background import spawn
from vitrina.datafolder import DataFolder
from vitrina.failures import UNREACHABLE, Failure

_log = logging.getLogger("vitrina.supervisor")

CHECK_S = 0.5


class RedisServer:
    """`start` makes `url` usable; `stop` ends what was started here."""

    def __init__(self, url: str, data: DataFolder, *, child: int | None = None) -> None:
        self.url = url
        self.valkey: EmbeddedValkey | None = None
        self.keep_down = False
        """The demo kills Valkey on purpose; otherwise a Valkey that died is started again."""
        self._data = data
        self._child = child
        self._stopping = False

    async def start(self) -> None:
        """Failure in one line when there is no Redis to work with."""
        if self.url != "embedded":
            # Here, as a Redis client is a fifth of what a supervisor would load, and nothing else in it needs one.
            from storage.connecting import check_url

            problem = await check_url(self.url)
            if problem:
                raise Failure(problem, UNREACHABLE)
            return
        valkey = EmbeddedValkey(self._data.path)
        try:
            await asyncio.to_thread(valkey.start)
        except EmbeddedValkeyError as error:
            raise Failure(f"embedded Valkey: {error}", UNREACHABLE) from None
        self.valkey = valkey
        self.url = valkey.url
        spawn(self._watch(valkey), "watch valkey")

    async def _watch(self, valkey: EmbeddedValkey) -> None:
        while not self._stopping:
            await asyncio.sleep(CHECK_S)
            if self._stopping or self.keep_down or await asyncio.to_thread(valkey.is_alive):
                continue
            _log.warning("the embedded Valkey ended; starting it again (clicks wait in the spool meanwhile)")
            self._reap()
            try:
                await asyncio.to_thread(valkey.start)
            except EmbeddedValkeyError as error:
                _log.error("the embedded Valkey does not start: %s", error)

    def _reap(self) -> None:
        """One that the program before this started in this very process is our child, though not this program's."""
        if self._child is not None:
            try:
                os.waitpid(self._child, os.WNOHANG)
            except ChildProcessError:
                pass
            self._child = None

    async def stop(self) -> None:
        """End the Valkey that was started here."""
        self._stopping = True
        if self.valkey is not None:
            await asyncio.to_thread(self.valkey.stop)
            self.valkey = None
            self._reap()
