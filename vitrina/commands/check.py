"""`check`: every problem of a configuration at once."""

import argparse
from pathlib import Path

from config.errors import ConfigError, Problem
from config.settings import Settings
from transforms import registry
from vitrina.addresses import parse_address
from vitrina.failures import ANSWER_NO, BAD_CONFIG, Failure
from vitrina.processes.spec import read_settings
from vitrina.terminal import paint


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "check",
        help="check a configuration file",
        description="Report every problem of a configuration file at once, selectors compiled by both HTML engines "
        "included. Exit code 0 when there is none, 1 otherwise.",
    )
    parser.add_argument("config", metavar="F", help="configuration file")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the problems, or what the file amounts to."""
    if not Path(args.config).is_file():
        raise Failure(f"{args.config}: no such file", BAD_CONFIG)
    try:
        settings = read_settings(args.config, None)
        problems = all_problems(settings)
    except ConfigError as error:
        problems = error.problems
    for problem in problems:
        print(problem)
    if problems:
        print(paint(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}", "red"))
        return ANSWER_NO
    print(
        f"{paint('ok', 'green')}: {settings.site.origin}, mode {settings.site.mode}, "
        f"platform {settings.site.platform}, "
        f"{len(settings.placements)} placements, {len(settings.segments)} segments, {len(settings.offers)} offers, "
        f"{len(settings.experiences)} experiences"
    )
    return 0


def all_problems(settings: Settings) -> tuple[Problem, ...]:
    """What only the whole can tell: the transforms' own settings, conditions, selectors, addresses."""
    found = list(registry.problems(settings))
    for key in ("listen", "admin"):
        try:
            parse_address(getattr(settings, key))
        except Failure as failure:
            found.append(Problem("", key, failure.message))
    return tuple(found)
