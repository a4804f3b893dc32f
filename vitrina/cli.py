"""The command line: one file per command, listed here in the order `--help` shows them."""

import argparse
import re
import sys
from collections.abc import Sequence
from importlib import import_module

from config.errors import ConfigError
from vitrina.failures import BAD_CONFIG, INTERRUPTED, Failure
from vitrina.loading import loading
from vitrina.terminal import paint
from vitrina.version import VERSION

COMMANDS: dict[str, tuple[str, ...]] = {
    "serve": ("serve",),
    "reload": ("reload", "restart"),
    "trial": ("try",),
    "demo": ("demo",),
    "detect": ("detect",),
    "check": ("check",),
    "doctor": ("doctor",),
    "preview": ("preview",),
    "explain": ("explain",),
    "rewrite": ("rewrite",),
    "profile": ("profile",),
    "clicks": ("clicks",),
    "look": ("look",),
    "switch": ("off", "on", "status"),
    "backup": ("backup", "restore"),
}
"""Modules of `vitrina.commands` and what each adds. A module has `add(subparsers)`, which sets `run` (args → exit code)
as the parser's default; only the one that is asked for is imported."""

_ID = re.compile(r"-[A-Za-z0-9_-]{21}")
"""A visitor's id that begins with a dash, where an option would be expected."""


def parser(command: str | None = None) -> argparse.ArgumentParser:
    """The whole command line, or as much as one command needs; the reference page is made from it."""
    top = argparse.ArgumentParser(
        prog="python -m vitrina",
        description="A reverse proxy that personalises any shop's pages without changing the shop.",
        epilog="Exit codes: 0 done, 1 the answer is no, 2 usage or configuration, 3 address busy, 4 origin or Redis "
        "unreachable, 5 data folder unusable, 130 interrupted.",
    )
    top.add_argument("--version", action="version", version=f"vitrina {VERSION}")
    subparsers = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    modules = [module for module, names in COMMANDS.items() if command in names] or list(COMMANDS)
    with loading():
        loaded = [import_module(f"vitrina.commands.{module}") for module in modules]
    for module in loaded:
        module.add(subparsers)
    return top


def with_ids(arguments: Sequence[str]) -> list[str]:
    """The arguments with ids that begin with a dash written so that they are values: `--as=-x…`, or after `--`."""
    known: list[str] = []
    ids: list[str] = []
    for argument in arguments:
        if "--" in known or not _ID.fullmatch(argument):
            known.append(argument)
        elif known and known[-1].startswith("--") and "=" not in known[-1]:
            known[-1] += f"={argument}"
        else:
            ids.append(argument)
    return [*known, "--", *ids] if ids else known


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; every expected failure is one line on stderr (a line per configuration problem)."""
    given = with_ids(sys.argv[1:] if arguments is None else arguments)
    args = parser(given[0] if given else None).parse_args(given)
    try:
        status: int = args.run(args)
        return status
    except ConfigError as error:
        for problem in error.problems:
            _complain(str(problem))
        return BAD_CONFIG
    except Failure as failure:
        _complain(failure.message)
        return failure.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        _complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        return BAD_CONFIG
    except KeyboardInterrupt:
        return INTERRUPTED


def _complain(message: str) -> None:
    print(f"{paint('vitrina:', 'red', sys.stderr)} {message}", file=sys.stderr)
