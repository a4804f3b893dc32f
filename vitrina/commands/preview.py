"""`preview`: the link that lets one browser see what others do not see yet."""

import argparse
import asyncio
import time
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote, urlsplit

from config.settings import Settings
from config.values import duration_s, split_address
from console.preview_pages import PATH
from storage.profile_store import ProfileStore
from visitors.exemplar import exemplar
from visitors.preview import LONGEST_S, Preview, encode_preview
from visitors.wire import decode_profile
from vitrina.attaching import attached
from vitrina.commands.arguments import add_config, add_data, installation, required_config
from vitrina.commands.check import checked_settings
from vitrina.datafolder import DataFolder
from vitrina.failures import ANSWER_NO, BAD_CONFIG, Failure
from vitrina.keys import load_keyring

_DEFAULT_FOR = "8h"
_MOVES = 8
Kind = Literal["profile", "segment", "own"]


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "preview",
        help="a link that lets one browser see what others do not see yet",
        description="Print a link. Whoever opens it sees the shop as it would be live, until the link is over: as this "
        "browser's own visitor, as a profile, or as somebody of a segment. Holdout and rollout do not apply, and "
        "nothing is counted. Works with mode = preview and with mode = live.",
    )
    add_config(parser)
    add_data(parser)
    whom = parser.add_mutually_exclusive_group()
    whom.add_argument("--as", dest="profile", metavar="PROFILE", help="profile id: what this visitor would see")
    whom.add_argument("--segment", metavar="NAME", help="what somebody of this segment would see")
    parser.add_argument(
        "--for", dest="lasts", metavar="TIME", default=_DEFAULT_FOR, help=f"default {_DEFAULT_FOR}, at most 7d"
    )
    parser.add_argument(
        "--url", metavar="U", default="/", help="page to begin with: a path, or a URL with the shop's public name"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the link, and on stderr nothing."""
    settings = checked_settings(required_config(args))
    if settings.site.mode in ("off", "observe"):
        raise Failure(
            f'mode = "{settings.site.mode}" changes nobody\'s page; set mode = "preview" (or "live") first', BAD_CONFIG
        )
    now = time.time()
    folder, redis_url = installation(args)
    preview = Preview(int(now + _lasts_s(args.lasts)), *_whom(args, settings, folder, redis_url, now))
    base, page = _base_and_page(args.url, settings)
    token = encode_preview(load_keyring(folder.keys), preview, urlsplit(base).netloc)
    print(f"{base}{PATH}?token={token}&to={quote(page, safe='/')}")
    until = datetime.fromtimestamp(preview.until, UTC).strftime("%Y-%m-%d %H:%M UTC")
    print(f"holds until {until}, for this name only; to leave: {base}{PATH}/leave")
    return 0


def _lasts_s(text: str) -> float:
    try:
        seconds = duration_s(text)
    except ValueError as error:
        raise Failure(f"--for: {error}", BAD_CONFIG) from None
    if not 0 < seconds <= LONGEST_S:
        raise Failure(f"--for {text}: at most 7d", BAD_CONFIG)
    return seconds


def _whom(
    args: argparse.Namespace, settings: Settings, folder: DataFolder, redis_url: str, now: float
) -> tuple[Kind, str]:
    if args.segment is not None:
        if args.segment not in settings.segments:
            known = ", ".join(settings.segments) or "there are none"
            raise Failure(f"--segment {args.segment}: no such segment; known: {known}", BAD_CONFIG)
        if exemplar(args.segment, settings.segments, now) is None:
            raise Failure(
                f"--segment {args.segment}: nobody can be made up who fulfils its conditions; name a visitor with --as",
                ANSWER_NO,
            )
        return "segment", args.segment
    if args.profile is not None:
        return "profile", asyncio.run(_existing(folder, redis_url, args.profile))
    return "own", ""


async def _existing(folder: DataFolder, redis_url: str, profile_id: str) -> str:
    """The id under which the profile lives: that of the customer it has moved to."""
    async with attached(folder, redis_url) as client:
        store = ProfileStore(client)
        for _ in range(_MOVES):
            raw = await store.get(profile_id)
            if raw is None:
                break
            profile = decode_profile(raw)
            if profile.moved_to is None:
                return profile_id
            profile_id = profile.moved_to
    raise Failure(f"{profile_id}: no such profile", ANSWER_NO)


def _base_and_page(url: str, settings: Settings) -> tuple[str, str]:
    """Scheme and public name of the shop, and the path to begin with."""
    parts = urlsplit(url)
    page = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme:
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Failure(f"--url {url}: a path such as /offers, or a URL such as https://your.shop/offers", BAD_CONFIG)
        return f"{parts.scheme}://{parts.netloc}", page
    if not page.startswith("/"):
        raise Failure(f"--url {url}: a path begins with /", BAD_CONFIG)
    if settings.site.hosts:
        name = settings.site.hosts[0]
        return f"{'http' if name.partition(':')[0] in ('localhost', '127.0.0.1') else 'https'}://{name}", page
    scheme, address = ("http", settings.listen) if settings.tls is None else ("https", settings.tls.listen)
    host, port = split_address(address)
    return f"{scheme}://{host if host not in ('', '0.0.0.0', '::') else 'localhost'}:{port}", page  # noqa: S104 - shown
