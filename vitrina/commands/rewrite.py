"""`rewrite`: the same engine offline, on a page from stdin or on a folder, with a report of every byte range."""

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

from clicks.catalogue import Product, taught
from clicks.recognising import recognise
from clicks.targets import Target, page_key, parse_target
from config.platform import Platform
from config.platforms import PLATFORM_NAMES, load_platform, platform_of
from config.settings import Settings
from proxy.places import Places
from storage.catalogue import learnt
from transforms.personaliser import Outcome, PageContext, Personaliser
from visitors.profile import Profile
from visitors.visitor import Visitor
from vitrina.commands.arguments import add_config, read_text, required_config
from vitrina.commands.check import checked_settings
from vitrina.failures import BAD_CONFIG, Failure
from vitrina.profile_json import from_json

PAGE_SUFFIXES = (".html", ".htm", ".xhtml")
URLS_FILE = "urls.tsv"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "rewrite",
        help="personalise saved pages offline, with a report of every byte range",
        description="Personalise a page from stdin to stdout, or every page of a folder, with the engine that `serve` "
        "uses. Holdout and rollout do not apply. Offline there is no login to prove: a profile with a name or marked "
        "as customer counts as signed in, unless --signed-out. What is known of products is what the pages at hand "
        f"say. In a folder, {URLS_FILE} (file, tab, URL) names pages' URLs; otherwise a page's URL is its path.",
    )
    add_config(parser)
    parser.add_argument("--profile", metavar="P.json", help="the visitor's profile (default: an unknown visitor)")
    parser.add_argument("--url", metavar="U", default="/", help="URL of the page on stdin (default: /)")
    parser.add_argument("--content-type", metavar="T", default="text/html", help="the page's Content-Type")
    parser.add_argument("--signed-out", action="store_true", help="the login of this visitor is not proven")
    parser.add_argument("--report", metavar="R.jsonl", help="write one JSON object per page: edits, ranges, refusals")
    parser.add_argument("--batch", metavar="DIR", help="rewrite every page below this folder")
    parser.add_argument("--out", metavar="DIR", help="where the pages of --batch go")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Rewrite one page or a folder."""
    if (args.batch is None) != (args.out is None):
        raise Failure("--batch and --out belong together", BAD_CONFIG)
    settings = _for_everybody(checked_settings(required_config(args)))
    now = time.time()
    profile = None
    if args.profile is not None:
        profile = from_json(read_text(args.profile), args.profile, now)
    pages = _pages(args)
    offline = _Offline(
        settings, _platform(settings, pages()), profile, args.content_type, signed_out=args.signed_out, now=now
    )
    # Read first, all of them: a record is known by its category's page, wherever it is listed.
    for page in pages():
        offline.learn(page)
    report = open(args.report, "w", encoding="utf-8") if args.report else None  # noqa: SIM115
    try:
        if args.batch is not None:
            return _batch(Path(args.out), pages(), offline, report)
        for page in pages():
            outcome = offline.rewrite(page)
            sys.stdout.buffer.write(outcome.body)
            sys.stdout.buffer.flush()
            _write(report, page, outcome)
        return 0
    finally:
        if report is not None:
            report.close()


@dataclass(frozen=True, slots=True)
class _Page:
    """A saved page: `name` is its file's, below the folder."""

    name: str
    url: str
    body: bytes


def _pages(args: argparse.Namespace) -> Callable[[], Iterable[_Page]]:
    """The pages at hand, as often as they are asked for."""
    if args.batch is not None:
        return _Folder(Path(args.batch)).pages
    given = (_Page("-", args.url, sys.stdin.buffer.read()),)
    return lambda: given


