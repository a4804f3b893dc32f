"""The short form of `make chaos`: supervisor, worker, Valkey and work killed under load, each click kept once."""

import random
from pathlib import Path

from bench.chaos.faults import kills
from bench.chaos.stage import Scale, Theatre


async def test_killed_under_load(tmp_path: Path) -> None:
    theatre = Theatre(tmp_path, random.Random(1), Scale(is_short=True, rate=40))
    *raw, verdict = [record async for record in kills.run(theatre)]
    assert verdict.passed, f"{verdict.detail} {verdict.figures}"
    assert [record.detail for record in raw] == ["supervisor", "dataplane", "valkey", "work"]
