"""`look sources|paths|dwell|funnel`: a quick look at the sessions of the last hours."""

import argparse
import asyncio
import sys
import time
from functools import partial
from pathlib import Path

from clicks.looks import LOOKS, paths
from clicks.sessions import SessionFold
from config.values import duration_s
from vitrina.commands.arguments import add_config, add_data, config_path, installation
from vitrina.failures import ANSWER_NO
from vitrina.kept_clicks import read_clicks
from vitrina.processes.spec import read_settings
from vitrina.tables import write_chart, write_csv, write_json, write_table

_HELP = {
    "sources": "where sessions come from, and what comes of them",
    "paths": "the ways taken through the shop",
    "dwell": "how long pages are looked at, where visits begin and end",
    "funnel": "how many sessions see a product, fill a cart, order",
}


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "look", help="sources, paths, dwell and funnel of the last hours", description=__doc__
    )
    looks = parser.add_subparsers(title="looks", metavar="LOOK", required=True)
    for name, text in _HELP.items():
        look = looks.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}. It reads the clicks that are still at hand: the spools of this "
            "machine and the stream. Exit code 1 when there is no session.",
        )
        add_config(look)
        add_data(look)
        look.add_argument("--since", metavar="D", type=_duration, default=86_400.0, help='"30m", "24h" (default: 24h)')
        look.add_argument("--top", metavar="N", type=_positive, default=20, help="rows of the table (default: 20)")
        if name == "paths":
            look.add_argument("--steps", metavar="N", type=_positive, default=5, help="pages of a path (default: 5)")
        form = look.add_mutually_exclusive_group()
        form.add_argument("--csv", action="store_true", help="all rows, comma separated")
        form.add_argument("--json", action="store_true", help="all rows, a list of objects")
        form.add_argument("--plot", metavar="F", type=Path, help="a chart: F.png or F.svg (needs matplotlib)")
        look.set_defaults(run=run, look=name)


def run(args: argparse.Namespace) -> int:
    """Read, fold, print."""
    folder, redis_url = installation(args)
    path = config_path(args)
    fold = SessionFold(read_settings(path, None).sources.partners if path else ())
    now = time.time()
    asyncio.run(read_clicks(folder, redis_url, now - args.since, fold.add))
    sessions = fold.sessions()
    make = partial(paths, steps=args.steps) if args.look == "paths" else LOOKS[args.look]
    look = make(sessions, now)
    if args.plot is not None:
        write_chart(look, args.plot)
        print(f"{args.plot}: {look.name} of {len(sessions):,} sessions")
    elif args.csv:
        write_csv(look, sys.stdout)
    elif args.json:
        write_json(look, sys.stdout)
    elif sessions:
        write_table(look, sys.stdout, args.top)
        since = time.strftime("%Y-%m-%d %H:%M", time.localtime(sessions[0].started))
        print(f"{len(sessions):,} session{'' if len(sessions) == 1 else 's'}, the first at {since}")
    if not sessions:
        print("no session of anybody who allows statistics in that time", file=sys.stderr)
        return ANSWER_NO
    return 0


def _duration(text: str) -> float:
    try:
        return duration_s(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _positive(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f'"{text}" is no number from 1 on')
    return number
