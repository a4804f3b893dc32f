"""Scaling: each point can be configured, slopes are slopes, and reports and pictures are made of raw results."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.machine import Where
from bench.raw_results import read_rows, write_rows
from bench.scaling.curves import BUSIEST, CORES, CURVES, MOVED, Point
from bench.scaling.plot import plot
from bench.scaling.report import report, slope
from bench.scaling.requests import workload
from bench.side_by_side.peers.vitrina import EXPERIENCES, SITE
from config.decode import decode

WHERE = Where("2026-01-02T03:04", "abc", "a machine", "3.11", 0.1)
BLOCKS = [
    Point("blocks", 10, 100.0, 2000.0, 500.0, 90.0, {"work": 7.0}, {MOVED: 6.0}),
    Point("blocks", 40, 200.0, 3000.0, 400.0, 91.0, {"work": 8.0}, {MOVED: 31.5}),
]


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_every_point_can_be_configured(curve: object, tmp_path: Path) -> None:
    (tmp_path / "offer.html").write_text("<p>{code}</p>", "utf-8")
    for name, at in ((each.name, each.points[-1]) for each in CURVES if each is curve):
        text = SITE.replace("ORIGIN", "http://127.0.0.1:9").replace("MODE", "live") + EXPERIENCES
        asked = workload(name, at)
        settings = decode(f"version = 1\n{text.replace('OFFER', 'offer.html')}{asked.settings}", "site.toml", tmp_path)
        assert len(settings.experiences) == 3 + (at if name in ("experiences", "segments") else 0)


def test_of_a_million_profiles_most_are_only_stored() -> None:
    asked = workload("profiles", 1_000_000)
    assert asked.visitors + asked.stored == 1_000_000
    assert asked.visitors < asked.stored
    assert workload("profiles", 10_000).stored == 0


@pytest.mark.parametrize(
    ("found", "expected"),
    [([(1, 5), (10, 5), (100, 5)], 0), ([(1, 2), (10, 20)], 1), ([(1, 1), (2, 4), (4, 16)], 2), ([(7, 3)], 0)],
)
def test_a_slope_is_the_power_that_cost_grows_with(found: list[tuple[float, float]], expected: float) -> None:
    assert slope(found) == pytest.approx(expected)


def test_the_report_is_made_of_the_raw_results(tmp_path: Path) -> None:
    found = [*BLOCKS, Point("connections", 5000, 300.0, 1000.0, 300.0, 120.0, {}, {"KB an idle connection": 6.5})]
    write_rows(tmp_path / "raw.jsonl", WHERE, found)
    again = read_rows(tmp_path / "raw.jsonl", Where, Point)
    assert again == (WHERE, found)
    text = report(*again)
    assert "| 40 | 200 | 3.0 | 400 | 91 | work 8 | records moved a page 31.5 |" in text
    assert "Slope 0.50, between the last two points 0.50." in text
    assert "| 5,000 | 300 | 1.0 | 300 | 120 |  | KB an idle connection 6.5 |" in text
    assert "No curve's last slope is over 1." in text
    assert "aimed at" not in text


def test_a_curve_that_is_worse_than_linear_at_its_end_is_told_of() -> None:
    steep = Point("blocks", 160, 1600.0, 3000.0, 100.0, 91.0, {})
    assert "Worse than linear at its end, slope over 1: blocks (1.50)." in report(WHERE, [*BLOCKS, steep])


@pytest.mark.parametrize(
    ("found", "rows"),
    [
        (
            [
                Point("clicks", 10_000, 80.0, 0, 9e3, 50, {"valkey": 20.0}),
                Point("clicks", 30_000, 40.0, 0, 9e3, 50, {"valkey": 10.0}),
            ],
            [
                "| clicks/s a core of `work`, 30,000 queued | 25,000 | 20,000 | met |",
                "| the same, with Valkey on that core | 20,000 | | |",
            ],
        ),
        (
            [Point("start", 0, 0, 2_500_000.0, 0, 0, {})],
            ["| ready on an empty store, s | 2.50 | 1 | 2.5 times too long |"],
        ),
        (
            [
                Point("workers", 1, 500.0, 9.0, 400.0, 90, {}),
                Point("workers", 2, 500.0, 9.0, 760.0, 90, {}, {BUSIEST: 0.56, CORES: 0.49}),
            ],
            [
                "| pages/s of two workers to one, each with a share; 0.49 of 0.5 cores used | 1.90 | 1.8 | met |",
                "| requests that the busier of the two got | 56% | | |",
            ],
        ),
    ],
    ids=["clicks", "start", "workers"],
)
def test_what_was_aimed_at_stands_beside_what_was_found(found: list[Point], rows: list[str]) -> None:
    lines = report(WHERE, found).splitlines()
    assert lines[-len(rows) :] == rows


def test_two_workers_that_did_not_get_their_share_tell_nothing() -> None:
    found = [
        Point("workers", 1, 500.0, 9.0, 500.0, 90, {}, {CORES: 0.25}),
        Point("workers", 2, 500.0, 9.0, 800.0, 90, {}, {BUSIEST: 0.6, CORES: 0.4}),
    ]
    assert "| 1.60 | 1.8 | tells nothing: 0.40 of 0.5 cores used |" in report(WHERE, found)


def test_clicks_are_linear_when_each_costs_the_same() -> None:
    each = Point("clicks", 10_000, 50.0, 0, 9e3, 50, {})
    assert "between the last two points 1.00." in report(WHERE, [each, replace(each, at=30_000)])


def test_a_picture_has_every_curve_that_was_measured(tmp_path: Path) -> None:
    found = [*BLOCKS, *(replace(point, curve="page") for point in BLOCKS), Point("start", 0, 0, 1.0, 0, 0, {})]
    plot(WHERE, found, tmp_path / "curves.svg")
    drawn = (tmp_path / "curves.svg").read_text("utf-8")
    assert ">blocks</text>" in drawn
    assert ">page</text>" in drawn
    assert ">start</text>" not in drawn
    assert "![cost over what grows](curves.svg)" in report(WHERE, found, tmp_path / "curves.svg")


@pytest.mark.parametrize("name", ["scaling", "scaling-further"])
def test_the_committed_report_is_the_committed_results(name: str) -> None:
    path = Path(__file__).parents[3] / "bench" / "results" / f"{name}.jsonl"
    text = report(*read_rows(path, Where, Point), path.with_suffix(".svg"))
    assert path.with_suffix(".md").read_text("utf-8") == text
