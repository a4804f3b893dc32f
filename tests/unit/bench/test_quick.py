"""bench-quick: pages are a function of their seed, and the table says what the raw results say."""

from pathlib import Path

from bench.pages.record_shop import RECORDS, category_page, category_parts, product_page, records
from bench.quick_report import Run, Sample, read_run, table, write_run

RUN = Run("2026-01-02T03:04:05+00:00", "abc", "a machine", {"nginx": "1.22"}, 0.1, 1, 3.0, 0, 64, 65536, 20480)


def sample(candidate: str, number: int, cpu_us: float) -> Sample:
    return Sample(candidate, "nginx: page", number, 1000, cpu_us, {"work": 7.0}, 900.0, 1500, 3000, 50.0, {})


def test_pages_are_a_function_of_their_seed() -> None:
    page = category_page(1, 65536)
    assert page == category_page(1, 65536) != category_page(2, 65536)
    assert 65536 <= len(page) < 66600
    assert page.count(b'<div class="record ') == RECORDS
    parts = category_parts(1, 65536, 20)
    assert len(parts) == 21
    assert b"0".join(parts).count(b'<div class="record ') == RECORDS
    record = records(1)[3]
    assert record.name.encode("iso-8859-1") in product_page(record)


def test_the_table_is_made_of_the_file_alone_with_ratios_paired_by_round(tmp_path: Path) -> None:
    spent = [("nginx: page", 1, 10.0), ("vitrina: whole job", 1, 30.0), ("nginx: page", 2, 20.0)]
    samples = [sample(*each) for each in (*spent, ("vitrina: whole job", 2, 20.0), ("vitrina: whole job", 3, 90.0))]
    write_run(tmp_path / "raw.jsonl", RUN, samples)
    read = read_run(tmp_path / "raw.jsonl")
    assert read == (RUN, samples)
    lines = table(*read).splitlines()
    assert lines[-2].startswith("| nginx: page | 15.0 | 10–20 | 1.00 |")
    # Rounds 1 and 2 are paired: 3 and 1; the third has no pair, and counts for the median of CPU time alone.
    assert lines[-1].startswith("| vitrina: whole job | 30.0 | 20–90 | 2.00 |")
    assert "work 7" in lines[-1]
