"""The byte lens: a personalised page beside its source, with exactly what changed coloured, and the figures.

Pure: pages in, HTML out. What the figures promise is proven in `demo.lens_figures`.
"""

import html
import time
from collections.abc import Callable
from urllib.parse import quote

from demo.lens_figures import Move, figures, in_order, moves
from demo.lens_record import SeenPage
from demo.personas import persona_at
from transforms.page.edits import Change

CONTEXT_BYTES = 120
"""How much of an unchanged stretch is shown on either side of a change."""

Shown = Callable[[bytes], str]
"""Bytes of the page as text of the lens."""


def lens_document(pages: list[SeenPage], chosen: SeenPage | None) -> str:
    """The whole lens: recent pages, and the chosen one as painted and as bytes."""
    if chosen is None:
        return _filled(title="byte lens", recent="", body=_EMPTY)
    recent = "".join(_recent(page, is_chosen=page is chosen) for page in pages)
    counted = figures(chosen)
    reasons = "".join(
        f"<span class=reason>{html.escape(experience)} <b>{html.escape(code)}</b></span>"
        for experience, code in chosen.reasons
    )
    body = (
        f"<h1>{html.escape(chosen.host)}{html.escape(chosen.target)}</h1>"
        f'<p class="figures {"exact" if counted.is_exact else "wrong"}">{html.escape(counted.sentence())}</p>'
        f"<p class=reasons>{reasons}</p><div class=panes>"
        "<section><h2>As the browser paints it, changes outlined</h2>"
        f'<div class=painted><iframe title="the page, changes outlined" '
        f'src="/_vitrina/demo/lens/page?at={_at(chosen)}"></iframe></div></section>'
        "<section><h2>The bytes <span class=legend><ins>inserted</ins> <del>replaced</del> "
        '<span class="unit">moved</span> <span class="same">identical</span></span></h2>'
        f"<pre>{_coloured(chosen)}</pre></section></div>"
    )
    return _filled(title=html.escape(chosen.target), recent=f"<ol>{recent}</ol>", body=body)


def _filled(*, title: str, recent: str, body: str) -> str:
    return _DOCUMENT.replace("TITLE", title).replace("RECENT", recent).replace("BODY", body)


def _at(page: SeenPage) -> str:
    return quote(repr(page.time))


def _recent(page: SeenPage, *, is_chosen: bool) -> str:
    persona = persona_at(page.host)
    name = persona.customer.firstname if persona and persona.customer else page.host.partition(".")[0]
    return (
        f'<li><a href="?at={_at(page)}"{" class=on" if is_chosen else ""}>'
        f"<b>{html.escape(name)}</b> {html.escape(page.target)}"
        f"<small>{time.strftime('%H:%M:%S', time.localtime(page.time))} · {page.added_us / 1000:.1f} ms added</small></a>"
    )


def _coloured(page: SeenPage) -> str:
    charset = "utf-8" if "utf-8" in page.content_type.lower() else "latin-1"

    def shown(data: bytes) -> str:
        return html.escape(data.decode(charset, "replace"))

    parts, at = [], 0
    for change in in_order(page):
        parts.append(_same(page.before[at : change.start], shown, first=at == 0))
        if change.moved:
            parts.append(_reordered(page, change, shown))
        else:
            if change.end > change.start:
                parts.append(f"<del>{shown(page.before[change.start : change.end])}</del>")
            if change.replacement:
                parts.append(f"<ins>{shown(change.replacement)}</ins>")
        at = change.end
    parts.append(_same(page.before[at:], shown, last=True))
    return "".join(parts)


def _reordered(page: SeenPage, change: Change, shown: Shown) -> str:
    """Each moved record in its new place, with where it stood."""
    return "".join(_moved(page.before, move, shown) for move in moves(page, change))


def _moved(before: bytes, move: Move, shown: Shown) -> str:
    is_up = move.now < move.was
    title = f": <b>{html.escape(move.title)}</b>" if move.title else ""
    scope = "" if move.is_of_list else " of these"
    size = f"{move.end - move.start:,} bytes, the very same"
    parts, at = [], move.start
    for start, end, new in move.rewrites:
        size = f"{move.end - move.start:,} bytes, the class apart"
        old, fresh, skipped = _differing(before[start:end], new)
        parts.append(f"{shown(before[at : start + skipped])}<del>{shown(old)}</del><ins>{shown(fresh)}</ins>")
        at = start + skipped + len(old)
    parts.append(shown(before[at : move.end]))
    return (
        f'<details class="unit {"up" if is_up else "down"}"><summary>{"↑" if is_up else "↓"} was {_nth(move.was)}{scope}, '
        f"now {_nth(move.now)}{title} <small>{size}</small></summary>{''.join(parts)}</details>"
    )


