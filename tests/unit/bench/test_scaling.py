"""Scaling: each point can be configured, slopes are slopes, and reports are made of raw results."""

from pathlib import Path

import pytest

from bench.machine import Where
from bench.scaling import CURVES, Point, read, report, slope, workload, write
from bench.side_by_side.peers.vitrina import EXPERIENCES, SITE
from config.decode import decode

WHERE = Where("2026-01-02T03:04", "abc", "a machine", "3.11", 0.1)


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_every_point_can_be_configured(curve: object, tmp_path: Path) -> None:
    (tmp_path / "offer.html").write_text("<p>{code}</p>", "utf-8")
    for name, at in ((each.name, each.points[-1]) for each in CURVES if each is curve):
        text = SITE.replace("ORIGIN", "http://127.0.0.1:9").replace("MODE", "live") + EXPERIENCES
        asked = workload(name, at)
        settings = decode(f"version = 1\n{text.replace('OFFER', 'offer.html')}{asked.settings}", "site.toml", tmp_path)
        assert len(settings.experiences) == 3 + (at if name in ("experiences", "segments") else 0)


@pytest.mark.parametrize(
    ("found", "expected"),
    [([(1, 5), (10, 5), (100, 5)], 0), ([(1, 2), (10, 20)], 1), ([(1, 1), (2, 4), (4, 16)], 2), ([(7, 3)], 0)],
)
def test_a_slope_is_the_power_that_cost_grows_with(found: list[tuple[float, float]], expected: float) -> None:
    assert slope(found) == pytest.approx(expected)


def test_the_report_is_made_of_the_raw_results(tmp_path: Path) -> None:
    found = [
        Point("blocks", 10, 100.0, 2000.0, 500.0, 90.0, 0.0, {"work": 7.0}),
        Point("blocks", 40, 200.0, 3000.0, 400.0, 91.0, 0.0, {"work": 8.0}),
        Point("connections", 5000, 300.0, 1000.0, 300.0, 120.0, 6.5, {}),
    ]
    write(tmp_path / "raw.jsonl", WHERE, found)
    again = read(tmp_path / "raw.jsonl")
    assert again == (WHERE, found)
    text = report(*again)
    assert "| 40 | 200 | 3.0 | 400 | 91 | work 8 |  |" in text
    assert "Slope 0.50, between the last two points 0.50." in text
    assert "| 5,000 | 300 | 1.0 | 300 | 120 |  | 6.5 |" in text
