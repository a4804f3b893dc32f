"""Doors to one listener: each takes its share of those who knock, and nobody waits for one who does not come."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from proxy.door import Door
from storage.control import ControlPage
from storage.peers import ControlPeers
from tests.integration.proxy.conftest import listening

KNOCKS = 64
FAIR = 0.9


@dataclass
class Entrance:
    """Workers' doors to one listener, who was let in at each, and those who knock."""

    port: int
    page: ControlPage
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


@asynccontextmanager
async def entrance(folder: Path, doors: int, *, absent: int = 0) -> AsyncIterator[Entrance]:
    """So many workers' doors; of workers that are `absent` there is only the word that they accept."""
    page = ControlPage.create(folder / "control")
    with listening() as listener:
        here = Entrance(listener.getsockname()[1], page, [[] for _ in range(doors)])
        for at in range(doors + absent):
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
async def test_each_takes_its_share_however_they_come(tmp_path: Path, count: int) -> None:
    async with entrance(tmp_path, count) as here:
        for number in range(KNOCKS):
            here.knock()
            await here.let_in(number + 1)
        assert min(map(len, here.rooms)) >= FAIR * KNOCKS / count
        here.knock(KNOCKS)
        await here.let_in(2 * KNOCKS)
        assert min(map(len, here.rooms)) >= FAIR * 2 * KNOCKS / count


async def test_nobody_is_left_outside_by_one_who_does_not_come(tmp_path: Path) -> None:
    async with entrance(tmp_path, 1, absent=1) as here:
        here.knock()
        await here.let_in(1)
        here.knock(KNOCKS)
        await here.let_in(1 + KNOCKS)


async def test_who_is_behind_catches_up(tmp_path: Path) -> None:
    async with entrance(tmp_path, 2) as here:
        here.knock(KNOCKS)
        await here.let_in(KNOCKS)
        emptied, left = here.rooms[0], len(here.rooms[1])
        while emptied:
            emptied.pop().close()
        here.page.slot(0).accept_with(0)  # a data plane says so with its next sweep
        here.knock(left)
        await here.let_in(2 * left)
        assert len(emptied) >= FAIR * left


async def test_who_waits_at_the_close_is_handed_over(tmp_path: Path) -> None:
    page = ControlPage.create(tmp_path / "control")
    page.slot(1).claim()
    page.slot(1).accept_with(0)
    let_in: list[socket.socket] = []
    listener = listening()
    door = Door(listener, let_in.append, lambda: 5, ControlPeers(page, 0))
    here = Entrance(listener.getsockname()[1], page, [let_in])
    door.open()
    here.knock(3)
    await asyncio.sleep(0)  # others are to go first
    waiting = door.close()
    here.clients += waiting
    assert len(let_in) + len(waiting) == 3
    assert waiting
    here.close()
