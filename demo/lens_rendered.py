"""The personalised page as a browser paints it, with its changes outlined: a copy for the byte lens, never a page of
the shop. Pure."""

import re
from collections.abc import Iterator

from demo.lens_figures import in_order, moves
from demo.lens_record import SeenPage

_TAG = re.compile(rb"<[A-Za-z][^\s/>]*")
_STYLE = b"""<style>
[data-vitrina] { position:relative; }
[data-vitrina=new] { outline:3px solid #2c8a43; outline-offset:2px; }
mark[data-vitrina=new] { background:#c9efd0; color:inherit; outline:0; padding:2px 6px; border-radius:4px; }
[data-vitrina=up], [data-vitrina=down] { outline:3px solid #e0ac2b; }
[data-vitrina=down] { outline:2px dashed #cbb98f; }
[data-was]::after { content:attr(data-was); position:absolute; left:0; top:0; background:#e0ac2b; color:#26211d;
  font:bold 15px/1 sans-serif; padding:5px 8px; border-radius:0 0 6px 0; }
[data-vitrina=down]::after { background:#e9dfc6; }
</style>"""


def rendered(page: SeenPage) -> bytes:
    """The page that went out, its inserted parts and moved records marked, in the page's own charset."""
    html = b"".join(_marked(page))
    head = html.lower().find(b"</head")
    return html if head < 0 else html[:head] + _STYLE + html[head:]


def _marked(page: SeenPage) -> Iterator[bytes]:
    before, at = page.before, 0
    for change in in_order(page):
        yield before[at : change.start]
        at = change.end
        if change.moved:
            inside = change.start
            for place, move in zip(sorted(change.moved), moves(page, change), strict=True):
                yield before[inside : place[0]]
                arrow = "&uarr;" if move.now < move.was else "&darr;"
                direction = "up" if move.now < move.was else "down"
                yield _with(move.bytes_of(before), f'data-vitrina="{direction}" data-was="{arrow} was {move.was}"')
                inside = place[1]
            yield before[inside : change.end]
        elif change.kind == "set_attribute" or not change.replacement:
            yield change.replacement
        elif change.replacement.startswith(b"<"):
            yield _with(change.replacement, 'data-vitrina="new"')
        else:
            yield b'<mark data-vitrina="new">%b</mark>' % change.replacement
    yield before[at:]


def _with(element: bytes, attributes: str) -> bytes:
    """The element with more attributes in its start tag; unchanged when it does not begin with one."""
    tag = _TAG.match(element)
    return element if tag is None else b"%b %b%b" % (tag[0], attributes.encode("ascii"), element[tag.end() :])
