"""`clicks tail|show`: the clicks of this machine as they are written, and one visitor's journey told in words."""

import argparse
import asyncio
import json
import sys
import time
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec.structs import asdict

from clicks.click import Click
from clicks.journey import told
from clicks.sessions import SessionFold
from storage.following import SpoolFollower
from storage.kept_clicks import Numbered
from vitrina.commands.arguments import add_config, add_data, config_path, installation
from vitrina.failures import ANSWER_NO
from vitrina.kept_clicks import read_clicks
from vitrina.processes.spec import read_settings
from vitrina.terminal import paint

POLL_S = 0.1


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser("clicks", help="look at clicks", description=__doc__)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    tail = actions.add_parser(
        "tail",
        help="print clicks as they come",
        description="Print clicks as they come, until Ctrl-C. They are read from the spool, so this works while Redis "
        "is down.",
    )
    add_config(tail)
    add_data(tail)
    tail.add_argument("-n", "--last", metavar="N", type=int, default=10, help="start with the last N (default: 10)")
    tail.add_argument("--no-follow", action="store_true", help="stop after those")
    tail.add_argument("--assets", action="store_true", help="images, styles and scripts too")
    tail.add_argument("--json", action="store_true", help="one JSON object per line, every field")
    tail.set_defaults(run=run)
    show = actions.add_parser(
        "show",
        help="tell a visitor's journey",
        description="Tell a visitor's journey in words: from where, which pages, how long, what went into the cart, "
        "what was bought. It reads the clicks that are still at hand: the spools of this machine and the stream. Exit "
        "code 1 when there is none of this visitor's.",
    )
    add_config(show)
    add_data(show)
    show.add_argument("visitor", metavar="VISITOR", help="profile id, or how it begins: at least 6 characters")
    show.add_argument("--timezone", metavar="ZONE", type=_zone, help="as Europe/Madrid (default: this machine's)")
    show.set_defaults(run=run_show)


def run(args: argparse.Namespace) -> int:
    """Print the last clicks, then new ones."""
    folder, _ = installation(args)
    follower = SpoolFollower(folder.spool, from_start=True)
    wanted = [click for click in follower.poll() if args.assets or not click.asset]
    for click in wanted[-args.last :] if args.last > 0 else ():
        _print(click, as_json=args.json)
    while not args.no_follow:
        time.sleep(POLL_S)
        for click in follower.poll():
            if args.assets or not click.asset:
                _print(click, as_json=args.json)
    return 0


def run_show(args: argparse.Namespace) -> int:
    """Tell one visitor's sessions."""
    folder, redis_url = installation(args)
    path = config_path(args)
    fold = SessionFold(read_settings(path, None).sources.partners if path else ())
    names: dict[str, str] = {}

    def take(clicks: list[Numbered]) -> None:
        fold.add(clicks)
        for click, _, _ in clicks:
            names.update((str(row[0]), row[1]) for row in click.catalogue if isinstance(row[1], str))
            for event in click.events:
                if event.name == "product_view" and isinstance(name := event.data.get("name"), str):
                    names[str(event.data.get("product"))] = name

    asyncio.run(read_clicks(folder, redis_url, 0.0, take))
    sessions = fold.sessions()
    people = {
        one.person for one in sessions if any(_is_named(args.visitor, name) for name in (one.person, *one.profiles))
    }
    if len(people) != 1:
        several = f"{len(people)} visitors begin like that: {', '.join(sorted(people)[:5])}"
        print(several if people else f"{args.visitor}: nothing at hand of this visitor", file=sys.stderr)
        return ANSWER_NO
    (person,) = people
    own = [one for one in sessions if one.person == person]
    pages = sum(len(one.pages) for one in own)
    print(paint(person, "bold") + f": {len(own)} session{'s'[: len(own) != 1]}, {pages} page{'s'[: pages != 1]}\n")

    def written(form: str, at: float) -> str:
        return datetime.fromtimestamp(at, args.timezone).astimezone(args.timezone).strftime(form)

    for line in told(
        own, names, lambda at: written("%A %-d %B %Y", at), lambda at: written("%H:%M:%S", at), time.time()
    ):
        print("".join(character if character.isprintable() else "·" for character in line))
    return 0


def _is_named(text: str, profile: str) -> bool:
    return profile == text or (len(text) >= 6 and profile.startswith(text))


def _zone(text: str) -> tzinfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise argparse.ArgumentTypeError(f'"{text}" is no time zone; write one as Europe/Madrid') from None


def _print(click: Click, *, as_json: bool) -> None:
    if as_json:
        # Click holds plain values and flat dataclasses only; unset fields are left out.
        print(json.dumps(_set_fields(click), ensure_ascii=False), flush=True)
        return
    at = time.strftime("%H:%M:%S", time.localtime(click.time))
    who = paint((click.profile or "-")[:8].ljust(8), "cyan")
    status = paint(str(click.status), "red" if click.status >= 400 else "green")
    events = " ".join(event.name for event in click.events)
    query = "&".join(f"{name}={value}" for name, value in (click.query or {}).items())
    moved = f" {click.moved} moved" if click.moved else ""
    print(
        f"{at} {who} {status} {click.method} {click.path}{'?' + query if query else ''} "
        f"{paint(click.kind, 'dim')} {events} {click.outcome}{moved} {click.added_us} µs",
        flush=True,
    )


def _set_fields(click: Click) -> dict[str, object]:
    plain = asdict(click) | {
        "events": tuple(event._asdict() for event in click.events),
        "reasons": tuple(reason._asdict() for reason in click.reasons),
    }
    return {
        name: value
        for name, value in plain.items()
        if value not in (None, "", (), {}, False) or name in ("status", "time")
    }
