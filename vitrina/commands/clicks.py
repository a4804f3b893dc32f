"""`clicks tail`: the clicks of this machine as they are written, with or without Redis."""

import argparse
import dataclasses
import json
import time

from clicks.click import Click
from storage.following import SpoolFollower
from vitrina.commands.arguments import add_config, add_data, installation
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
    return {
        name: value
        for name, value in dataclasses.asdict(click).items()
        if value not in (None, "", (), {}, False) or name in ("status", "time")
    }
