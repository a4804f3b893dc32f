"""`check`: every problem of a configuration at once."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from config.errors import ConfigError, Problem, by_line
from config.settings import Settings
from config.values import NO_LISTENER
from transforms import registry
from visitors.conditions import problem_with
from vitrina.addresses import parse_address
from vitrina.certificates import authority_problem, certificate_problems
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
    settings, problems = examined(args.config, None)
    for problem in problems:
        print(problem)
    if settings is None or problems:
        print(paint(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}", "red"))
        return ANSWER_NO
    print(
        f"{paint('ok', 'green')}: {settings.site.origin}, mode {settings.site.mode}, "
        f"platform {settings.site.platform}, "
        f"{len(settings.placements)} placements, {len(settings.segments)} segments, {len(settings.offers)} offers, "
        f"{len(settings.experiences)} experiences"
    )
    return 0


def checked_settings(config: str | None, origin: str | None = None) -> Settings:
    """Settings without a problem; raises ConfigError with all of them."""
    settings, problems = examined(config, origin)
    if settings is None or problems:
        raise ConfigError(problems)
    return settings


def examined(config: str | None, origin: str | None) -> tuple[Settings | None, tuple[Problem, ...]]:
    """The settings, None when they cannot be read, and every problem: of the file's form and of what it says."""
    try:
        settings = read_settings(config, origin)
    except ConfigError as error:
        if error.readable is None:
            return None, error.problems
        # What was refused by its key once need not be said again in other words.
        said = {problem.key for problem in error.problems}
        return None, by_line([*error.problems, *(p for p in all_problems(error.readable) if p.key not in said)])
    return settings, all_problems(settings)


def all_problems(settings: Settings) -> tuple[Problem, ...]:
    """What only the whole can tell: the transforms' own settings, conditions, selectors, addresses."""
    found = [*registry.problems(settings), *_condition_problems(settings)]
    for key in ("listen", "admin"):
        try:
            if (address := getattr(settings, key)) != NO_LISTENER:
                parse_address(address)
        except Failure as failure:
            found.append(Problem("", key, failure.message))
    if settings.tls is not None:
        found += certificate_problems(settings.tls)
    if (authority := settings.site.origin_ca) is not None and (problem := authority_problem(authority)) is not None:
        found.append(Problem("", "site.origin_ca", problem))
    return by_line(found)


def _condition_problems(settings: Settings) -> Iterator[Problem]:
    rules = [(segment.place, f"segment.{name}", segment.who) for name, segment in settings.segments.items()]
    rules += [(e.place, f"experience[{at}].who", e.who) for at, e in enumerate(settings.experiences)]
    for place, key, who in rules:
        for condition in (*who.all, *who.any):
            if (message := problem_with(condition)) is not None:
                yield Problem(place, key, message)
