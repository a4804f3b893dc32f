"""`detect`: look at a handful of a shop's pages, say what was found, and write a configuration."""

import argparse
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from clicks.detecting.site import SURE, Learnt
from config.decode import host_mode
from config.platforms import load_platform
from config.values import checked_origin
from vitrina.commands.check import examined
from vitrina.commands.explain import recognised_platform
from vitrina.crawling import MAX_PAGES, PAUSE_S, Crawl
from vitrina.failures import ANSWER_NO, BAD_CONFIG, Failure
from vitrina.fetching import landing
from vitrina.site_file import site_file
from vitrina.terminal import paint

GREETINGS = {
    "ca": "Hola, {first_name}, benvingut de nou!",
    "de": "Hallo {first_name}, willkommen zurück!",
    "en": "Hello {first_name}, welcome back!",
    "es": "Hola, {first_name}, ¡bienvenido de nuevo!",
    "fr": "Bonjour {first_name}, heureux de vous revoir !",
    "it": "Ciao {first_name}, bentornato!",
    "nl": "Hallo {first_name}, welkom terug!",
    "pl": "Cześć {first_name}, witaj ponownie!",
    "pt": "Olá, {first_name}, bem-vindo de volta!",
}
"""A greeting in the language the shop's pages name."""


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "detect",
        help="look at a shop and write a configuration for it",
        description="Fetch a handful of pages, one at a time and as robots.txt allows, say what was found and how sure "
        "that is, and write a commented configuration that `check` accepts and `serve` runs. What is not sure is said, "
        "and left alone. Exit code 1 when no product list was found.",
    )
    parser.add_argument("origin", metavar="URL", help="the shop, for example https://your.shop")
    parser.add_argument(
        "--write", metavar="F", default="site.toml", help="file to write (default site.toml; - prints it)"
    )
    parser.add_argument("--force", action="store_true", help="overwrite an existing file")
    parser.add_argument(
        "--pages", metavar="N", type=int, default=MAX_PAGES, help=f"fetch at most N pages ({MAX_PAGES})"
    )
    parser.add_argument("--pause", metavar="S", type=float, default=PAUSE_S, help=f"seconds between two ({PAUSE_S})")
    parser.add_argument(
        "--describe", action="store_true", help="describe the shop in the file even if its platform is known by name"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Crawl, report, write."""
    if args.pages < 1 or args.pages > 200:
        raise Failure(f"--pages {args.pages}: expected 1 to 200", BAD_CONFIG)
    if args.pause < 0:
        raise Failure(f"--pause {args.pause}: expected 0 or more", BAD_CONFIG)
    parts = urlsplit(args.origin)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Failure(f"{args.origin!r}: expected a URL such as https://your.shop", BAD_CONFIG)
    to_stdout = args.write == "-"
    path = Path(args.write)
    if not to_stdout and path.exists() and not args.force:
        raise Failure(f"{path} exists; --force overwrites it, --write names another", BAD_CONFIG)
    origin, first = landing(args.origin)
    try:
        checked_origin(origin)
    except ValueError as error:
        raise Failure(f"{origin}: {error}", BAD_CONFIG) from None
    crawl = Crawl(
        origin, urlsplit(origin).netloc, load_platform("generic"), _say, pause_s=args.pause, max_pages=args.pages
    )
    learnt = crawl.run(first.target)
    known = recognised_platform(crawl.first) if crawl.first and not args.describe else None
    charset = Counter(crawl.charsets).most_common(1)[0][0]
    language = _language(crawl)
    text = site_file(
        origin, host_mode(origin), "./data", charset, learnt, known, GREETINGS.get(language, GREETINGS["en"])
    )
    report = sys.stderr if to_stdout else sys.stdout
    print(
        f"\n{paint(origin, 'bold', report)} {f'runs {known.name}' if known else 'runs no platform known by name'}",
        file=report,
    )
    for line in _report(learnt):
        print(line, file=report)
    if to_stdout:
        sys.stdout.write(text)
    else:
        path.write_text(text, "utf-8")
        _, problems = examined(str(path), None)
        for problem in problems:
            print(problem, file=report)
        print(f"wrote {paint(str(path), 'bold')}; next: python -m vitrina serve --config {path}")
    found = known is not None or any(one.confidence >= SURE for one in learnt.lists)
    return 0 if found else ANSWER_NO


def _say(line: str) -> None:
    print(paint(line, "dim", sys.stderr), file=sys.stderr, flush=True)


def _language(crawl: Crawl) -> str:
    for page in crawl.samples:
        root = page.tree.css_first("html")
        if root is not None and (lang := root.attributes.get("lang")):
            return lang.partition("-")[0].partition("_")[0].lower()
    return "en"


def _report(learnt: Learnt) -> list[str]:
    width = max(len(part.name) for part in learnt.parts)
    lines = []
    for part in learnt.parts:
        sure = "sure" if part.confidence >= SURE else "not found" if part.confidence == 0 else "not sure"
        lines.append(f"  {part.name:<{width}}  {sure:<9} {part.confidence:4.0%}  {part.found}")
    kinds = ", ".join(f"{count} {kind}" for kind, count in learnt.kinds.items())
    return [f"  pages seen: {kinds}", *lines]
