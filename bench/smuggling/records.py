"""Raw results as JSON lines (the run, what became of each seed's cases, every finding), and the report of them."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.machine import Where
from bench.smuggling.running import Tally

MOST_FINDINGS = 100
"""Kept of one front; all are counted."""


@dataclass(frozen=True, slots=True)
class Result:
    """One front: its tallies by seed, what the origin was sent, and what readers found in it."""

    front: str
    version: str
    requests: int
    """That reached the origin."""
    found: int
    tallies: Mapping[str, Tally]
    findings: Sequence[tuple[str, str]] = field(default_factory=list)
    """Who read what in another way, and the bytes (as latin-1)."""


def write(path: Path, where: Where, count: int, seed: int, results: Sequence[Result]) -> None:
    """All of it, to be read by `read`."""
    rows: list[Mapping[str, object]] = [{"count": count, "seed": seed, **asdict(where)}]
    for result in results:
        told = asdict(result)
        rows.append({key: told[key] for key in ("front", "version", "requests", "found")})
        rows += [{"front": result.front, "of": name, **asdict(tally)} for name, tally in result.tallies.items()]
        rows += [{"front": result.front, "who": who, "bytes": data} for who, data in result.findings]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def read(path: Path) -> tuple[Where, int, int, list[Result]]:
    """What `write` wrote."""
    first, *rows = map(json.loads, path.read_text("utf-8").splitlines())
    count, seed = first.pop("count"), first.pop("seed")
    results: list[Result] = []
    for row in rows:
        if "version" in row:
            results.append(Result(**row, tallies={}, findings=[]))
            continue
        del row["front"]
        if "of" in row:
            name = row.pop("of")
            results[-1] = _with(results[-1], {**results[-1].tallies, name: Tally(**row)})
        else:
            results[-1] = _with(results[-1], found=(*results[-1].findings, (row["who"], row["bytes"])))
    return Where(**first), count, seed, results


def _with(
    result: Result, tallies: Mapping[str, Tally] | None = None, found: Sequence[tuple[str, str]] | None = None
) -> Result:
    return Result(
        result.front,
        result.version,
        result.requests,
        result.found,
        result.tallies if tallies is None else tallies,
        result.findings if found is None else found,
    )


def total(result: Result) -> Tally:
    """All seeds together."""
    whole = Tally()
    for tally in result.tallies.values():
        whole.cases += tally.cases
        whole.ambiguous += tally.ambiguous
        whole.passed += tally.passed
        whole.statuses = dict(Counter(whole.statuses) + Counter(tally.statuses))
        whole.foreign += tally.foreign
    return whole


def report(where: Where, count: int, seed: int, results: Sequence[Result]) -> str:
    """Markdown, of nothing but the records."""
    lines = [
        "# Request smuggling",
        "",
        f"{where.line()}.",
        f"{count:,} requests to each front, grown from {len(results[0].tallies)} seeds (random seed {seed}); made by",
        "`make smuggling` from `smuggling.jsonl`; nothing here is not in there.",
        "",
        "An origin behind each front lets 14 readers with the habits that published attacks rely on, h11 and",
        "httptools judge every request it is sent. **Read in two ways**: one of them finds another request, or another",
        "end of it, in bytes that the front sent on, so that an origin of that habit can be smuggled to. **Foreign",
        "answers**: a client got the answer to another's request. **Ambiguous, let through**: what the client sent is",
        "read in two ways, and the front answered with something of the origin all the same (safe where it framed the",
        "request anew).",
        "",
        "| | requests | reached the origin | read in two ways | foreign answers | ambiguous | of these let through |",
        "|---|---|---|---|---|---|---|",
    ]
    for result in results:
        whole = total(result)
        lines.append(
            f"| {result.front} {result.version} | {whole.cases:,} | {result.requests:,} | {result.found:,} "
            f"| {len(whole.foreign)} | {whole.ambiguous:,} | {whole.passed:,} |"
        )
    lines += ["", "| first answer | " + " | ".join(result.front for result in results) + " |"]
    lines.append("|---" * (1 + len(results)) + "|")
    statuses = sorted({status for result in results for status in total(result).statuses})
    for status in statuses:
        cells = (f"{total(result).statuses.get(status, 0):,}" for result in results)
        lines.append(f"| {status} | " + " | ".join(cells) + " |")
    lines += ["", "`none`: closed, or still waiting for more of the request after a moment, without an answer."]
    for result in results:
        kinds = Counter(who.partition(":")[0] for who, _ in result.findings)
        if kinds:
            kept = (
                f" (the first {len(result.findings)} of {result.found:,})"
                if len(result.findings) < result.found
                else ""
            )
            lines += [
                "",
                f"## {result.front}: read in two ways{kept}",
                "",
                "| reader | times | for example |",
                "|---|---|---|",
            ]
            for who, times in kinds.most_common():
                example = next(data for reader, data in result.findings if reader.partition(":")[0] == who)
                shown = repr(example[:160])[1:-1].replace("|", "\\|").replace("`", "'")
                lines.append(f"| {who} | {times} | `{shown}` |")
    return "\n".join(lines) + "\n"
