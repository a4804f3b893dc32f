"""`doctor`: what would go wrong at a cut-over, found before it."""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from config.settings import Settings
from vitrina.commands.check import checked_settings
from vitrina.datafolder import DataFolder
from vitrina.doctor.checks import examined
from vitrina.doctor.examination import Examination, session_for
from vitrina.doctor.finding import Finding, exit_code
from vitrina.failures import BAD_CONFIG, Failure
from vitrina.terminal import paint

DEFAULT_PAIRS = 20
_STYLES = {"ok": "green", "unknown": "cyan", "warn": "yellow", "fail": "red"}


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "doctor",
        help="what would go wrong at a cut-over, found before it",
        description="Ask the real shop a few pages, politely, and say what would go wrong with Vitrina in front: "
        "redirect loops, addresses, cookies, caches, clocks, certificates, Redis, disk, selectors, added time. "
        "Exit code 0 when nothing is wrong, 1 with warnings, 2 with failures.",
    )
    parser.add_argument("config", metavar="F", help="configuration file")
    parser.add_argument("--data", metavar="DIR", help="data folder (default: the configuration's)")
    parser.add_argument(
        "--pairs", metavar="N", type=int, default=DEFAULT_PAIRS, help=f"pages to time, default {DEFAULT_PAIRS}"
    )
    parser.add_argument("--json", action="store_true", help="for programs: a list of findings")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Examine and say."""
    if not Path(args.config).is_file():
        raise Failure(f"{args.config}: no such file", BAD_CONFIG)
    if args.pairs < 1:
        raise Failure(f"--pairs {args.pairs}: at least 1", BAD_CONFIG)
    settings = checked_settings(args.config)
    config, data = Path(args.config).absolute(), DataFolder(Path(args.data or settings.data))
    told = (lambda finding: None) if args.json else _print
    findings = asyncio.run(_examined(settings, config, data, args.pairs, told))
    if args.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2, ensure_ascii=False))
    else:
        counts = {status: sum(finding.status == status for finding in findings) for status in _STYLES}
        print(", ".join(f"{count} {status}" for status, count in counts.items() if count))
    return exit_code(findings)


async def _examined(
    settings: Settings, config: Path, data: DataFolder, pairs: int, told: Callable[[Finding], None]
) -> list[Finding]:
    async with session_for(settings) as session:
        return await examined(Examination(settings, config, data, pairs, session), told)


def _print(finding: Finding) -> None:
    print(f"{paint(f'{finding.status:<8}', _STYLES[finding.status])}{finding.check:<16}{finding.found}")
    for text in (finding.means and f"means: {finding.means}", finding.todo and f"do:    {finding.todo}"):
        if text:
            print(f"{'':<24}{text}")
    sys.stdout.flush()
