"""`on`, `off`, `status`: the kill switch, and what is going on. They need neither Redis nor a running process."""

import argparse
import json
import sys

from storage.control import ControlPage
from vitrina.commands.arguments import add_config, add_data, installation
from vitrina.failures import ANSWER_NO, Failure
from vitrina.terminal import paint


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments."""
    for name, text in (
        ("on", "personalise again, from the next request on"),
        ("off", "send the origin's own bytes from the next request on, in all workers"),
    ):
        parser = subparsers.add_parser(name, help=text, description=text.capitalize() + ".")
        add_config(parser)
        add_data(parser)
        parser.set_defaults(run=_turn, on=name == "on")
    parser = subparsers.add_parser("status", help="whether it is on, and the counters", description=status.__doc__)
    add_config(parser)
    add_data(parser)
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(run=status)


def _turn(args: argparse.Namespace) -> int:
    page = _control_page(args)
    page.turn(on=args.on)
    print("Vitrina is on." if args.on else "Vitrina is off: visitors get the origin's own bytes.")
    return 0


def status(args: argparse.Namespace) -> int:
    """Show the switch and the counters, summed over all processes since start."""
    page = _control_page(args)
    folder, _ = installation(args)
    running = folder.is_claimed()
    if args.json:
        print(json.dumps({"running": running, "on": page.is_on(), "counters": dict(page.totals())}))
        return 0 if running else ANSWER_NO
    state = paint("on", "green") if page.is_on() else paint("off", "yellow")
    print(f"{'running' if running else paint('not running', 'red')}, personalising is {state}")
    for name, value in page.totals().items():
        print(f"  {name:<20} {value:>12,}")
    sys.stdout.flush()
    return 0 if running else ANSWER_NO


def _control_page(args: argparse.Namespace) -> ControlPage:
    folder, _ = installation(args)
    if not folder.control.exists():
        raise Failure(f"{folder.path}: Vitrina has never run here", ANSWER_NO)
    return ControlPage.open(folder.control)
