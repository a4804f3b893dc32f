"""The operator's first page: how it is, what to look at, and where the rest is.

Invariant: it only shows; nothing on it changes anything.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

SHOWN_SAFELY: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
SHOWN: Final = (
    ("connections", "clients connected now"),
    ("requests", "requests"),
    ("html", "HTML pages that could be read"),
    ("personalised", "pages that went out changed"),
    ("hit", "pages known without a parse"),
    ("origin_errors", "502 and 504: the shop did not answer"),
    ("shed", "503: too much at once"),
    ("fail_open", "failures of ours; the page went out as it came"),
    ("spool_depth", "clicks on their way to Redis"),
    ("clicks_lost", "clicks that could not be written"),
)
"""Counters and gauges worth a first look, in the order of the how-to "Watch it"."""
_LINKS: Final = (
    ("/ready", "for a load balancer: 200, or 503 with the reasons"),
    ("/live", "for a supervisor: 200 while it is up"),
    ("/metrics", "for Prometheus"),
    ("/status", "the same and all counters, as JSON"),
)
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Vitrina: {state}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 44em; margin: 2em auto; padding: 0 1em }}
table {{ border-collapse: collapse }} td {{ padding: .2em 1em .2em 0; border-bottom: 1px solid #ddd }}
td.n {{ text-align: right; font-variant-numeric: tabular-nums }}
</style></head>
<body><h1>Vitrina: {state}</h1>
<p>{workers} {worker_word}; personalising is {switch} (<code>python -m vitrina {turn}</code> turns it {turn}).</p>
{reasons}<table>
{rows}
</table>
<h2>More</h2>
<ul>
{links}
</ul>
<p>Keep this address private: it has no login.</p>
</body></html>
"""


def operator_page(state: str, workers: int, reasons: Sequence[str], *, is_on: bool, totals: Mapping[str, int]) -> str:
    """HTML. `reasons`: why it is not ready or degraded; `totals`: counters and gauges by name."""
    return _PAGE.format(
        state=escape(state),
        workers=workers,
        worker_word="worker" if workers == 1 else "workers",
        switch="on" if is_on else "off",
        turn="off" if is_on else "on",
        reasons="".join(f"<p><strong>{escape(reason)}</strong></p>\n" for reason in reasons),
        rows="\n".join(
            f'<tr><td class="n">{totals[name]}</td><td>{meaning}</td><td><code>{name}</code></td></tr>'
            for name, meaning in SHOWN
        ),
        links="\n".join(f'<li><a href="{path}">{path}</a>: {meaning}</li>' for path, meaning in _LINKS),
    )
