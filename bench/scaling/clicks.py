"""The curve of clicks: a spool that filled up while nobody read it, and what `work` and Valkey spend on emptying it."""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.clicks import PROFILES, page_click
from bench.scaling.curves import Curve, Effort, Point
from bench.servers import Server, cpu_seconds, resident_mb, static_origin, vitrina
from bench.side_by_side.peers.vitrina import SITE
from storage.spool import Spool

WITHIN_S = 120.0
_KEYS = "1:" + b"a key for benches, which guards nothing".hex()


def points(curve: Curve, effort: Effort) -> Iterator[Point]:
    """All points in one installation; the first spool only warms up."""
    with tempfile.TemporaryDirectory(prefix="vitrina-scaling-") as name:
        folder = Path(name)
        with (
            static_origin(folder / "origin", {"index.html": b"<html>"}) as shop,
            vitrina(folder / "vitrina", SITE.replace("MODE", "live"), _KEYS, shop.port) as server,
        ):
            _emptied(server, folder, curve.points[0])
            for queued in (each for each in curve.points if each <= effort.most):
                print(f"{curve.name} {queued:,}: starting", file=sys.stderr, flush=True)
                rounds = [_emptied(server, folder, queued) for _ in range(effort.rounds)]
                yield Point(
                    curve.name,
                    queued,
                    median(work for work, _, _ in rounds) / queued * 1e6,
                    0.0,
                    queued / median(seconds for _, _, seconds in rounds),
                    resident_mb(server.beside["work"]),
                    {"valkey": median(valkey for _, valkey, _ in rounds) / queued * 1e6},
                )


def _emptied(server: Server, folder: Path, queued: int) -> tuple[float, float, float]:
    """Seconds of CPU of `work` and of Valkey, and seconds, from when a whole spool appears until all is in profiles."""
    spool = Spool.create(folder / "filled")
    try:
        for number in range(queued):
            spool.append(page_click(number, f"visitor-{number * 7919 % PROFILES:022d}", time.time()))
        pids = (server.beside["work"], server.beside["valkey"])
        goal = server.totals()["folded"] + queued
        before, began = [cpu_seconds(pid) for pid in pids], time.monotonic()
        spool.path.rename(folder / "vitrina" / "data" / "spool" / spool.id)
        while server.totals()["folded"] < goal:
            if time.monotonic() > began + WITHIN_S:
                raise RuntimeError(f"{queued} clicks are not folded within {WITHIN_S:g} s: {server.totals()}")
            time.sleep(0.01)
        seconds = time.monotonic() - began
        work, valkey = (cpu_seconds(pid) - then for pid, then in zip(pids, before, strict=True))
        return work, valkey, seconds
    finally:
        spool.close()
