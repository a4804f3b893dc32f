"""`on`, `off`, `status`: the kill switch, and what is going on. They need neither Redis nor a running process."""

import argparse
import json
import sys
import time
from collections.abc import Mapping
from typing import Any

from storage.control import ControlPage
from vitrina.commands.arguments import add_config, add_data, running_folder
from vitrina.datafolder import DataFolder
from vitrina.failures import ANSWER_NO, Failure
from vitrina.operator_socket import ask
from vitrina.terminal import paint

SUPERVISOR_S = 3.0


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
    """Show the switch, the configuration in force and the counters, summed over all processes since start."""
    page = _control_page(args)
    folder = running_folder(args)
    running = folder.is_claimed()
    serving = _serving(folder) if running else {}
    if args.json:
        said = {"running": running, "on": page.is_on(), "serving": serving, "counters": dict(page.totals())}
        print(json.dumps(said))
        return 0 if running else ANSWER_NO
    state = paint("on", "green") if page.is_on() else paint("off", "yellow")
    print(f"{'running' if running else paint('not running', 'red')}, personalising is {state}")
    if serving:
        print(_in_force(serving))
    for problem in serving.get("problems", ()):
        print(f"{paint('the last reload or restart was refused', 'red')}: {problem}")
    for name, value in page.totals().items():
        print(f"  {name:<20} {value:>12,}")
    sys.stdout.flush()
    return 0 if running else ANSWER_NO


def _serving(folder: DataFolder) -> Mapping[str, Any]:
    """What the supervisor says of itself; empty while it starts or is too busy to answer."""
    try:
        return ask(folder.path, "status", SUPERVISOR_S)
    except Failure:
        return {}


def _in_force(serving: Mapping[str, Any]) -> str:
    configuration, draining = serving["configuration"], serving["draining"]
    loaded = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(configuration["loaded"]))
    workers = f"{serving['workers']} workers" + (f", {draining} of before drain" if draining else "")
    return (
        f"Vitrina {serving['program']}, process {serving['pid']}, {workers}; {serving['reloads']} reloads, "
        f"{serving['restarts']} restarts\nconfiguration {configuration['version']} of "
        f"{configuration['file'] or 'the command line'}, loaded {loaded}"
    )


def _control_page(args: argparse.Namespace) -> ControlPage:
    folder = running_folder(args)
    if not folder.control.exists():
        raise Failure(f"{folder.path}: Vitrina has never run here", ANSWER_NO)
    try:
        return ControlPage.open(folder.control)
    except ValueError:
        raise Failure(
            f"{folder.control}: written by another version; start this one first (it keeps on or off as it was)",
            ANSWER_NO,
        ) from None
