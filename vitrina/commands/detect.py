"""`detect`: look at a handful of a shop's pages, say what was found, and write a configuration."""

import argparse
import sys
from pathlib import Path
from urllib.parse import urlsplit

from clicks.detecting.site import SURE, Learnt
from config.decode import host_mode
from config.values import checked_origin
from vitrina.commands.check import examined
from vitrina.crawling import MAX_PAGES, PAUSE_S
from vitrina.failures import ANSWER_NO, BAD_CONFIG, Failure
from vitrina.fetching import landing
from vitrina.looking import Looked, look_at
from vitrina.site_file import site_file
from vitrina.terminal import paint


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
    looked = look_at(origin, first.target, _say, pause_s=args.pause, max_pages=args.pages, by_name=not args.describe)
    text = site_file(looked, host_mode(origin), "./data")
    report = sys.stderr if to_stdout else sys.stdout
    print(
        f"\n{paint(origin, 'bold', report)} {_platform(looked)}",
        file=report,
    )
    for line in _report(looked.learnt):
        print(line, file=report)
    if to_stdout:
        sys.stdout.write(text)
    else:
        path.write_text(text, "utf-8")
        _, problems = examined(str(path), None)
        for problem in problems:
            print(problem, file=report)
        print(f"wrote {paint(str(path), 'bold')}; next: python -m vitrina serve --config {path}")
    return 0 if looked.has_lists else ANSWER_NO


def _platform(looked: Looked) -> str:
    return f"runs {looked.known.name}" if looked.known else "runs no platform known by name"


def _say(line: str) -> None:
    print(paint(line, "dim", sys.stderr), file=sys.stderr, flush=True)


def _report(learnt: Learnt) -> list[str]:
    width = max(len(part.name) for part in learnt.parts)
    lines = []
    for part in learnt.parts:
        sure = "sure" if part.confidence >= SURE else "not found" if part.confidence == 0 else "not sure"
        lines.append(f"  {part.name:<{width}}  {sure:<9} {part.confidence:4.0%}  {part.found}")
    kinds = ", ".join(f"{count} {kind}" for kind, count in learnt.kinds.items())
    return [f"  pages seen: {kinds}", *lines]