class _Folder:
    """The pages below a folder; one at a time is in memory."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise Failure(f"{folder}: no such folder", BAD_CONFIG)
        self._folder = folder
        self._files = sorted(
            path for path in folder.rglob("*") if path.suffix.lower() in PAGE_SUFFIXES and path.is_file()
        )
        listing = folder / URLS_FILE
        lines = read_text(str(listing)).splitlines() if listing.is_file() else []
        pairs = (line.split("\t") for line in lines if line.strip())
        self._urls = {pair[0]: pair[1] for pair in pairs if len(pair) == 2}

    def pages(self) -> Iterator[_Page]:
        """All pages, by name."""
        for path in self._files:
            name = path.relative_to(self._folder).as_posix()
            yield _Page(name, self._urls.get(name, f"/{name}"), path.read_bytes())


def _platform(settings: Settings, pages: Iterable[_Page]) -> Platform:
    """The configured platform, or the first whose marks a page carries."""
    if settings.site.platform != "auto":
        return platform_of(settings)
    platforms = [load_platform(name) for name in PLATFORM_NAMES if name != "generic"]
    for page in pages:
        if name := recognise(platforms, (), {}, _target(page.url).text, page.body):
            return load_platform(name)
    return load_platform("generic")


def _batch(destination: Path, pages: Iterable[_Page], offline: "_Offline", report: TextIO | None) -> int:
    number = edited = 0
    for number, page in enumerate(pages, 1):
        outcome = offline.rewrite(page)
        target = destination / page.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(outcome.body)
        _write(report, page, outcome)
        edited += outcome.body is not page.body
        if sys.stderr.isatty():
            print(f"\r{number} pages", end="", file=sys.stderr)
    print(f"{number} pages, {edited} changed, {number - edited} as they came", file=sys.stderr)
    return 0


def _for_everybody(settings: Settings) -> Settings:
    """Without the shares that leave visitors out: offline, the one profile at hand is meant."""
    experiences = tuple(dataclasses.replace(experience, rollout=100.0) for experience in settings.experiences)
    site = dataclasses.replace(settings.site, holdout=0.0, mode="live")
    return dataclasses.replace(settings, site=site, experiences=experiences)


class _Offline:
    """The engine with one visitor, no network and no clock of its own."""

    def __init__(
        self,
        settings: Settings,
        platform: Platform,
        profile: Profile | None,
        content_type: str,
        *,
        signed_out: bool,
        now: float,
    ) -> None:
        self._platform = platform
        self._personaliser = Personaliser(settings, self._platform)
        self._catalogue: dict[str, Product] = {}
        self._default_host = urlsplit(settings.site.origin).netloc
        site = settings.site
        self._places = Places(
            platform, (*site.never_read, *platform.never_read), (*site.never_touch, *platform.never_touch)
        )
        self._content_type = content_type.encode("latin-1")
        self._profile = profile
        self._now = now
        known = profile is not None and (profile.customer or profile.first_name is not None)
        self._visitor = Visitor(
            profile=profile.id if profile else None,
            session="offline" if profile else None,
            consent=True,
            logged_in=known and not signed_out,
            customer=known and not signed_out,
        )

    def learn(self, page: _Page) -> None:
        """Add what the page says of products to the catalogue, as the worker does with what is served."""
        target = _target(page.url)
        if self._places.at(target.raw).is_never_read:
            return
        facts = self._run(page, rewriting=False).facts
        if facts is None:
            return
        for entry in taught(facts, self._platform, page_key("", target, self._platform)):
            self._catalogue[entry[0]] = learnt(self._catalogue.get(entry[0]), entry, self._now)

    def rewrite(self, page: _Page) -> Outcome:
        """One page; the engine's guard makes sure that there is always an outcome."""
        return self._run(page, rewriting=True)

    def _run(self, page: _Page, *, rewriting: bool) -> Outcome:
        target = _target(page.url)
        context = PageContext(
            host=urlsplit(page.url).netloc or self._default_host,
            target=target,
            visitor=self._visitor,
            profile=self._profile,
            profile_failure=None,
            catalogue=self._catalogue,
            referrer_key="",
            now=self._now,
            rewriting=rewriting and not self._places.at(target.raw).is_never_touched,
        )
        return self._personaliser.run(page.body, self._content_type, context)


def _target(url: str) -> Target:
    parts = urlsplit(url)
    return parse_target(((parts.path or "/") + (f"?{parts.query}" if parts.query else "")).encode("utf-8"))


def _write(report: TextIO | None, page: _Page, outcome: Outcome) -> None:
    if report is not None:
        json.dump(dict(_reported(page, outcome)), report)
        report.write("\n")


def _reported(page: _Page, outcome: Outcome) -> Iterator[tuple[str, Any]]:
    """One page's line. Bytes are given as Latin-1 text, which loses none of them."""
    yield "page", page.name
    yield "url", page.url
    yield "outcome", outcome.outcome
    yield "bytes_in", len(page.body)
    yield "bytes_out", len(outcome.body)
    spliced = outcome.spliced
    yield (
        "edits",
        [
            {
                "edit": change.edit,
                "kind": change.kind,
                "start": change.start,
                "end": change.end,
                "replacement": change.replacement.decode("latin-1"),
                "moved": [list(unit) for unit in change.moved],
                "rewrites": [[start, end, new.decode("latin-1")] for start, end, new in change.rewrites],
            }
            for change in (spliced.changes if spliced else ())
        ],
    )
    yield "refused", [dataclasses.asdict(refused) for refused in (spliced.refused if spliced else ())]
    yield "reasons", [reason._asdict() for reason in outcome.reasons]
