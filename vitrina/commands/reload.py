"""`reload` and `restart`: a new configuration, a new certificate or new code, without one failed request."""

import argparse
import sys
import time
from collections.abc import Mapping
from typing import Any

from vitrina.commands.arguments import add_config, add_data, running_folder
from vitrina.failures import ANSWER_NO, BAD_CONFIG, UNREACHABLE, Failure
from vitrina.operator_socket import ask
from vitrina.terminal import paint

RELOAD_S = 120.0
RESTART_S = 120.0
POLL_S = 0.1


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments."""
    for name, run, text, more in (
        (
            "reload",
            reload,
            "apply the changed configuration and certificates to what runs",
            (
                "Everything is read and checked first. If anything is wrong, the old configuration stays in force and "
                "the problems are printed (exit code 2). Else new workers start, and the old ones drain once those "
                "serve."
            ),
        ),
        (
            "restart",
            restart,
            "run the code and configuration on disk, without a gap",
            (
                "The running process becomes the program on disk: same process id, same listeners. New workers start, "
                "and the old ones drain once those serve. If the program or its configuration is bad, nothing happens "
                "(exit code 2)."
            ),
        ),
    ):
        parser = subparsers.add_parser(name, help=text, description=f"{text.capitalize()}. {more}")
        add_config(parser)
        add_data(parser)
        parser.set_defaults(run=run)


def reload(args: argparse.Namespace) -> int:
    """Ask the supervisor to reload, and say what came of it."""
    answer = ask(running_folder(args).path, "reload", RELOAD_S)
    if not answer.get("ok"):
        return _refused(answer)
    print(f"{paint('reloaded', 'green')}: configuration {_version(answer)}, {_workers(answer)}")
    return 0


def restart(args: argparse.Namespace) -> int:
    """Ask the supervisor to become the program on disk, and wait until it is."""
    data = running_folder(args)
    answer = ask(data.path, "restart", RESTART_S)
    if not answer.get("ok"):
        return _refused(answer)
    wanted, deadline = answer["restarts"] + 1, time.monotonic() + RESTART_S
    while time.monotonic() < deadline:
        time.sleep(POLL_S)
        try:
            answer = ask(data.path, "status", POLL_S * 100)
        except Failure:
            if not data.is_claimed():
                raise Failure("Vitrina ended while it restarted; its log says why", ANSWER_NO) from None
            continue
        if answer.get("restarts") != wanted:
            continue
        if answer.get("problems"):
            return _refused(answer)
        print(f"{paint('restarted', 'green')}: Vitrina {answer['program']}, {_version(answer)}, {_workers(answer)}")
        return 0
    raise Failure(f"Vitrina did not say within {RESTART_S:.0f} s that it restarted; its log says why", UNREACHABLE)


def _refused(answer: Mapping[str, Any]) -> int:
    for problem in answer.get("errors") or answer.get("problems") or ():
        print(f"{paint('vitrina:', 'red', sys.stderr)} {problem}", file=sys.stderr)
    print(f"vitrina: configuration {_version(answer)} stays in force", file=sys.stderr)
    return BAD_CONFIG


def _version(answer: Mapping[str, Any]) -> str:
    return str(answer.get("configuration", {}).get("version", ""))


def _workers(answer: Mapping[str, Any]) -> str:
    count, draining = answer.get("workers", 0), answer.get("draining", 0)
    text = f"{count} worker{'' if count == 1 else 's'}"
    return f"{text}, {draining} of before drain" if draining else text
