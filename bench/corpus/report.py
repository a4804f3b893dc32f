"""The report of a corpus run, worked out from its records alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

BAD = {
    "bad:bytes": "bytes changed outside edits",
    "bad:no edits": "another object without edits",
    "bad:meaning by html5lib": "accepted edits that break parse(splice) == mutate(parse), by html5lib",
    "bad:meaning by justhtml": "accepted edits that break parse(splice) == mutate(parse), by justhtml",
    "bad:range": "ranges that selectolax does not find there",
    "bad:hit": "template hits that differ from a fresh parse",
    "bad:crash": "crashes",
    "bad:hang": "hangs",
}
"""What must be zero."""


def report(records: Sequence[Mapping[str, Any]]) -> tuple[str, bool]:
    """The report as Markdown, and whether all that must be zero is."""
    head, pages = records[0], records[1:]
    total: Counter[str] = Counter()
    lines = ["# Corpus", "", ", ".join(f"{name} {value}" for name, value in head.items()), ""]
    lines += [
        "| source | pages | mutations | edits tried | made | html5lib agreed | justhtml agreed | hits |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for source in dict.fromkeys(record["source"] for record in pages):
        of_source: Counter[str] = Counter()
        for record in pages:
            if record["source"] == source:
                of_source += Counter(record["counts"]) + Counter(pages=1, mutations=record.get("mutations", 0))
        total += of_source
        names = ("pages", "mutations", "edits", "made", "html5lib", "justhtml", "hits")
        lines.append(f"| {source} | " + " | ".join(f"{of_source[name]:,}" for name in names) + " |")
    lines += ["", "| must be zero | found |", "|---|---|"]
    lines += [f"| {meaning} | {total[name]} |" for name, meaning in BAD.items()]
    slowest = max((record.get("max_ms", 0) for record in pages), default=0)
    lines += ["", f"Slowest body, all its edits and proofs together: {slowest:,.0f} ms."]
    lines += ["", "| why an edit was not made | edits |", "|---|---|"]
    lines += [f"| {name[3:]} | {count:,} |" for name, count in total.most_common() if name.startswith("no:")]
    lines += ["", "| why a page was left alone | bodies |", "|---|---|"]
    lines += [f"| {name[5:]} | {count:,} |" for name, count in total.most_common() if name.startswith("page:")]
    left_out = ", ".join(f"{name[8:]} {count:,}" for name, count in total.most_common() if name.startswith("opinion:"))
    lines += ["", f"Sets of edits on which an opinion is missing: {left_out or 'none at all'}.", *_editable(pages)]
    return "\n".join(lines), not any(total[name] for name in BAD)


def _editable(pages: Sequence[Mapping[str, Any]]) -> list[str]:
    by_source: dict[str, Counter[str]] = {}
    for record in pages:
        if "editable" in record:
            by_source.setdefault(record["source"], Counter()).update(record["editable"])
    if not by_source:
        return []
    by_source["all"] = sum(by_source.values(), Counter())
    columns = ("attribute", "beside", "removed", "editable")
    lines = [
        "",
        "Of elements with explicit tags on real pages: takes an attribute; text beside it; its removal; attribute and",
        "removal. And of pages: takes an insertion before `</body>`.",
        "",
        "| source | elements | " + " | ".join(columns) + " | pages | body end |",
        "|---|---|" + "---|" * (len(columns) + 2),
    ]
    for source, found in by_source.items():
        shares = [f"{_share(found[name], found['elements'])}" for name in columns]
        ends = _share(found["pages with an end"], found["pages"])
        lines.append(
            f"| {source} | {found['elements']:,} | " + " | ".join(shares) + f" | {found['pages']:,} | {ends} |"
        )
    return lines


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "-"
