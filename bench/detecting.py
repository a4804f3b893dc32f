"""How well `detect` sees shops: recorded ones, La Gramola, a live django-oscar and made-up ones, against what is known.

The truth is written by hand for that shop, the platform that ships or selectors; the learner does not know it. Raw
results go to `bench/results/detect.jsonl`, the table of docs/reference/detect.md is made of them (`--report`).
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from selectolax.lexbor import LexborNode

from bench.ending import ended
from bench.events.recorded import RECORDINGS, SHOPS, recordings
from bench.machine import here
from clicks.detecting.sample import Sample, fold
from clicks.detecting.site import Learnt
from clicks.kinds import page_kind
from clicks.reading import listed_price
from clicks.rules import rules_of
from clicks.targets import parse_target
from config.platform import ListRule, PathRule, Platform
from config.platforms import load_platform
from tests.fixtures.invented.all_manners import MANNERS
from tests.fixtures.invented.manner import KINDS
from tests.fixtures.invented.serving import Shop, opened
from vitrina.crawling import Crawl

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results" / "detect.jsonl"
PAGE = ROOT / "docs" / "reference" / "detect.md"
UNSEEN = 12
"""Pages of a live shop that are looked at besides those that were learnt from."""

Counts = dict[str, int]
Result = dict[str, str | int | float]


@contextmanager
def recorded_shop(shop: str) -> Iterator[str]:
    """The recorded shop at an address of its own: what was not recorded is answered by a page of the same kind.

    Every form is accepted and leads home, with a new session.
    """
    platform = load_platform(SHOPS[shop])
    pages: dict[str, bytes] = {}
    by_kind: dict[str, bytes] = {}
    for one in recordings(shop):
        is_page = one.method == "GET" and one.status == 200 and "html" in one.told("content-type")
        if is_page and one.body and not one.name.startswith("x_"):
            pages.setdefault(one.target, one.body)
            by_kind.setdefault(page_kind(platform, parse_target(one.target.encode())), one.body)
    session = (*platform.session_cookies, "sessionid")[0]
    count = 0

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            kind = page_kind(platform, parse_target(self.path.encode()))
            body = pages.get(self.path) or (by_kind.get(kind) if kind in ("home", "category", "product") else None)
            host = self.headers.get("Host", "").encode()
            self._answer(200 if body else 404, re.sub(rb"127\.0\.0\.1:240\d\d", host, body or b"<p>Not found</p>"))

        def do_POST(self) -> None:
            nonlocal count
            count += 1
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            cookie = f"{session}={count:032x}; Path=/; HttpOnly"
            self._answer(302, b"", {"Location": "/", "Set-Cookie": cookie})

        def _answer(self, status: int, body: bytes, fields: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "text/html; charset=utf-8", **(fields or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def running(*command: str) -> Iterator[str]:
    """A shop of a program's own; its first line ends with its address or port."""
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = process.stdout.readline().split()
        yield f"http://127.0.0.1:{said[-1].strip('/').rpartition(':')[2]}"
    finally:
        process.terminate()
        process.wait()


def crawled(origin: str) -> tuple[Crawl, Learnt]:
    """The shop as `detect` sees it, without pauses."""
    crawl = Crawl(origin, origin.partition("://")[2], load_platform("generic"), lambda _: None, pause_s=0)
    return crawl, crawl.run("/")


