"""A guard by counts, not times: what an exchange calls, allocates, reads and writes, against the baseline."""

import json
from pathlib import Path

import pytest

from bench.costs import BASELINE, ROOM, Costs, counted_in, exceeded
from bench.worker import JOBS, Job


@pytest.mark.parametrize("job", JOBS)
def test_an_exchange_costs_no_more_than_the_baseline(tmp_path: Path, job: Job) -> None:
    problems = exceeded(job, counted_in(tmp_path, job), json.loads(BASELINE.read_text("utf-8"))[job])
    assert not problems, "\n".join(problems)


def test_what_is_more_is_said_with_what_to_do() -> None:
    baseline = {"python_calls": 100, "c_calls": 100, "peak_bytes": 1000, "bytes_that_stay": 0, "reads": 2, "writes": 3}
    assert exceeded("image", Costs(100 * ROOM, 100, 1000, 200, 2, 3), baseline) == []
    (problem,) = exceeded("image", Costs(100, 100, 1000, 0, 2, 4), baseline)
    assert problem.startswith("image: writes 4, baseline 3, allowed 3.35.")
    assert "python -m bench.costs --calls image" in problem
    assert "python -m bench.costs --write" in problem
