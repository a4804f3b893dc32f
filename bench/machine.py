"""Where a measurement was made: every number stands with machine, date and commit."""

import os
import platform
import re
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Where:
    """Where, when and of what."""

    date: str
    commit: str
    machine: str
    python: str
    load_average: float
    """Of the minute before it began: others at work make times worse."""

    def line(self) -> str:
        """In a sentence's form."""
        return (
            f"{self.date}, commit {self.commit}, {self.machine}, Python {self.python}; "
            f"load average {self.load_average:g} at the start"
        )


def interpreter() -> str:
    """Python's version and who built it: one compiled without profile-guided optimisation takes a sixth more CPU."""
    if sys.base_prefix == "/usr":
        build = "the system's"
    elif "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or ""):
        build = "optimised"
    else:
        build = "not optimised"
    return f"{platform.python_version()} ({build})"


def here() -> Where:
    """This machine, this checkout, now."""
    commit = subprocess.run(
        ("git", "describe", "--always", "--dirty", "--exclude=*"), cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    models = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text("utf-8"))
    machine = f"{models[0] if models else platform.machine()}, {os.cpu_count()} cores, Linux {platform.release()}"
    now = datetime.now(UTC).isoformat(timespec="minutes")
    return Where(now, commit, machine, interpreter(), round(os.getloadavg()[0], 1))
