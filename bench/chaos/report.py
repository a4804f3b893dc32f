"""The report, made of the records alone."""

from collections.abc import Sequence

from bench.chaos.records import Figure, Record, Run

_LEGEND = """\
Visitors ask for pages that nobody asked for before, before, while and after each fault is done. Of what they `asked`,
connections broke (`cut`, as where processes are killed), or had another answer (`not 200`), or `wrong bytes`: neither
the shop's nor these with one insertion. An answer that came whole is `completed`: its click must be in the stream once
(`lost`, `doubled`) and in its order (`out_of_order`), in its visitor's profile once (`folded_short`, `folded_over`), so
these are 0 in every case. Pages while the fault lasts are `original` or `personalised`."""


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
        "",
        _LEGEND,
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