def _differing(old: bytes, new: bytes) -> tuple[bytes, bytes, int]:
    """`old` and `new` without the words they begin and end with in common, and how many bytes the former had."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    start = old.rfind(b" ", 0, start) + 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    tail = old[len(old) - end :]
    end = len(tail) - tail.find(b" ") if b" " in tail else 0
    return old[start : len(old) - end], new[start : len(new) - end], start


def _nth(number: int) -> str:
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0, "th")
    return f"{number}{suffix}"


def _same(data: bytes, shown: Shown, *, first: bool = False, last: bool = False) -> str:
    """An unchanged stretch: its ends, from a line's start to a line's end where one is near, the middle folded away."""
    size = len(data)
    if size <= 4 * CONTEXT_BYTES:
        return shown(data)
    head, tail = (0 if first else CONTEXT_BYTES), (size if last else size - CONTEXT_BYTES)
    if not first:
        head = data.find(b"\n", head, 2 * CONTEXT_BYTES) + 1 or head
    if not last:
        tail = data.rfind(b"\n", size - 2 * CONTEXT_BYTES, tail) + 1 or tail
    middle = data[head:tail]
    return (
        f"{shown(data[:head])}<details class=same><summary>{len(middle):,} identical bytes</summary>{shown(middle)}"
        f"</details>{shown(data[tail:])}"
    )


_EMPTY = """<div class=empty><h1>Nothing to see yet</h1><p>The lens shows the pages that were changed for somebody, byte by byte.
Open the shop as José or Ana with the links in the terminal, then <a href="">reload this page</a>.</p></div>"""

_DOCUMENT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Vitrina: TITLE</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<style>
:root { --ink:#26211d; --paper:#faf7f2; --line:#e2d9cc; --soft:#85796b; --ins:#c9efd0; --del:#f8d0cb; --move:#fdeebf; }
* { box-sizing:border-box; }
body { margin:0; font:15px/1.5 system-ui,sans-serif; color:var(--ink); background:var(--paper); display:flex; }
nav { width:205px; flex:none; border-right:1px solid var(--line); height:100vh; overflow:auto; position:sticky; top:0; }
nav h2 { font-size:13px; letter-spacing:.08em; text-transform:uppercase; margin:18px 16px 6px; color:var(--soft); }
nav ol { list-style:none; margin:0; padding:0; } nav small { display:block; color:var(--soft); }
nav a { display:block; padding:6px 16px; color:inherit; text-decoration:none; overflow-wrap:anywhere; }
nav a.on { background:#efe6d8; } nav a:hover { background:#f4ede1; }
main { padding:16px 24px; min-width:0; flex:1; height:100vh; display:flex; flex-direction:column; }
h1 { font-size:14px; font-weight:500; color:var(--soft); margin:0; overflow-wrap:anywhere; }
.figures { font-size:21px; line-height:1.3; font-weight:650; margin:2px 0 8px; }
.exact::before { content:"✓ "; color:#2c8a43; } .wrong { color:#b3261e; }
.reasons { margin:0 0 10px; } .reason { background:#efe6d8; border-radius:4px; padding:2px 8px; font-size:12.5px; margin-right:6px; }
.panes { display:grid; grid-template-columns:minmax(0,1fr) minmax(0,1fr); gap:18px; flex:1; min-height:0; }
.panes section { display:flex; flex-direction:column; min-height:0; }
.panes h2 { font-size:13px; font-weight:600; margin:0 0 6px; color:var(--soft); }
.legend { float:right; font-weight:400; } .legend * { padding:1px 7px; }
.painted, pre { border:1px solid var(--line); border-radius:8px; flex:1; min-height:0; margin:0; background:#fff; }
.painted { overflow:hidden; } .painted iframe { border:0; width:1000px; transform-origin:0 0; }
pre { padding:14px; overflow:auto; white-space:pre-wrap; overflow-wrap:anywhere;
  font:12px/1.55 ui-monospace,"DejaVu Sans Mono",monospace; }
ins { background:var(--ins); text-decoration:none; border-radius:3px; }
del { background:var(--del); border-radius:3px; }
.unit { background:var(--move); border-left:4px solid #e0ac2b; border-radius:3px; margin:3px 0; padding:1px 8px; }
.unit.down { background:#faf5e6; border-left-color:#e3d6b4; } .unit small { color:var(--soft); }
.same, .same summary { color:#9a8f80; } summary { cursor:pointer; }
.empty { max-width:520px; margin:12vh auto; font-size:17px; } .empty h1 { font-size:26px; font-weight:650; color:var(--ink); }
@media (max-width:900px) {
  body { display:block; } nav { width:auto; height:auto; max-height:128px; position:static; border-right:0; border-bottom:1px solid var(--line); }
  main { height:auto; padding:14px; } .panes { grid-template-columns:minmax(0,1fr); } .painted { flex:none; height:70vh; } .legend { float:none; }
  .figures { font-size:18px; } .reason { display:inline-block; margin-bottom:4px; }
}
</style><nav><h2>Byte lens</h2>RECENT</nav><main>BODY</main>
<script>
const pane = document.querySelector(".painted"), frame = document.querySelector("iframe");
const fit = () => {
  const scale = pane.clientWidth / 1000;
  frame.style.transform = `scale(${scale})`;
  frame.style.height = `${pane.clientHeight / scale}px`;
};
if (frame) { addEventListener("resize", fit); fit(); }
</script></html>"""
