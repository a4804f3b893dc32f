"""`make soak`: hours at 60 % of what the machine can do, faults at random; memory, descriptors and latency as they go.

`python -m bench.chaos.soak [--hours 2] [--rate N] [--long-lives] [--seed N] [--out FILE]`; `--report FILE` works the
report out again. Without a rate the peak is measured first. With `--long-lives` no fault ends a process of Vitrina's:
only a long life tells what grows slowly. Ctrl-C ends it early; what was measured until then is judged and written.
"""

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bench.chaos.__main__ import ROOT, this_run
from bench.chaos.figures import percentile
from bench.chaos.load import Load
from bench.chaos.processes import open_descriptors, resident_kb
from bench.chaos.records import Figure, Record, Run, read_records, write_records
from bench.chaos.report import report
from bench.chaos.stage import Scale, Stage, Theatre
from bench.ending import ended

RESULTS = ROOT / "bench" / "results" / "soak.jsonl"
LONG_LIVES = RESULTS.with_stem("soak-long-lives")
SHARE = 0.6
SAMPLE_S = 5.0
FAULT_S = (20.0, 60.0)
WARM_UP_S = 120.0
WARM_UP_SHARE = 1 / 3
"""A process's memory is judged from that part of its life on, and not before that age: first it fills what it
remembers."""
ENDING = ("worker", "work", "reload")
"""Faults that end processes of Vitrina's."""
FAULTS = (*ENDING, "valkey", "stop valkey", "shop resets", "shop away")
LONG_ENOUGH_S = 240.0
"""A shorter life after that says nothing of a slope."""
FLAT_MB_H = 20.0
"""What is taken for flat over such a life: some fragmentation, no leak at this rate."""


async def _peak(stage: Stage) -> float:
    """Answers a second when 16 connections never wait."""
    load = Load(stage.vitrina.port, "peak", rate=5000.0, most=16)
    async with load:
        await asyncio.sleep(6)
    return len(load.answers) / 6


async def _faults(
    stage: Stage, kinds: Sequence[str], choices: random.Random, done: list[str], stop: asyncio.Event
) -> None:
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), choices.uniform(*FAULT_S))
            return
        what = choices.choice(kinds)
        done.append(what)
        with suppress(ProcessLookupError, IndexError):
            match what:
                case "worker":
                    # The oldest is spared: only a long life tells what grows slowly.
                    os.kill(choices.choice(stage.vitrina.roles()["dataplane"][1:]), signal.SIGKILL)
                case "work":
                    os.kill(stage.vitrina.roles()["work"][0], signal.SIGKILL)
                case "valkey":
                    os.kill(stage.vitrina.valkey()[0], signal.SIGKILL)
                case "stop valkey":
                    pid = stage.vitrina.valkey()[0]
                    os.kill(pid, signal.SIGSTOP)
                    await asyncio.sleep(3)
                    os.kill(pid, signal.SIGCONT)
                case "shop resets":
                    stage.shop.mode = "reset"
                    await asyncio.sleep(1)
                    stage.shop.mode = "sound"
                case "shop away":
                    await stage.shop.stop()
                    await asyncio.sleep(1)
                    await stage.shop.start()
                case "reload":
                    await stage.vitrina.command("reload")


def _sample(stage: Stage, started: float) -> list[Record]:
    at = round(time.monotonic() - started, 1)
    named = {"supervisor": [stage.vitrina.pid], "valkey": stage.vitrina.valkey(), **stage.vitrina.roles()}
    return [
        Record("soak", f"{role} {pid}", None, "sample", {"s": at, "kb": resident_kb(pid), "fds": open_descriptors(pid)})
        for role, pids in named.items()
        for pid in pids
    ]


