"""What packing and unpacking a page costs, and what it saves: the figures behind `proxy.codings`.

`python -m bench.codings [--pages DIR] [--rounds N]` measures CPU time (medians over the rounds of the mean per page)
and by how much each page is larger than zlib packs it at level 6 (median of the pages). It appends JSON lines to
bench/results/codings.jsonl; `--report` prints the last run there of each source. Stretches (`proxy.stretched_gzip`) are
those of each page with three things inserted, before links a quarter, half and three quarters down the page. DIR holds
saved pages (*.html, 4 to 400 KB, at any depth); without it the pages of the demo's shop are taken.
"""

import argparse
import json
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import brotli
import zstandard
from isal import isal_zlib

from bench.ending import ended
from bench.machine import here
from bench.pages.demo_shop import demo_pages
from proxy.codings import decode
from proxy.stretched_gzip import GZIP_LEVEL, SOON, gzip
from transforms.page.charset import Encoding
from transforms.page.engine import Engine, Page, PageLimits, TemplateKey
from transforms.page.query import Query
from transforms.page.stretch import Standing

RESULTS = Path(__file__).parent / "results" / "codings.jsonl"
ROOT = Path(__file__).parents[1]
MOST = 64 * 1024 * 1024
YARDSTICK, OURS = "gzip, zlib 6", f"gzip, ISA-L {GZIP_LEVEL}"
STRETCHED = f"{OURS} and stretches"
MOST_OVER = 15
"""Per cent: gzip of ours over the yardstick, at the median of the pages."""

Pack = Callable[[bytes], bytes]


def packers(pages: Sequence[bytes] = ()) -> dict[str, tuple[bytes, Pack]]:
    """Name → coding and function; of stretches those of `pages` are known."""
    found: dict[str, tuple[bytes, Pack]] = {}
    for level in range(4):
        found[f"gzip, ISA-L {level}"] = (b"gzip", partial(_isal, level))
    for level in (1, 6):
        found[f"gzip, zlib {level}"] = (b"gzip", partial(_zlib, level))
    for quality in (0, 1, 2, 4, 5, 11):
        found[f"br {quality}"] = (b"br", partial(brotli.compress, quality=quality, lgwin=18))
    for level in (1, 2, 3, 6):
        found[f"zstd {level}"] = (b"zstd", zstandard.ZstdCompressor(level=level).compress)
    standing = dict(zip(pages, map(_stretches, pages), strict=True))
    for page in pages:
        for _ in range(SOON):
            gzip(page, standing[page])
    found[STRETCHED] = (b"gzip", lambda page: gzip(page, standing[page]))
    return found


def _stretches(page: bytes) -> Sequence[Standing]:
    """Those of a page that came before, on the page itself; none goes on where something is inserted."""
    engine = Engine((Query("a", "a"),), PageLimits(max_left_open=sys.maxsize))
    for _ in range(3):
        opened = engine.open(
            page, Encoding("utf-8", "utf-8"), TemplateKey("shop", "/", signed_in=False, version="1"), None
        )
    if not isinstance(opened, Page):
        return ()
    links = [unit.start for unit in opened.units("a") or ()]
    edges = [0, *(links[len(links) * part // 4] for part in (1, 2, 3) if links), len(page)]
    return [each for start, end in pairwise(edges) for each in opened.stretches(start, end)]


def _isal(level: int, page: bytes) -> bytes:
    return isal_zlib.compress(page, level, 31)


def _zlib(level: int, page: bytes) -> bytes:
    return zlib.compress(page, level, 31)


def sample_pages(folder: Path | None, most: int) -> list[bytes]:
    """Pages to pack."""
    if folder is None:
        return demo_pages(most)
    bodies = [path.read_bytes() for path in sorted(folder.rglob("*.html"))]
    fitting = [body for body in bodies if 4_000 <= len(body) <= 400_000]
    step = max(1, len(fitting) // most)
    return fitting[::step][:most]


def measured(
    pages: Sequence[bytes], rounds: int, table: Mapping[str, tuple[bytes, Pack]]
) -> Iterator[dict[str, object]]:
    """A row per packer; rounds are interleaved, so that a busy moment meets all of them."""
    packing: dict[str, list[float]] = {name: [] for name in table}
    unpacking: dict[str, list[float]] = {name: [] for name in table}
    sizes: dict[str, list[int]] = {}
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
            sizes[name] = list(map(len, packed))
    whole = sum(map(len, pages))
    for name in table:
        yield {
            "packer": name,
            "pack_us": round(median(packing[name]), 1),
            "unpack_us": round(median(unpacking[name]), 1),
            "percent": round(100 * sum(sizes[name]) / whole, 2),
            "over_zlib_6": round(median(over(sizes[name], sizes[YARDSTICK])), 2),
        }


def over(sizes: Sequence[int], yardstick: Sequence[int]) -> list[float]:
    """By how many per cent each is larger."""
    return [100 * (mine / theirs - 1) for mine, theirs in zip(sizes, yardstick, strict=True)]


def report(path: Path) -> str:
    """The tables of each source's last run."""
    runs: list[list[dict[str, Any]]] = []
    for row in map(json.loads, path.read_text("utf-8").splitlines()):
        if "commit" in row:
            runs.append([])
        runs[-1].append(row)
    last = {run["source"]: (run, measures) for run, *measures in runs}
    return "\n\n".join(_table(run, measures) for run, measures in last.values())


def _table(run: Mapping[str, Any], measures: Sequence[Mapping[str, Any]]) -> str:
    lines = [
        f"{run['date'][:10]}, commit {run['commit']}, {run['machine']}, {run['pages']} pages of "
        f"{run['mean_bytes']} bytes on average ({run['source']}), {run['rounds']} rounds; "
        + ", ".join(f"{name} {number}" for name, number in run["versions"].items()),
        "",
        "| packer | pack µs | unpack µs | % of the page | % over zlib 6, median |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['packer']} | {row['pack_us']:.0f} | {row['unpack_us']:.0f} | {row['percent']:.1f} | {_signed(row)} |"
        for row in measures
    ]
    ours = next((row for row in measures if row["packer"] == OURS and "over_zlib_6" in row), None)
    if ours is not None:
        met = "met" if ours["over_zlib_6"] <= MOST_OVER else "not met"
        lines += ["", f"{OURS}, as pages go out: {_signed(ours)} % over zlib 6; aimed at {MOST_OVER} % at most: {met}."]
    return "\n".join(lines)


def _signed(row: Mapping[str, Any]) -> str:
    return f"{row['over_zlib_6']:+.1f}" if "over_zlib_6" in row else ""


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
        where = here()
        run = {
            "date": where.date,
            "commit": where.commit,
            "machine": f"{where.machine}, load {where.load_average}",
            "pages": len(pages),
            "mean_bytes": sum(map(len, pages)) // len(pages),
            "source": options.source or ("saved pages" if options.pages else "the demo's shop"),
            "rounds": options.rounds,
            "versions": {
                "Python": where.python,
                **{name: version(name) for name in ("isal", "brotli", "zstandard")},
                "zlib": zlib.ZLIB_RUNTIME_VERSION,
            },
        }
        with RESULTS.open("a", encoding="utf-8") as results:
            for row in (run, *measured(pages, options.rounds, packers(pages))):
                results.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(report(RESULTS))


if __name__ == "__main__":
    raise SystemExit(ended(main))
