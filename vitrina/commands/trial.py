"""`try`: your own shop on localhost, observed and, where its platform is known, personalised."""

import argparse
import json
from pathlib import Path
from urllib.parse import urlsplit

from config.platform import Platform
from vitrina.commands import serve
from vitrina.commands.explain import recognised_platform
from vitrina.failures import BAD_CONFIG, Failure
from vitrina.fetching import fetch
from vitrina.terminal import paint

DEFAULT_LISTEN = "127.0.0.1:8080"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "try",
        help="try it on your own shop, on localhost",
        description="Look at the shop's home page, write a first configuration to try-HOST/site.toml (an existing one "
        "is kept) and serve it on localhost under another name (host = origin). Lists of a platform that is known are "
        "reordered by what you look at; an unknown platform is only observed. Nobody but you comes through it.",
    )
    parser.add_argument("origin", metavar="URL", help="the shop, for example https://your.shop")
    parser.add_argument("--listen", metavar="A", default=DEFAULT_LISTEN, help=f"default {DEFAULT_LISTEN}")
    parser.add_argument("--admin", metavar="A", help="the operator's listener")
    parser.add_argument("--data", metavar="DIR", help="data folder (default: try-HOST/data)")
    parser.set_defaults(run=run, workers=None, no_preflight=False)


def run(args: argparse.Namespace) -> int:
    """Write the configuration if there is none, then serve."""
    parts = urlsplit(args.origin)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Failure(f"{args.origin!r}: expected a URL such as https://your.shop", BAD_CONFIG)
    origin = f"{parts.scheme}://{parts.netloc}"
    folder = Path(f"try-{parts.hostname}")
    config = folder / "site.toml"
    if config.exists():
        print(f"{config}: kept as it is")
    else:
        platform = recognised_platform(fetch(origin, parts.path or "/"))
        folder.mkdir(exist_ok=True)
        config.write_text(first_config(origin, folder.absolute() / "data", platform), "utf-8")
        found = f"looks like {platform.name}" if platform else "runs no platform known yet, so it is only observed"
        print(f"{origin} {found}; wrote {paint(str(config), 'bold')}", flush=True)
    serving = argparse.Namespace(
        config=str(config.absolute()),
        origin=None,
        listen=args.listen,
        admin=args.admin,
        data=args.data,
        workers=None,
        no_preflight=False,
    )
    return serve.run(serving)


def first_config(origin: str, data: Path, platform: Platform | None) -> str:
    """A commented configuration to begin with; `check` accepts it."""
    lines = [
        "# A first configuration, to try on localhost. Reference: docs/reference/configuration.md",
        "version = 1",
        f"data = {json.dumps(str(data))}",
        "",
        "[site]",
        f"origin = {json.dumps(origin)}",
        'host = "origin"                # the shop is shown under another name: its URLs and cookies are mapped',
        f"platform = {json.dumps(platform.name if platform else 'auto')}",
        f"mode = {json.dumps('live' if platform and platform.lists else 'observe')}",
        "holdout = 0                    # everybody is you; in production leave the default of 5 percent",
        "",
        "[consent]",
        "required = false               # nobody but you comes through here; in production name your banner's cookie",
    ]
    for rule in platform.lists if platform else ():
        lines += [
            "",
            f"[placement.{rule.name}]",
            'on = ["home", "category"]',
            f"items = {json.dumps(rule.items)}",
            "",
            "[[experience]]",
            f'id = "{rule.name}-by-affinity"',
            f'at = "{rule.name}"',
            'reorder = { by = "affinity" }',
        ]
    return "\n".join(lines) + "\n"
