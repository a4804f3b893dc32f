"""The report, made of the records alone."""

from collections.abc import Sequence

from bench.conformance.records import Record, Run

_TITLES = {
    "messages": "Message table ([what we do](../../docs/reference/messages.md))",
    "h1spec": "uNetworking/h1spec through Vitrina",
    "cache-tests": "http-tests/cache-tests: no worse than the origin without us",
    "websockets": "WebSocket with the `websockets` library's client and server",
    "recipes": "Recipes: nginx, Apache, HAProxy, Varnish in front",
}


def report(run: Run, records: Sequence[Record]) -> str:
    """Markdown."""
    lines = [
        f"# Conformance, {run.date[:10]}, commit {run.commit}",
        "",
        f"{run.machine}; " + ", ".join(f"{name} {version}" for name, version in run.versions.items()) + ".",
        "Made by `make conformance` from `conformance.jsonl`; nothing here is not in there.",
        "",
        "| part | cases | passed | failed | not run |",
        "|---|---|---|---|---|",
    ]
    for part, title in _TITLES.items():
        cases = [record for record in records if record.part == part and not record.name.startswith("outcomes ")]
        numbers = [sum(case.passed is kind for case in cases) for kind in (True, False, None)]
        cells = [str(len(cases)), *map(str, numbers)] if cases else ["–"] * 4
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    lines += _of_cache_tests(records)
    lines += _of_messages(records)
    for heading, kind in (("Failed", False), ("Not run", None)):
        found = [record for record in records if record.passed is kind]
        if found:
            lines += ["", f"## {heading}", "", *(f"- {one.part}: {one.name}: {one.detail}" for one in found)]
    return "\n".join(lines) + "\n"


def _of_cache_tests(records: Sequence[Record]) -> list[str]:
    sides = [record for record in records if record.part == "cache-tests" and record.name.startswith("outcomes ")]
    if not sides:
        return []
    lines = ["", "## cache-tests", "", "| | pass | fail | setup | error |", "|---|---|---|---|---|"]
    for side in sides:
        counts = (str(side.counts.get(outcome, 0)) for outcome in ("pass", "fail", "setup", "error"))
        lines.append(f"| {side.name.removeprefix('outcomes ')} | " + " | ".join(counts) + " |")
    lines += [
        "",
        "The suite is for caches, and neither its origin nor we are one: most cases cannot be told (`setup`) or fail",
        "for want of a cache, the same on both sides.",
    ]
    changed = [
        record
        for record in records
        if record.part == "cache-tests" and record.detail and len(set(_outcomes(record.detail))) > 1
    ]
    if changed:
        lines += ["", "Other with us than without:", "", *(f"- {record.name}: {record.detail}" for record in changed)]
    return lines


def _outcomes(detail: str) -> list[str]:
    return [part.rpartition(": ")[2] for part in detail.replace(", again", "; again").split("; ")]


def _of_messages(records: Sequence[Record]) -> list[str]:
    found = [record for record in records if record.part == "messages"]
    if not found:
        return []
    lines = ["", "## Message table", "", "| topic | cases passed | failed | skipped |", "|---|---|---|---|"]
    lines += [
        f"| {record.name} | " + " | ".join(str(record.counts.get(k, 0)) for k in ("passed", "failed", "skipped")) + " |"
        for record in found
    ]
    return lines
