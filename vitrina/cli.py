"""The command line: one file per command, listed here in the order `--help` shows them."""

import argparse
import sys
from collections.abc import Sequence
from types import ModuleType

from config.errors import ConfigError
from vitrina.commands import (
    backup,
    check,
    clicks,
    demo,
    detect,
    doctor,
    explain,
    look,
    preview,
    profile,
    reload,
    rewrite,
    serve,
    switch,
    trial,
)
from vitrina.failures import BAD_CONFIG, INTERRUPTED, Failure
from vitrina.terminal import paint
from vitrina.version import VERSION

COMMANDS: tuple[ModuleType, ...] = (
    serve,
    reload,
    trial,
    demo,
    detect,
    check,
    doctor,
    preview,
    explain,
    rewrite,
    profile,
    clicks,
    look,
    switch,
    backup,
)
"""Each has `add(subparsers)`, which sets `run` (args → exit code) as the parser's default."""


def parser() -> argparse.ArgumentParser:
    """The whole command line; the reference page is made from it."""
    top = argparse.ArgumentParser(
        prog="python -m vitrina",
        description="A reverse proxy that personalises any shop's pages without changing the shop.",
        epilog="Exit codes: 0 done, 1 the answer is no, 2 usage or configuration, 3 address busy, 4 origin or Redis "
        "unreachable, 5 data folder unusable, 130 interrupted.",
    )
    top.add_argument("--version", action="version", version=f"vitrina {VERSION}")
    subparsers = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(subparsers)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; every expected failure is one line on stderr (a line per configuration problem)."""
    args = parser().parse_args(arguments)
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
