"""The mutation run: which tests are run for a mutant, and what the report makes of the raw results."""

import json
from pathlib import Path

import pytest

from bench.mutants.report import KEPT, MADE_COUNT, estimate, file_of, latest, report
from bench.mutants.running import BUDGET_S, Reached, mutants

ABOUT = {"machine": "m", MADE_COUNT: 8, KEPT: 2}


def row(name: str, status: str) -> dict[str, object]:
    return {"name": name, "hash": "h", "status": status, "s": 0.1, "commit": "c1"}


ROWS = [
    row("transforms.page.plan.x_plan__mutmut_1", "killed"),
    row("transforms.page.plan.x_plan__mutmut_2", "timeout"),
    row("transforms.page.plan.x_plan__mutmut_3", "survived"),
    row("transforms.markup.x_a__mutmut_1", "killed"),
    row("transforms.markup.x_a__mutmut_2", "no tests"),
    row("transforms.markup.x_a__mutmut_3", "killed"),
]


def test_files_of_mutants() -> None:
    assert file_of("transforms.page.plan.x_plan__mutmut_1") == "transforms/page/plan.py"
    assert file_of("transforms.page.page.xǁPageǁrows__mutmut_12") == "transforms/page/page.py"


def test_the_last_result_counts() -> None:
    again = row("transforms.markup.x_a__mutmut_2", "killed")
    assert latest([ABOUT, *ROWS, again])["transforms.markup.x_a__mutmut_2"] is again


def test_the_report_counts_by_file_and_says_what_is_not_known() -> None:
    text, is_good = report([ABOUT, *ROWS])
    assert not is_good
    # Of those drawn 2 of 4 were noticed, so of the 6 that are not kept 3; with the 2 kept that is 5 of 8.
    assert "6 of 8 mutants tried, 62.5% of all noticed (goal 85%)." in text
    assert "The run was stopped: of 4 drawn from the 6 not known before,\n50.0% were noticed" in text
    assert "(95 % confidence: ±21.2 points of all)" in text
    assert "| transforms/markup.py | 3 | 2 | 0 | 0 | 1 | 66.7% |" in text
    assert "| transforms/page/plan.py | 1 | 0 | 0 | 1 | 0 | 0.0% |" in text
    assert "| all | 4 | 2 | 0 | 1 | 1 | 50.0% |" in text


@pytest.mark.parametrize(
    ("statuses", "kept", "made", "expected"),
    [
        ([], 0, 0, 1.0),
        (["killed"], 0, 1, 1.0),
        (["survived"], 0, 1, 0.0),
        (["killed", "survived"], 0, 2, 0.5),
        (["killed", "survived"], 1, 2, 0.5),
        (["killed", "survived"], 1, 10, 0.1),
        (["survived", "killed"], 1, 10, 0.9),
    ],
)
def test_estimates(statuses: list[str], kept: int, made: int, expected: float) -> None:
    rows = [row(f"m{number}", status) for number, status in enumerate(statuses)]
    assert estimate(rows, kept, made) == pytest.approx(expected)


def test_a_whole_run_that_is_good() -> None:
    text, is_good = report([{"machine": "m", MADE_COUNT: 1, KEPT: 0}, ROWS[0]])
    assert is_good
    assert "1 of 1 mutants tried, 100.0% of all noticed" in text
    assert "stopped" not in text


def test_the_nearest_tests_come_first_and_stay_within_the_budget(tmp_path: Path) -> None:
    name = "transforms.markup.x_a"
    tests = Reached(
        {name: ["wide", "slow", "near"], "transforms.markup.x_b": ["wide", "long"]},
        {"wide": 0.5, "near": 1.0, "slow": BUDGET_S, "long": 0.1},
    )
    (tmp_path / "transforms").mkdir()
    meta = {
        "exit_code_by_key": {f"{name}__mutmut_1": None, f"{name}__mutmut_2": 0, "transforms.markup.x_c__mutmut_1": 1},
        "hash_by_function_name": {"x_a": "ha", "x_c": "hc"},
    }
    (tmp_path / "transforms" / "markup.py.meta").write_text(json.dumps(meta))
    found = {mutant.name: mutant for mutant in mutants(tmp_path, tests, "1ab2c3d")}
    assert found[f"{name}__mutmut_1"].tests == ("near", "wide")
    assert found[f"{name}__mutmut_1"].tests_s == pytest.approx(1.5)
    assert found[f"{name}__mutmut_2"].hash == "ha"
    assert found["transforms.markup.x_c__mutmut_1"].tests == ()
    assert [mutant.name for mutant in mutants(tmp_path, tests, "1ab2c3d")] == list(found)
