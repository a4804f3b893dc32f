"""The whole suite: which Redis the storage runs with; properties draw the same examples in every run.

The long searches (`make corpus`) draw new ones.
"""

import pytest
from hypothesis import HealthCheck, settings

# How fast examples are drawn says how busy the machine is, and nothing of the code.
settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Tests of the storage run with any kind of server (`make redis`)."""
    kinds = ("embedded", "redis", "sentinel", "cluster")
    parser.addoption("--redis", choices=kinds, default="embedded", help="the server of the storage's tests")
