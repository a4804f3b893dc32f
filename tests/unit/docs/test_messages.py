"""The message table names tests that exist."""

import pytest

from bench.conformance.message_table import Row, rows
from tests.unit.docs.reading import ROOT

ROWS = rows()


def test_every_topic_is_there() -> None:
    assert len(ROWS) >= 20
    assert len({row.topic for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[row.topic for row in ROWS])
def test_every_named_test_exists(row: Row) -> None:
    assert row.tests
    for test in row.tests:
        path, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text("utf-8"), test
