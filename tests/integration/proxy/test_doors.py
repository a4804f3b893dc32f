"""Doors to one listener: each takes its share of those who knock, and nobody waits for one who does not come."""

import asyncio
import os
import resource
import socket
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from proxy.door import LOOKS, PATIENCE_S, TAKEN_FOR_OTHERS, Door
from storage.control import ControlPage
from storage.peers import ControlPeers
from tests.integration.proxy.conftest import listening

KNOCKS = 64
FAIR = 0.9


@dataclass
class Entrance:
    """Workers' doors to one listener, who was let in at each, and those who knock."""

    port: int
    rooms: list[list[socket.socket]]
    clients: list[socket.socket] = field(default_factory=list)

    def knock(self, times: int = 1) -> None:
        self.clients += [socket.create_connection(("127.0.0.1", self.port), 5) for _ in range(times)]

    async def let_in(self, count: int) -> None:
        """Until so many are inside."""
        async with asyncio.timeout(30):
            while sum(map(len, self.rooms)) < count:  # noqa: ASYNC110 (the rooms are filled by the code under test)
                await asyncio.sleep(0.001)

    def close(self) -> None:
        for connection in (*self.clients, *(connection for room in self.rooms for connection in room)):
            connection.close()


@pytest.fixture
def page(tmp_path: Path) -> ControlPage:
    return ControlPage.create(tmp_path / "control")


@asynccontextmanager
async def entrance(page: ControlPage, doors: int) -> AsyncIterator[Entrance]:
    """So many workers' doors."""
    with listening() as listener:
        here = Entrance(listener.getsockname()[1], [[] for _ in range(doors)])
        for at in range(doors):
            page.slot(at).claim()
            page.slot(at).accept_with(0)
        opened = [
            Door(listener.dup(), room.append, room.__len__, ControlPeers(page, at))
            for at, room in enumerate(here.rooms)
        ]
        for door in opened:
            door.open()
        try:
            yield here
        finally:
            here.clients += [waiting for door in opened for waiting in door.close()]
            here.close()


@pytest.mark.parametrize("count", [1, 2, 4])
async def test_each_takes_its_share_however_they_come(page: ControlPage, count: int) -> None:
    async with entrance(page, count) as here:
        for number in range(KNOCKS):
            here.knock()
            await here.let_in(number + 1)
        assert min(map(len, here.rooms)) >= FAIR * KNOCKS / count
        here.knock(KNOCKS)
        await here.let_in(2 * KNOCKS)
        assert min(map(len, here.rooms)) >= FAIR * 2 * KNOCKS / count


class Absent:
    """What a worker hears of others that have `fewest` connections, accept and do not come; and what it says.

    The second time that it looks takes it `hang_s`.
    """

    def __init__(self, fewest: int = 0, *, hang_s: float = 0.0) -> None:
        self._fewest = fewest
        self._hang_s = hang_s
        self.told: list[int | None] = []

    def tell(self, connections: int | None) -> None:
        self.told.append(connections)
        if len(self.told) == 2:
            time.sleep(self._hang_s)

    def fewest(self) -> int:
        return self._fewest


@asynccontextmanager
async def alone(peers: Absent, knocks: int, *, already: int) -> AsyncIterator[tuple[Entrance, list[float]]]:
    """A worker with `already` so many connections whose others do not come, and when it let somebody in."""
    with listening() as listener:
        let_in: list[socket.socket] = []
        moments: list[float] = []

        def takes(connection: socket.socket) -> None:
            assert not connection.getblocking()
            let_in.append(connection)
            moments.append(asyncio.get_running_loop().time())

        here = Entrance(listener.getsockname()[1], [let_in])
        door = Door(listener.dup(), takes, lambda: already + len(let_in), peers)
        here.knock(knocks)
        door.open()
        try:
            yield here, moments
        finally:
            here.clients += door.close()
            here.close()


async def test_nobody_is_left_outside_by_those_who_do_not_come() -> None:
    async with alone(Absent(), 4 * TAKEN_FOR_OTHERS + 2, already=1) as (here, moments):
        await here.let_in(len(here.clients))
        pauses = [after - before for before, after in zip(moments, moments[TAKEN_FOR_OTHERS:], strict=False)]
        assert min(pauses) > 0.99 * PATIENCE_S, "some at once, and then others may go first again"
        here.knock()
        await here.let_in(len(here.clients))


async def test_who_was_held_up_itself_looks_some_times_before_it_takes_others_connections() -> None:
    peers = Absent(hang_s=2 * PATIENCE_S)
    async with alone(peers, 1, already=1) as (here, _):
        await here.let_in(1)
        assert peers.told == [1] * (1 + LOOKS) + [2]


async def test_some_more_than_others_is_nothing_to_wait_for() -> None:
    peers = Absent(fewest=40)
    async with alone(peers, 6, already=38) as (here, _):
        await here.let_in(6)
        assert peers.told[:7] == [38, 39, 40, 41, 42, 43, 43], "at 43 others went first"


async def test_without_descriptors_it_is_said_once_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    peers = Absent(fewest=1000)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as taken:
        taken.callback(resource.setrlimit, resource.RLIMIT_NOFILE, limits)
        async with alone(peers, 2, already=0) as (here, moments):
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/proc/self/fd"))) + 8, limits[1]))
            with suppress(OSError):
                while True:
                    taken.callback(os.close, os.open("/dev/null", os.O_RDONLY))
            async with asyncio.timeout(30):
                while len(peers.told) < 3:  # noqa: ASYNC110 (told by the code under test)
                    await asyncio.sleep(0.01)
            assert not moments
            assert [record.getMessage() for record in caplog.records] == [
                "no connection can be accepted: Too many open files"
            ]
            taken.close()
            await here.let_in(2)


async def test_who_is_behind_catches_up(page: ControlPage) -> None:
    async with entrance(page, 2) as here:
        here.knock(KNOCKS)
        await here.let_in(KNOCKS)
        emptied, left = here.rooms[0], len(here.rooms[1])
        while emptied:
            emptied.pop().close()
        page.slot(0).accept_with(0)  # a data plane says so with its next sweep
        here.knock(left)
        await here.let_in(2 * left)
        assert len(emptied) >= FAIR * left


async def test_who_waits_at_the_close_is_handed_over(page: ControlPage) -> None:
    page.slot(1).claim()
    page.slot(1).accept_with(0)
    let_in: list[socket.socket] = []
    listener = listening()
    door = Door(listener, let_in.append, lambda: 5, ControlPeers(page, 0))
    here = Entrance(listener.getsockname()[1], [let_in])
    door.open()
    here.knock(3)
    await asyncio.sleep(0)  # others are to go first
    waiting = door.close()
    here.clients += waiting
    assert len(let_in) + len(waiting) == 3
    assert waiting
    here.close()
