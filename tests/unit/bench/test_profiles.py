"""The population that profiles are measured with, and the report of its raw results."""

import io
from pathlib import Path

import pytest

from bench.profiles.population import people, written
from bench.profiles.report import Run, Stored, table
from bench.raw_results import read_rows, write_rows
from vitrina.profile_json import from_json

NOW = 1_790_000_000.0


def test_the_same_seed_makes_the_same_people() -> None:
    found = list(people(300, 1, NOW))
    assert found == list(people(300, 1, NOW))
    assert len({one.profile.id for one in found}) == 300
    for one in found:
        assert one.profile.visits == one.visits
        assert one.profile.page_views == one.pages
        assert one.profile.updated <= NOW - 86_400
    customers = [one.profile for one in found if one.profile.customer]
    assert customers
    assert all(customer.orders and customer.first_name and customer.email for customer in customers)


def test_as_many_profiles_are_written_as_asked_each_with_an_id_of_its_own() -> None:
    made = [one.profile for one in people(3, 1, NOW)]
    file = io.StringIO()
    written(file, made, 7, updated=NOW)
    found = [from_json(line, "a test", NOW) for line in file.getvalue().splitlines()]
    assert len({profile.id for profile in found}) == len(found) == 7
    for profile, each in zip(found, made, strict=False):
        interests = {"products": pytest.approx(each.products), "categories": pytest.approx(each.categories)}
        assert profile._replace(id="", **interests) == each._replace(id="", updated=NOW, **interests)


def test_the_table_is_made_of_the_file_alone(tmp_path: Path) -> None:
    run = Run("2026-01-02", "abc1234", "a machine", "3.11", "9.1", 0.1, 7, 10, 1.5, 8.0)
    stored = Stored("at rest", 1000, 231.0, 197.0, 414.0, 350_000, 0.05, 0.08, 50_000_000)
    write_rows(tmp_path / "run.jsonl", run, [stored])
    assert read_rows(tmp_path / "run.jsonl", Run, Stored) == (run, [stored])
    assert "| at rest | 1,000 | 231 | 197 | 414 | **350 bytes** | 20,000 | 80 µs | 50 MB |" in table(run, [stored])
