"""One listening socket of a worker: accepted from when it is this worker's turn.

All workers share the socket, and whoever wakes first could take all who knock; a front that keeps its connections would
keep that split, and leave a core idle. So a worker that has more connections than another lets that one go first.
Invariant: nobody waits for a worker that does not come: after `PATIENCE_S` and `LOOKS` whoever is there takes some.
"""

import asyncio
import errno
import logging
import select
import socket
from collections.abc import Callable

from proxy.ports import Peers

BACKLOG = 4096
LOOK_AGAIN_S = 0.001
PATIENCE_S = 0.01
"""So long others may go first; more than a turn of a loop that is not overloaded."""
LOOKS = 3
"""And this worker has looked so often: where its own turns are long, so are others'."""
TAKEN_FOR_OTHERS = 4
"""At once, when they did not come. Few, for they may have been late by little; who hangs is not heard of soon."""
AT_ONCE = 64
"""Accepted before other events of the loop have their turn."""
NO_ROOM_S = 0.1
"""Between two attempts while there are no descriptors."""
_NO_ROOM = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM))
_LOG = logging.getLogger("vitrina.proxy")


class Door:
    """Calls `let_in` with each connection that this worker accepts; `count` says how many it has by now."""

    def __init__(
        self,
        listener: socket.socket,
        let_in: Callable[[socket.socket], object],
        count: Callable[[], int],
        peers: Peers | None,
    ) -> None:
        self._listener = listener
        self._let_in = let_in
        self._count = count
        self._peers = peers
        self._loop = asyncio.get_running_loop()
        self._queue = select.poll()
        self._timer: asyncio.TimerHandle | None = None
        self._patient_until: float | None = None
        self._looks = 0
        self._is_full = False

    def open(self) -> None:
        """Listen and accept."""
        self._listener.setblocking(False)
        self._listener.listen(BACKLOG)
        self._queue.register(self._listener, select.POLLIN)
        self._watch()

    def close(self) -> list[socket.socket]:
        """Accept no more; who has knocked already and is to be let in."""
        if self._timer is None:
            self._loop.remove_reader(self._listener)
        else:
            self._timer.cancel()
        found: list[socket.socket] = []
        while len(found) < BACKLOG:
            try:
                found.append(self._accepted())
            except OSError:  # nobody is left, or there are no descriptors
                break
        self._listener.close()
        return found

    def _watch(self) -> None:
        self._timer = self._patient_until = None
        self._loop.add_reader(self._listener, self._knocked)

    def _knocked(self) -> None:
        """Somebody is in the queue, or was."""
        left = for_others = self._taken_for_others()
        for _ in range(AT_ONCE):
            if not self._is_our_turn():
                if left == 0:
                    self._let_others_go_first(anew=for_others > 0)
                    return
                left -= 1
            try:
                connection = self._accepted()
            except (BlockingIOError, InterruptedError):
                break
            except OSError as error:
                if error.errno in _NO_ROOM:
                    self._has_no_room(error)
                    return
                continue  # that one is gone again (accept(2))
            self._is_full = False
            self._let_in(connection)
        if self._timer is not None:
            self._watch()

    def _is_our_turn(self) -> bool:
        if self._peers is None:
            return True
        count = self._count()
        self._peers.tell(count)
        fewest = self._peers.fewest()
        return fewest is None or count <= fewest + fewest // 16

    def _taken_for_others(self) -> int:
        """How many this worker takes although it is not its turn."""
        is_over = self._patient_until is not None and self._loop.time() >= self._patient_until
        return TAKEN_FOR_OTHERS if is_over and self._looks >= LOOKS else 0

    def _let_others_go_first(self, *, anew: bool) -> None:
        if self._patient_until is None or anew:
            self._patient_until = self._loop.time() + PATIENCE_S
            self._looks = 0
        self._pause(LOOK_AGAIN_S)

    def _pause(self, seconds: float) -> None:
        if self._timer is None:
            self._loop.remove_reader(self._listener)
        self._timer = self._loop.call_later(seconds, self._look_again)

    def _look_again(self) -> None:
        self._looks += 1
        if self._queue.poll(0):
            self._knocked()
        else:
            self._watch()

    def _has_no_room(self, error: OSError) -> None:
        if not self._is_full:
            _LOG.warning("no connection can be accepted: %s", error.strerror)
        self._is_full = True
        self._pause(NO_ROOM_S)

    def _accepted(self) -> socket.socket:
        connection, _ = self._listener.accept()
        connection.setblocking(False)
        return connection