async def _soak(
    theatre: Theatre, hours: float, rate: float | None, kinds: Sequence[str], records: list[Record]
) -> None:
    async with theatre.stage() as stage, stage.oracle() as oracle:
        peak = await _peak(stage) if rate is None else 0.0
        chosen = SHARE * peak if rate is None else rate
        print(f"{chosen:.0f} requests a second for {hours:g} h", file=sys.stderr, flush=True)
        done: list[str] = []
        stop = asyncio.Event()
        started = time.monotonic()
        async with stage.load("soak", chosen) as load:
            faults = asyncio.create_task(_faults(stage, kinds, theatre.random, done, stop))  # noqa: TID251
            with suppress(asyncio.CancelledError):
                while time.monotonic() - started < hours * 3600:
                    await asyncio.sleep(SAMPLE_S)
                    records += _sample(stage, started)
            stop.set()
            await faults
        lasted = time.monotonic() - started
        verdict = await oracle.verdict(load.done, load.cut, 120)
        left = await stage.vitrina.stop()
    took = [answer.ms for answer in load.answers if answer.status == 200]
    statuses = [answer.status for answer in load.answers]
    records.append(
        Record(
            "soak",
            f"{lasted / 60:.0f} min, {len(done)} faults",
            verdict.is_good and not left,
            "; ".join([*verdict.lost[:5], *left]),
            {
                "requests a second": round(len(load.answers) / lasted, 1),
                **({"peak a second": round(peak, 1)} if peak else {}),
                **{f"p{share * 100:g} ms": round(percentile(took, share), 1) for share in (0.5, 0.99, 0.999)},
                "asked": len(load.answers),
                "cut": statuses.count(0),
                "not 200": sum(status not in (0, 200) for status in statuses),
                **{what: done.count(what) for what in sorted(set(done))},
                **verdict.figures(),
                "processes left": len(left),
            },
        )
    )


def judged(run: Run, records: Sequence[Record]) -> str:
    """The report: what was measured, and what follows of memory."""
    return report(run, [*records, *slopes(records)])


def slopes(records: Sequence[Record]) -> list[Record]:
    """A record per role: how memory rose, and its descriptors, in the longest life of a process of it once warm."""
    lives: dict[str, list[Record]] = {}
    for record in records:
        if record.detail == "sample":
            lives.setdefault(record.name, []).append(record)
    by_role: dict[str, list[tuple[float, float, int, int]]] = {}
    for name, whole in lives.items():
        begun, ended = (float(whole[at].figures["s"]) for at in (0, -1))
        warm = begun + max(WARM_UP_S, WARM_UP_SHARE * (ended - begun))
        samples = [sample for sample in whole if float(sample.figures["s"]) >= warm]
        seconds = [float(sample.figures["s"]) for sample in samples]
        if not seconds or seconds[-1] - seconds[0] < LONG_ENOUGH_S:
            continue
        slope = _slope(seconds, [float(sample.figures["kb"]) for sample in samples]) * 3600 / 1024
        fds = [int(sample.figures["fds"]) for sample in samples]
        by_role.setdefault(name.partition(" ")[0], []).append((ended - begun, slope, fds[0], fds[-1]))
    found = []
    for role, processes in sorted(by_role.items()):
        lasted, slope, first, last = max(processes)
        figures: dict[str, Figure] = {
            "processes": len(processes),
            "longest min": round(lasted / 60),
            "MB an hour": round(slope, 1),
            "fds": f"{first} → {last}",
        }
        # Valkey keeps what it is told: clicks that the oracle holds, and profiles.
        found.append(Record("soak", f"memory of {role}", True if role == "valkey" else slope <= FLAT_MB_H, "", figures))
    return found


def _slope(x: Sequence[float], y: Sequence[float]) -> float:
    """Least squares."""
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    spread = sum((a - mean_x) ** 2 for a in x)
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / spread if spread else 0.0


def main() -> int:
    """Exit code 1 when a case failed."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos.soak", description=__doc__)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--rate", type=float, default=None, help="requests a second (60 %% of the peak by default)")
    parser.add_argument("--long-lives", action="store_true", help="no fault ends a process of Vitrina's")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--out", type=Path, help="soak.jsonl or soak-long-lives.jsonl among the results by default")
    parser.add_argument("--report", type=Path)
    arguments = parser.parse_args()
    if arguments.report is not None:
        print(judged(*read_records(arguments.report)), end="")
        return 0
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(1 << 32)
    run, records = this_run(seed, is_short=False), []
    with tempfile.TemporaryDirectory(prefix="vitrina-soak-") as folder:
        theatre = Theatre(Path(folder), random.Random(seed), Scale(False, arguments.rate or 0.0))
        with suppress(KeyboardInterrupt):
            kinds = [kind for kind in FAULTS if not (arguments.long_lives and kind in ENDING)]
            asyncio.run(_soak(theatre, arguments.hours, arguments.rate, kinds, records))
    out = arguments.out or (LONG_LIVES if arguments.long_lives else RESULTS)
    write_records(out, run, records)
    text = judged(run, records)
    out.with_suffix(".md").write_text(text, "utf-8")
    print(text, end="")
    return int(any(record.passed is False for record in (*records, *slopes(records))))


if __name__ == "__main__":
    raise SystemExit(ended(main))