def unseen(crawl: Crawl, truth: Platform) -> list[Sample]:
    """Lists and products of the shop that were not learnt from."""
    seen = {page.target.text for page in crawl.samples}
    more = Crawl(crawl.origin, crawl.host, crawl.ground, crawl.say, pause_s=0, max_pages=UNSEEN)
    links = {link.target.text: link for page in crawl.samples for link in page.links if link.target.text not in seen}
    for kind in ("category", "product"):
        texts = [text for text, link in links.items() if page_kind(truth, link.target) == kind]
        for text in texts[:: max(1, 2 * len(texts) // UNSEEN)]:
            more.take(text)
    return more.samples


def counted(pages: Sequence[Sample], truth: Platform, learnt: Learnt) -> Counts:
    """Blocks on these pages: `truth`, `found`, `right`, and of the right ones `named`, `priced`, `identified`."""
    counts = dict.fromkeys(("pages", "truth", "found", "right", "named", "priced", "identified"), 0)
    rules = rules_of(learnt.platform)
    # Numbered rankings are known as such and keep their order: no platform names them as lists.
    rankings = {one.rule.items for one in learnt.lists if one.is_ranking}
    lists = [rule for rule in learnt.platform.lists if rule.items not in rankings]
    for page in pages:
        counts["pages"] += 1
        blocks = {node.mem_id: (node, rule) for rule in truth.lists for node in page.tree.css(rule.items)}
        if page_kind(truth, page.target) in ("cart", "checkout", "order"):
            blocks = {}
        counts["truth"] += len(blocks)
        for rule in lists:
            for node in page.tree.css(rule.items):
                counts["found"] += 1
                known = _known(node, blocks)
                if known is None:
                    continue
                counts["right"] += 1
                theirs, true_rule = known
                counts["named"] += _named(node, rule, theirs, true_rule)
                price = _price(theirs, true_rule)
                counts["priced"] += price is None or price == _price(node, rule)
                url = next((t for a in _links(node) if (t := page.internal(a)) is not None), None)
                counts["identified"] += url is not None and rules.product_of(url.text) is not None
    return counts


def _known(node: LexborNode, blocks: dict[int, tuple[LexborNode, ListRule]]) -> tuple[LexborNode, ListRule] | None:
    """The block that this element is, is in, or is around."""
    inner: LexborNode | None = node
    while inner is not None:
        if inner.mem_id in blocks:
            return blocks[inner.mem_id]
        inner = inner.parent
    return next((blocks[each.mem_id] for each in node.css("*") if each.mem_id in blocks), None)


def _links(node: LexborNode) -> list[str | None]:
    return [anchor.attributes.get("href") for anchor in ([node] if node.tag == "a" else node.css("a[href]"))]


def _text(node: LexborNode, css: str) -> str:
    found = node.css_first(css) if css else None
    return fold(found.text(deep=True)) if found is not None else ""


def _named(node: LexborNode, rule: ListRule, theirs: LexborNode, true_rule: ListRule) -> bool:
    wanted = _text(theirs, true_rule.name_css)
    return not wanted or wanted in _text(node, rule.name_css) or _text(node, rule.name_css) in wanted != ""


def _price(node: LexborNode, rule: ListRule) -> int | None:
    if rule.price_attribute:
        told = node.css_first(rule.price_css) if rule.price_css else node
        return listed_price({"price": told.attributes.get(rule.price_attribute) if told is not None else None})
    return listed_price({"price": _text(node, rule.price_css), "words": "" if rule.price_css else node.text(deep=True)})


def measured(name: str, origin: str, truth: Platform, *, live: bool) -> list[Result]:
    """Crawl, learn, count: on the pages that were learnt from, and on others of a live shop."""
    crawl, learnt = crawled(origin)
    place = learnt.greeting
    parts: list[tuple[str, Sequence[Sample]]] = [("known", crawl.samples)]
    if live:
        parts.append(("unseen", unseen(crawl, truth)))
    return [
        {
            "shop": name,
            "pages are": which,
            **counted([page for page in pages if page.status == 200], truth, learnt),
            "greeting": place[0] if place else "",
            "lists": ", ".join(rule.items for rule in learnt.platform.lists),
        }
        for which, pages in parts
    ]


def all_results() -> Iterator[Result]:
    """Every shop that is there."""
    for shop, platform in SHOPS.items():
        if (RECORDINGS / shop).is_dir():
            with recorded_shop(shop) as origin:
                yield from measured(f"{shop}, recorded", origin, load_platform(platform), live=False)
    with running("-m", "demo.shop", "--port", "0") as origin:
        yield from measured("La Gramola", origin, load_platform("phoenix"), live=True)
    with tempfile.TemporaryDirectory() as folder, running("-m", "tests.fixtures.oscar_shop", folder, "0") as origin:
        yield from measured("django-oscar", origin, load_platform("oscar"), live=True)
    for manner in MANNERS:
        with opened(manner) as shop:
            yield from measured(f"made up: {manner.name}", f"http://{shop.host}", described(shop), live=True)


def described(shop: Shop) -> Platform:
    """What is known of a made-up shop: the addresses of its products and categories, and where its blocks are."""
    items, name_css, price_css = shop.manner.truth
    products = [parse_target(shop.target(shop.manner.url(item)).encode()) for item in shop.stock]
    categories = [parse_target(shop.target(shop.manner.category(n)).encode()) for n in range(len(KINDS))]
    return Platform(
        "made-up",
        kinds={
            "product": tuple(PathRule(target.path, dict(target.query)) for target in products),
            "category": tuple(PathRule(target.path, dict(target.query)) for target in categories),
        },
        lists=(_true_list(items, name_css, price_css),),
    )


def _true_list(items: str, name_css: str, price: str) -> ListRule:
    attribute = price.removeprefix("@")
    if attribute != price:
        return ListRule("truth", items, name_css=name_css, price_attribute=attribute)
    return ListRule("truth", items, name_css=name_css, price_css=price or "none")


def table(results: Sequence[Result]) -> list[str]:
    """The table of the reference page."""
    lines = [
        "| shop | pages | blocks | found | recall | precision | name | price | id or URL | greeting at |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in results:
        right, truth, found = (int(one[key]) for key in ("right", "truth", "found"))
        cells = [f"{one['shop']}", f"{one['pages']} {one['pages are']}", f"{truth}", f"{found}"]
        cells += [_share(right, truth), _share(right, found)]
        cells += [_share(int(one[key]), right) for key in ("named", "priced", "identified")]
        lines.append(f"| {' | '.join(cells)} | `{one['greeting']}` |")
    return lines


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def main() -> int:
    """Measure and keep the raw results; with --report only make the table anew."""
    parser = argparse.ArgumentParser(prog="python -m bench.detecting", description=__doc__)
    parser.add_argument("--report", action="store_true", help="make the table of the reference page of the raw results")
    arguments = parser.parse_args()
    if not arguments.report:
        where = here()
        when = {"date": where.date, "commit": where.commit}
        RESULTS.write_text("".join(json.dumps({**when, **one}) + "\n" for one in all_results()), "utf-8")
    results = read_results()
    head, _, rest = PAGE.read_text("utf-8").partition("<!-- results -->\n")
    tail = rest.partition("<!-- end of results -->")[2]
    PAGE.write_text("\n".join((f"{head}<!-- results -->", *table(results), f"<!-- end of results -->{tail}")), "utf-8")
    print("\n".join(table(results)))
    return 0


def read_results() -> list[Result]:
    """The raw results that are kept."""
    return [json.loads(line) for line in RESULTS.read_text("utf-8").splitlines()]


if __name__ == "__main__":
    sys.exit(ended(main))
