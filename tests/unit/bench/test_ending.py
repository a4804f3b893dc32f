"""A bench that is ended early leaves no process behind, and says nothing but that."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench.chaos.processes import is_running
from bench.ending import INTERRUPTED

ROOT = Path(__file__).parents[3]
PROGRAM = """
import asyncio, subprocess, sys, time, uvloop
from pathlib import Path
from bench.ending import ended
from bench.servers import running

def main():
    with running(["sleep", "60"], 0, Path(sys.argv[1])) as child:
        say = f"print({child.pid}, flush=True)"
        async def waiting():
            exec(say)
            await asyncio.sleep(60)
        WAITS

raise SystemExit(ended(main))
"""
WAITS = {
    "asyncio": "asyncio.run(waiting())",
    "uvloop": "uvloop.run(waiting())",
    "no loop": "exec(say); time.sleep(60)",
    # It speaks when the one who started it has long gone on to wait for it.
    "a program": 'subprocess.run(["sh", "-c", f"sleep 0.3; echo {child.pid}; exec sleep 60"])',
    "one that nobody has yet": 'subprocess.Popen(["sleep", "60"]); exec(say); time.sleep(60)',
}


@pytest.mark.parametrize(
    ("number", "waits", "shell"),
    [
        *((signal.SIGTERM, waits, "") for waits in WAITS),
        (signal.SIGINT, "asyncio", ""),
        (signal.SIGHUP, "asyncio", ""),
        (signal.SIGTERM, "asyncio", "trap '' INT;"),
    ],
)
def test_what_it_started_is_ended(tmp_path: Path, number: signal.Signals, waits: str, shell: str) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.replace("WAITS", WAITS[waits]))
    command = ["sh", "-c", f'{shell} exec "$@"', "sh", sys.executable, str(program), str(tmp_path / "log")]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # nohup may have started the tests
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (INTERRUPTED, "interrupted\n")
    assert not is_running(child)


def test_every_bench_ends_so() -> None:
    """But for servers that others start, which take arguments."""
    programs = {path: path.read_text("utf-8") for path in sorted((ROOT / "bench").rglob("*.py"))}
    tails = {path: text.partition('if __name__ == "__main__":')[2] for path, text in programs.items()}
    assert sum("ended(" in tail for tail in tails.values()) > 20
    assert [str(path.relative_to(ROOT)) for path, tail in tails.items() if re.search(r"\b(main|run)\(\)", tail)] == []
