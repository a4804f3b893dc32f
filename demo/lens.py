"""The byte lens: the origin's page with exactly what changed coloured, and the figures. Pure: pages in, HTML out.

Invariant: "everything else identical" is only said after the page that went out was rebuilt from the origin's bytes and
the list of changes and compared byte for byte.
"""

import html
import time
from dataclasses import dataclass

from demo.lens_record import SeenPage
from transforms.page.edits import Change

CONTEXT_BYTES = 160
"""How much of an unchanged stretch is shown on either side of a change."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a page's changes amount to. `is_exact`: the rest was compared and is identical."""

    bytes_in: int
    bytes_out: int
    inserted: int
    removed: int
    moved: int
    is_exact: bool

    def sentence(self) -> str:
        """`61,233 bytes in, 61,645 out: 412 inserted, 5 records moved, everything else identical`."""
        parts = [f"{self.inserted:,} inserted"]
        if self.removed:
            parts.append(f"{self.removed:,} replaced")
        if self.moved:
            parts.append(f"{self.moved} record{'s' if self.moved > 1 else ''} moved")
        rest = "everything else identical" if self.is_exact else "THE REST DIFFERS"
        return f"{self.bytes_in:,} bytes in, {self.bytes_out:,} out: {', '.join(parts)}, {rest}"


def figures(page: SeenPage) -> Figures:
    """Count, and prove the rest identical."""
    inserted = removed = 0
    rebuilt, at = [], 0
    for change in _in_order(page):
        rebuilt += [page.before[at : change.start], change.replacement]
        at = change.end
        if not change.moved:
            inserted += len(change.replacement)
            removed += change.end - change.start
    rebuilt.append(page.before[at:])
    return Figures(
        bytes_in=len(page.before),
        bytes_out=len(page.after),
        inserted=inserted,
        removed=removed,
        moved=page.moved,
        is_exact=b"".join(rebuilt) == page.after,
    )


def lens_document(pages: list[SeenPage], chosen: SeenPage | None) -> str:
    """The whole lens: recent pages on the left, the chosen one coloured."""
    if chosen is None:
        body = (
            '<p class="empty">No personalised page yet. Open a page of the shop as '
            "José or Ana, then reload this one.</p>"
        )
        return _DOCUMENT.format(title="byte lens", recent="", body=body)
    recent = "".join(
        f'<li><a href="?at={page.time!r}"{" class=on" if page is chosen else ""}>'
        f"<b>{html.escape(page.host.partition('.')[0])}</b> {html.escape(page.target)}"
        f"<small>{time.strftime('%H:%M:%S', time.localtime(page.time))}, {page.added_us / 1000:.1f} ms added</small></a>"
        for page in pages
    )
    counted = figures(chosen)
    state = "exact" if counted.is_exact else "wrong"
    reasons = " ".join(
        f"<span class=reason>{html.escape(experience)} <b>{html.escape(code)}</b></span>"
        for experience, code in chosen.reasons
    )
    body = (
        f"<h1>{html.escape(chosen.host)}{html.escape(chosen.target)}</h1>"
        f'<p class="figures {state}">{html.escape(counted.sentence())}</p><p>{reasons}</p>'
        '<p class=legend><ins>inserted</ins> <del>replaced</del> <span class="unit moved">moved here</span> '
        '<span class="gap">identical bytes</span></p>'
        f"<pre>{_coloured(chosen)}</pre>"
    )
    return _DOCUMENT.format(title=html.escape(chosen.target), recent=f"<ol>{recent}</ol>", body=body)


def _in_order(page: SeenPage) -> list[Change]:
    return sorted(page.changes, key=lambda change: (change.start, change.end, change.edit))


def _coloured(page: SeenPage) -> str:
    charset = "utf-8" if "utf-8" in page.content_type.lower() else "latin-1"

    def shown(data: bytes) -> str:
        return html.escape(data.decode(charset, "replace"))

    parts, at = [], 0
    for change in _in_order(page):
        parts.append(_same(page.before[at : change.start], shown, first=at == 0))
        if change.moved:
            parts.append(_reordered(page.before, change, shown))
        else:
            if change.end > change.start:
                parts.append(f"<del>{shown(page.before[change.start : change.end])}</del>")
            if change.replacement:
                parts.append(f"<ins>{shown(change.replacement)}</ins>")
        at = change.end
    parts.append(_same(page.before[at:], shown, last=True))
    return "".join(parts)


