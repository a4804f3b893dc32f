"""Codings: sizes are compared page by page, and the report has the last run of every source."""

import json
from pathlib import Path
from statistics import median

import pytest

from bench.codings import OURS, YARDSTICK, measured, over, packers, report
from bench.pages.record_shop import category_page, product_page, records
from proxy.codings import decode, encode


def test_sizes_are_compared_page_by_page() -> None:
    assert over([110, 300], [100, 200]) == pytest.approx([10, 50])


def test_ours_is_what_goes_out() -> None:
    page = b"<p>one</p><p>two</p>" * 400
    coding, pack = packers()[OURS]
    assert pack(page) == encode(page, coding)
    assert decode(encode(page, coding), coding, len(page)) == page


def test_the_median_of_the_pages_is_told() -> None:
    pages = [category_page(1, 20_000), *(product_page(record) for record in records(1)[:4])]
    table = {name: packers()[name] for name in (OURS, YARDSTICK)}
    rows = {row["packer"]: row for row in measured(pages, 1, table)}
    packed = {name: [len(pack(page)) for page in pages] for name, (_, pack) in table.items()}
    assert rows[YARDSTICK]["over_zlib_6"] == 0
    assert rows[OURS]["over_zlib_6"] == pytest.approx(median(over(packed[OURS], packed[YARDSTICK])), abs=0.01)


def test_the_report_has_the_last_run_of_every_source(tmp_path: Path) -> None:
    def run(source: str, over_zlib_6: float | None) -> list[dict[str, object]]:
        head = {"date": "2026-01-02T03:04", "commit": "abc", "machine": "a machine", "pages": 3, "mean_bytes": 9}
        row: dict[str, object] = {"packer": OURS, "pack_us": 30.0, "unpack_us": 20.0, "percent": 22.7}
        row |= {} if over_zlib_6 is None else {"over_zlib_6": over_zlib_6}
        return [head | {"source": source, "rounds": 1, "versions": {"isal": "1"}}, row]

    rows = [*run("shops", None), *run("the demo's shop", 12.3), *run("shops", 16.0)]
    (tmp_path / "raw.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    text = report(tmp_path / "raw.jsonl")
    assert f"| {OURS} | 30 | 20 | 22.7 | +12.3 |" in text
    assert f"{OURS}, as pages go out: +16.0 % over zlib 6; aimed at 15 % at most: not met." in text
    assert text.count("| packer |") == 2
