"""The conformance report is made of its raw results, and tells what failed and what was not run."""

import asyncio
from pathlib import Path

import pytest

from bench.conformance.echo_origin import echo
from bench.conformance.records import Record, Run, read_records, write_records
from bench.conformance.report import report
from bench.conformance.suites import H1SPEC, CannotRun, ran

RESULTS = Path(__file__).parents[3] / "bench" / "results" / "conformance.jsonl"
RUN = Run("2026-01-02T03:04:05+00:00", "abc1234", "a machine", {"python": "3.11"})
RECORDS = [
    Record("messages", "Via, TRACE", True, "", {"passed": 3}),
    Record("h1spec", "Fragmented method", False, "timed out"),
    Record("cache-tests", "stale-close", True, "direct: error; through us: pass"),
    Record("cache-tests", "vary", True, "direct: pass; through us: pass"),
    Record("cache-tests", "outcomes direct", True, "", {"pass": 1, "error": 1}),
    Record("recipes", "recipes", None, "missing: haproxy"),
]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_records(tmp_path / "x.jsonl", RUN, RECORDS)
    assert read_records(tmp_path / "x.jsonl") == (RUN, RECORDS)


def test_report_counts_and_names() -> None:
    text = report(RUN, RECORDS)
    for line in (
        "| uNetworking/h1spec through Vitrina | 1 | 0 | 1 | 0 |",
        "| http-tests/cache-tests: no worse than the origin without us | 2 | 2 | 0 | 0 |",
        "| Recipes: nginx, Apache, HAProxy, Varnish in front | 1 | 0 | 0 | 1 |",
        "| direct | 1 | 0 | 0 | 1 |",
        "- stale-close: direct: error; through us: pass",
        "- h1spec: Fragmented method: timed out",
        "- recipes: recipes: missing: haproxy",
        "| Via, TRACE | 3 | 0 | 0 |",
    ):
        assert line in text.splitlines()
    assert "- vary" not in text


def test_the_committed_report_is_the_committed_results() -> None:
    assert RESULTS.with_suffix(".md").read_text("utf-8") == report(*read_records(RESULTS))


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="is not a folder"):
        H1SPEC.at(tmp_path / "none", tmp_path)
    with pytest.raises(CannotRun, match="missing: no-such-program"):
        ran(["no-such-program"])
    with pytest.raises(CannotRun, match="exit 3"):
        ran(["sh", "-c", "exit 3"])


async def test_the_origin_echoes_whatever_the_cut() -> None:
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        raw = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" * 2
        for byte in raw:
            writer.write(bytes((byte,)))
            await writer.drain()
        expected = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc" * 2
        assert await reader.readexactly(len(expected)) == expected
        writer.close()
        await writer.wait_closed()