def _reordered(before: bytes, change: Change, shown) -> str:  # type: ignore[no-untyped-def]
    """Each moved unit in its new place, with where it stood; `moved` lists the units of the positions that changed."""
    stood = {unit: number for number, unit in enumerate(sorted(change.moved), 1)}
    rows = []
    for position, unit in enumerate(change.moved, 1):
        was = stood[unit]
        if was == position:
            continue
        arrow = "↑" if was > position else "↓"
        text = shown(before[unit[0] : unit[1]])
        rows.append(
            f'<details class="unit moved"><summary>{arrow} was {_nth(was)} of these, now {_nth(position)}: '
            f"{len(before[unit[0] : unit[1]]):,} bytes, the very same</summary>{text}</details>"
        )
    return "".join(rows)


def _nth(number: int) -> str:
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number not in (11, 12, 13) else 0, "th")
    return f"{number}{suffix}"


def _same(data: bytes, shown, *, first: bool = False, last: bool = False) -> str:  # type: ignore[no-untyped-def]
    """An unchanged stretch: its ends, and the middle folded away."""
    if len(data) <= 3 * CONTEXT_BYTES:
        return str(shown(data))
    head = b"" if first else data[:CONTEXT_BYTES]
    tail = b"" if last else data[-CONTEXT_BYTES:]
    middle = data[len(head) : len(data) - len(tail)]
    return (
        f"{shown(head)}<details class=gap><summary>{len(middle):,} identical bytes</summary>{shown(middle)}</details>"
        f"{shown(tail)}"
    )


_DOCUMENT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Vitrina: {title}</title>
<meta name="viewport" content="width=device-width">
<style>
:root {{ --ink:#26211d; --paper:#faf7f2; --line:#e2d9cc; --ins:#c9efd0; --del:#f8d0cb; --move:#fdeebf; }}
body {{ margin:0; font:15px/1.5 system-ui,sans-serif; color:var(--ink); background:var(--paper); display:flex; }}
nav {{ width:250px; flex:none; border-right:1px solid var(--line); height:100vh; overflow:auto; position:sticky; top:0; }}
nav h2 {{ font-size:13px; letter-spacing:.08em; text-transform:uppercase; margin:20px 18px 6px; color:#85796b; }}
nav ol {{ list-style:none; margin:0; padding:0; }} nav small {{ display:block; color:#85796b; }}
nav a {{ display:block; padding:7px 18px; color:inherit; text-decoration:none; overflow-wrap:anywhere; }}
nav a.on {{ background:#efe6d8; }}
main {{ padding:26px 34px; min-width:0; flex:1; }} h1 {{ font-size:19px; margin:0; overflow-wrap:anywhere; }}
.figures {{ font-size:22px; font-weight:600; margin:10px 0; }} .exact::before {{ content:"✓ "; color:#2c8a43; }}
.wrong {{ color:#b3261e; }}
.reason {{ background:#efe6d8; border-radius:4px; padding:2px 8px; font-size:13px; margin-right:6px; }}
.legend {{ font-size:13px; }} .legend * {{ margin-right:10px; padding:1px 8px; }}
pre {{ background:#fff; border:1px solid var(--line); border-radius:8px; padding:18px; overflow:auto;
  white-space:pre-wrap; overflow-wrap:anywhere; font:12.5px/1.55 ui-monospace,"DejaVu Sans Mono",monospace; }}
ins {{ background:var(--ins); text-decoration:none; border-radius:3px; }}
del {{ background:var(--del); border-radius:3px; }}
.unit.moved {{ background:var(--move); border-left:3px solid #e0ac2b; border-radius:3px; margin:3px 0; padding:1px 8px; }}
details {{ display:block; }} .gap summary, span.gap {{ color:#9a8f80; }}
summary {{ cursor:pointer; }}
.empty {{ font-size:18px; }}
</style><nav><h2>Byte lens</h2>{recent}</nav><main>{body}</main></html>"""
