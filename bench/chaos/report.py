"""The report, made of the records alone."""

from collections.abc import Sequence

from bench.chaos.records import Figure, Record, Run


def report(run: Run, records: Sequence[Record]) -> str:
    """Markdown."""
    cases = [record for record in records if not _is_raw(record)]
    lines = [
        f"# Chaos, {run.date[:10]}, commit {run.commit}{', short form' if run.is_short else ''}",
        "",
        f"{run.machine}; " + ", ".join(f"{name} {version}" for name, version in run.versions.items()) + ".",
        f"Made from the raw results beside it, seed {run.seed}; nothing here is not in there.",
        "",
        f"{len(cases)} cases: " + ", ".join(f"{count} {word}" for word, count in _counts(cases).items()) + ".",
    ]
    for fault in dict.fromkeys(record.fault for record in cases):
        mine = [case for case in cases if case.fault == fault]
        lines += ["", f"## {fault}", "", "| case | | figures |", "|---|---|---|"]
        for case in mine:
            verdict = {True: "passed", False: "**failed**", None: "not run"}[case.passed]
            detail = f"; {case.detail}" if case.detail else ""
            lines.append(f"| {case.name} | {verdict} | {_figures(case)}{detail} |")
    return "\n".join(lines) + "\n"


def _counts(cases: Sequence[Record]) -> dict[str, int]:
    kinds = {"passed": True, "failed": False, "not run": None}
    return {word: sum(case.passed is kind for case in cases) for word, kind in kinds.items()}


def _is_raw(record: Record) -> bool:
    """A line that a case was made of."""
    return record.passed is None and bool(record.figures)


def _figures(case: Record) -> str:
    return ", ".join(f"{name} {_number(value)}" for name, value in case.figures.items())


def _number(value: Figure) -> str:
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value
