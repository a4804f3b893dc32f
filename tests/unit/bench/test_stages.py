"""The stages that a page's CPU time is told by: each is a function that there is."""

import importlib

import pytest

from bench.stages import STAGES


@pytest.mark.parametrize(("module", "path"), [stage[1:] for stage in STAGES], ids=[stage[0] for stage in STAGES])
def test_a_stage_is_a_function(module: str, path: str) -> None:
    owner: object = importlib.import_module(module)
    for name in path.split("."):
        owner = getattr(owner, name)
    assert callable(owner)
