"""`explain`: what a page would look like for a visitor, and which rule with which values decided it."""

import argparse
import asyncio
import dataclasses
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from clicks.catalogue import Product
from clicks.recognising import recognise
from clicks.targets import parse_target
from config.platform import Platform
from config.platforms import PLATFORM_NAMES, load_platform, platform_of
from config.settings import Settings
from storage.catalogue import changes_since
from storage.profile_store import ProfileStore
from transforms.explaining import Explained, explain
from transforms.personaliser import PageContext
from visitors.profile import Profile
from visitors.visitor import Visitor
from visitors.wire import decode_profile
from vitrina.attaching import attached
from vitrina.commands.arguments import add_config, add_data, installation, read_text, required_config
from vitrina.commands.check import checked_settings
from vitrina.datafolder import DataFolder
from vitrina.failures import ANSWER_NO, Failure
from vitrina.fetching import Fetched, fetch
from vitrina.profile_json import from_json
from vitrina.terminal import paint


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "explain",
        help="why a page looks as it does for a visitor",
        description="Fetch a page from the origin and say for each experience whether it is shown, by which rule, with "
        "which values, and how long it took. The visitor's login is taken as proven when the profile is a customer's.",
    )
    add_config(parser)
    add_data(parser)
    parser.add_argument("url", metavar="URL", help="a path of the shop, or a whole URL")
    parser.add_argument(
        "--as", dest="profile", metavar="PROFILE", help="profile id, or a JSON file as `profile export` writes"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Explain one page."""
    settings = checked_settings(required_config(args))
    now = time.time()
    profile: Profile | None = None
    catalogue: Mapping[str, Product] = {}
    if args.profile is not None and Path(args.profile).is_file():
        profile = from_json(read_text(args.profile), args.profile, now)
    elif args.profile is not None:
        profile, catalogue = asyncio.run(_stored(*installation(args), args.profile))
    parts = urlsplit(args.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.netloc if parts.netloc and settings.site.host == "public" else None
    page = fetch(settings.site.origin, target, host)
    platform = _platform(settings, page)
    context = PageContext(
        host=host or urlsplit(settings.site.origin).netloc,
        target=parse_target(page.target.encode("utf-8")),
        visitor=_visitor(profile),
        profile=profile,
        profile_failure=None,
        catalogue=catalogue,
        referrer_key="",
        now=now,
        rewriting=True,
    )
    started = time.perf_counter()
    found = explain(settings, platform, page.body, page.header(b"content-type"), context)
    took_ms = (time.perf_counter() - started) * 1000
    print(f"{paint(page.target, 'bold')} {page.status}, {len(page.body):,} bytes, platform {platform.name}")
    for line in found:
        _print(dataclasses.replace(line, ms=took_ms))
    print(paint(f"{took_ms:.1f} ms for the first time this page is seen (located, gated, decided)", "dim"))
    return 0 if any(line.shown for line in found) else ANSWER_NO


async def _stored(folder: DataFolder, redis_url: str, profile_id: str) -> tuple[Profile, Mapping[str, Product]]:
    async with attached(folder, redis_url) as client:
        raw = await ProfileStore(client).get(profile_id)
        if raw is None:
            raise Failure(f"{profile_id}: no such profile", ANSWER_NO)
        _, catalogue = await changes_since(client, 0)
        return decode_profile(raw), catalogue


def _platform(settings: Settings, page: Fetched) -> Platform:
    if settings.site.platform != "auto":
        return platform_of(settings)
    return recognised_platform(page) or load_platform("generic")


def recognised_platform(page: Fetched) -> Platform | None:
    """The platform whose marks a fetched page carries."""
    cookies = [
        value.partition(b"=")[0].strip().decode("latin-1")
        for name, value in page.headers
        if name.lower() == b"set-cookie"
    ]
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in page.headers}
    platforms = [load_platform(name) for name in PLATFORM_NAMES if name != "generic"]
    name = recognise(platforms, cookies, headers, page.target, page.body)
    return load_platform(name) if name else None


def _visitor(profile: Profile | None) -> Visitor:
    return Visitor(
        profile=profile.id if profile else None,
        session=profile.session if profile else None,
        consent=True,
        logged_in=bool(profile and profile.customer),
        customer=bool(profile and profile.customer),
    )


def _print(line: Explained) -> None:
    mark = paint("shown", "green") if line.shown else paint("not shown", "yellow")
    print(f"  {line.placement:<16} {line.experience:<16} {mark} {line.reason} {line.detail}".rstrip())
    for condition, value, held in line.inputs:
        print(f"    {'✓' if held else '✗'} {condition}  (found: {value})")
