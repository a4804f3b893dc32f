"""`rewrite`: the same engine offline, on a page from stdin or on a folder, with a report of every byte range."""

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

from clicks.catalogue import Product, taught
from clicks.targets import Target, page_key, parse_target
from config.platforms import load_platform
from config.settings import Settings
from storage.catalogue import learnt
from transforms.personaliser import Outcome, PageContext, Personaliser
from visitors.profile import Profile
from visitors.visitor import Visitor
from vitrina.commands.arguments import add_config, required_config
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
        try:
            profile = from_json(Path(args.profile).read_text("utf-8"), args.profile, now)
        except OSError as error:
            raise Failure(f"{args.profile}: {error.strerror}", BAD_CONFIG) from None
    offline = _Offline(settings, profile, args.content_type, signed_out=args.signed_out, now=now)
    report = open(args.report, "w", encoding="utf-8") if args.report else None  # noqa: SIM115
    try:
        if args.batch is None:
            body = sys.stdin.buffer.read()
            offline.learn(args.url, body)
            outcome = offline.rewrite(args.url, body)
            sys.stdout.buffer.write(outcome.body)
            sys.stdout.buffer.flush()
            _write(report, "-", args.url, body, outcome)
            return 0
        return _batch(args, offline, report)
    finally:
        if report is not None:
            report.close()


def _batch(args: argparse.Namespace, offline: "_Offline", report: TextIO | None) -> int:
    source, destination = Path(args.batch), Path(args.out)
    if not source.is_dir():
        raise Failure(f"{source}: no such folder", BAD_CONFIG)
    urls = _urls(source)
    pages = sorted(path for path in source.rglob("*") if path.suffix.lower() in PAGE_SUFFIXES and path.is_file())
    # Read first, all of them: a record is known by its category's page, wherever it is listed.
    for page in pages:
        offline.learn(_url(page.relative_to(source).as_posix(), urls), page.read_bytes())
    edited = 0
    for number, page in enumerate(pages, 1):
        name = page.relative_to(source).as_posix()
        url = _url(name, urls)
        body = page.read_bytes()
        outcome = offline.rewrite(url, body)
        target = destination / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(outcome.body)
        _write(report, name, url, body, outcome)
        edited += outcome.body is not body
        if sys.stderr.isatty():
            print(f"\r{number}/{len(pages)} pages", end="", file=sys.stderr)
    print(f"{len(pages)} pages, {edited} changed, {len(pages) - edited} as they came", file=sys.stderr)
    return 0


def _urls(folder: Path) -> dict[str, str]:
    listing = folder / URLS_FILE
    if not listing.is_file():
        return {}
    pairs = (line.split("\t") for line in listing.read_text("utf-8").splitlines() if line.strip())
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def _url(name: str, urls: Mapping[str, str]) -> str:
    return urls.get(name, f"/{name}")


def _for_everybody(settings: Settings) -> Settings:
    """Without the shares that leave visitors out: offline, the one profile at hand is meant."""
    experiences = tuple(dataclasses.replace(experience, rollout=100.0) for experience in settings.experiences)
    site = dataclasses.replace(settings.site, holdout=0.0, mode="live")
    return dataclasses.replace(settings, site=site, experiences=experiences)


class _Offline:
    """The engine with one visitor, no network and no clock of its own."""

    def __init__(
        self, settings: Settings, profile: Profile | None, content_type: str, *, signed_out: bool, now: float
    ) -> None:
        self._platform = load_platform(settings.site.platform)
        self._personaliser = Personaliser(settings, self._platform)
        self._catalogue: dict[str, Product] = {}
        self._default_host = urlsplit(settings.site.origin).netloc
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

    def learn(self, url: str, body: bytes) -> None:
        """Add what the page says of products to the catalogue, as the worker does with what is served."""
        facts = self._run(url, body, rewriting=False).facts
        if facts is None:
            return
        for entry in taught(facts, self._platform, page_key("", _target(url), self._platform)):
            self._catalogue[entry[0]] = learnt(self._catalogue.get(entry[0]), entry, self._now)

    def rewrite(self, url: str, body: bytes) -> Outcome:
        """One page; the engine's guard makes sure that there is always an outcome."""
        return self._run(url, body, rewriting=True)

    def _run(self, url: str, body: bytes, *, rewriting: bool) -> Outcome:
        context = PageContext(
            host=urlsplit(url).netloc or self._default_host,
            target=_target(url),
            visitor=self._visitor,
            profile=self._profile,
            profile_failure=None,
            catalogue=self._catalogue,
            referrer_key="",
            now=self._now,
            rewriting=rewriting,
        )
        return self._personaliser.run(body, self._content_type, context)


def _target(url: str) -> Target:
    parts = urlsplit(url)
    return parse_target(((parts.path or "/") + (f"?{parts.query}" if parts.query else "")).encode("utf-8"))


def _write(report: TextIO | None, name: str, url: str, body: bytes, outcome: Outcome) -> None:
    if report is not None:
        json.dump(dict(_reported(name, url, body, outcome)), report)
        report.write("\n")


def _reported(name: str, url: str, body: bytes, outcome: Outcome) -> Iterator[tuple[str, Any]]:
    """One page's line. Bytes are given as Latin-1 text, which loses none of them."""
    yield "page", name
    yield "url", url
    yield "outcome", outcome.outcome
    yield "bytes_in", len(body)
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
    yield "reasons", [dataclasses.asdict(reason) for reason in outcome.reasons]
