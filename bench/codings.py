"""What packing and unpacking a page costs, and what it saves: the figures behind `proxy.codings`.

`python -m bench.codings [--pages DIR] [--rounds N]` measures CPU time (medians over the rounds of the mean per page)
and appends JSON lines to bench/results/codings.jsonl; `--report` prints the table made of the last run there. DIR holds
saved pages (*.html, 4 to 400 KB, at any depth); without it the record shop's pages are taken.
"""

import argparse
import json
import os
import platform
import subprocess
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import process_time

import brotli
import zstandard
from isal import isal_zlib

from bench.ending import ended
from bench.pages.record_shop import category_page, product_page, records
from proxy.codings import decode

RESULTS = Path(__file__).parent / "results" / "codings.jsonl"
ROOT = Path(__file__).parents[1]
MOST = 64 * 1024 * 1024


Pack = Callable[[bytes], bytes]


def packers() -> dict[str, tuple[bytes, Pack]]:
    """Name → coding and function."""
    found: dict[str, tuple[bytes, Pack]] = {}
    for level in range(4):
        found[f"gzip, ISA-L {level}"] = (b"gzip", partial(_isal, level))
    for level in (1, 6):
        found[f"gzip, zlib {level}"] = (b"gzip", partial(_zlib, level))
    for quality in (0, 1, 2, 4, 5, 11):
        found[f"br {quality}"] = (b"br", partial(brotli.compress, quality=quality, lgwin=18))
    for level in (1, 2, 3, 6):
        found[f"zstd {level}"] = (b"zstd", zstandard.ZstdCompressor(level=level).compress)
    return found


def _isal(level: int, page: bytes) -> bytes:
    return isal_zlib.compress(page, level, 31)


def _zlib(level: int, page: bytes) -> bytes:
    return zlib.compress(page, level, 31)


def sample_pages(folder: Path | None, most: int) -> list[bytes]:
    """Pages to pack."""
    if folder is None:
        return [category_page(1, 64 * 1024), *(product_page(record) for record in records(1)[:10])]
    bodies = [path.read_bytes() for path in sorted(folder.rglob("*.html"))]
    fitting = [body for body in bodies if 4_000 <= len(body) <= 400_000]
    step = max(1, len(fitting) // most)
    return fitting[::step][:most]


def measured(pages: list[bytes], rounds: int) -> Iterator[dict[str, object]]:
    """A row per packer; rounds are interleaved, so that a busy moment meets all of them."""
    table = packers()
    packing: dict[str, list[float]] = {name: [] for name in table}
    unpacking: dict[str, list[float]] = {name: [] for name in table}
    sizes: dict[str, int] = {}
    for _ in range(rounds):
        for name, (coding, pack) in table.items():
            start = process_time()
            packed = [pack(page) for page in pages]
            middle = process_time()
            for body in packed:
                decode(body, coding, MOST)
            end = process_time()
            packing[name].append((middle - start) / len(pages) * 1e6)
            unpacking[name].append((end - middle) / len(pages) * 1e6)
            sizes[name] = sum(map(len, packed))
    whole = sum(map(len, pages))
    for name in table:
        yield {
            "packer": name,
            "pack_us": round(median(packing[name]), 1),
            "unpack_us": round(median(unpacking[name]), 1),
            "percent": round(100 * sizes[name] / whole, 2),
        }


def report(path: Path) -> str:
    """The table of the last run."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    last = max(number for number, row in enumerate(rows) if "commit" in row)
    run, *measures = rows[last:]
    lines = [
        f"{run['date'][:10]}, commit {run['commit']}, {run['machine']}, {run['pages']} pages of "
        f"{run['mean_bytes']} bytes on average ({run['source']}), {run['rounds']} rounds; "
        + ", ".join(f"{name} {number}" for name, number in run["versions"].items()),
        "",
        "| packer | pack µs | unpack µs | % of the page |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {row['packer']} | {row['pack_us']:.0f} | {row['unpack_us']:.0f} | {row['percent']:.1f} |"
        for row in measures
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure or report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, help="folder with saved pages")
    parser.add_argument("--source", default="", help="what the pages are, for the report")
    parser.add_argument("--most", type=int, default=100, help="pages taken")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--report", action="store_true", help="print the last run's table")
    options = parser.parse_args()
    if not options.report:
        pages = sample_pages(options.pages, options.most)
        model = next(
            (
                line.partition(":")[2].strip()
                for line in Path("/proc/cpuinfo").read_text().splitlines()
                if "model name" in line
            ),
            "",
        )
        run = {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "commit": subprocess.run(
                ("git", "rev-parse", "--short", "HEAD"), cwd=ROOT, capture_output=True, text=True, check=True
            ).stdout.strip(),
            "machine": f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
            "pages": len(pages),
            "mean_bytes": sum(map(len, pages)) // len(pages),
            "source": options.source or ("saved pages" if options.pages else "the record shop's"),
            "rounds": options.rounds,
            "versions": {
                "Python": platform.python_version(),
                **{name: version(name) for name in ("isal", "brotli", "zstandard")},
                "zlib": zlib.ZLIB_RUNTIME_VERSION,
            },
        }
        with RESULTS.open("a", encoding="utf-8") as results:
            for row in (run, *measured(pages, options.rounds)):
                results.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(report(RESULTS))


if __name__ == "__main__":
    raise SystemExit(ended(main))
