"""A page that comes piece by piece, each painted before the next comes.

How often a browser paints a page that comes fast is chance, and what moves between two paints is the layout shift. So
the browser that was sent a page parses it once more, and paints where it is told to: `document.write` parses all of a
piece at once, where a parser that reads from the network pauses within one as it pleases.
"""

import re

from playwright.sync_api import Page

BLOCK_ENDS = re.compile(r"</(?:table|tr|div|p|ul|h[1-6])>")
_WRITE = """
async ([pieces, style]) => {
    const shifts = [];
    const tell = node => node && (node.outerHTML || node.textContent).slice(0, 60);
    const add = entry => shifts.push(`${entry.value}: ${entry.sources.map(source => tell(source.node)).join(", ")}`);
    const observer = new PerformanceObserver(list => list.getEntries().forEach(add));
    observer.observe({type: "layout-shift"});
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    document.open();
    for (const piece of pieces) {
        document.write(piece);
        document.adoptedStyleSheets = [sheet];
        await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    }
    const loaded = new Promise(done => addEventListener("load", done));
    document.close();
    await loaded;
    await new Promise(done => setTimeout(done, 400));
    observer.takeRecords().forEach(add);
    return shifts;
}
"""


def pieces(body: str, ends: re.Pattern[str] = BLOCK_ENDS, least: int = 1500) -> list[str]:
    """`body` cut after what matches `ends`, in pieces of at least `least` characters but for the last."""
    cut, start = [], 0
    for end in ends.finditer(body):
        if end.end() - start >= least:
            cut.append(body[start : end.end()])
            start = end.end()
    return [*cut, body[start:]]


def shifts(page: Page, pieces: list[str], style: str = "") -> list[str]:
    """Write a page anew over `page`, under `style`; all layout shifts while and after it comes: how much, and what."""
    found: list[str] = page.evaluate(_WRITE, [pieces, style])
    return found
