"""`try`: your own shop on localhost, observed and, where its platform is known, personalised.

Invariant: what somebody wrote in the trial's folder is kept, and never serves another shop than the one asked for.
"""

import argparse
import json
import sys
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from config.values import checked_origin
from vitrina.commands import serve
from vitrina.commands.check import checked_settings
from vitrina.failures import BAD_CONFIG, Failure
from vitrina.fetching import Fetched, landing
from vitrina.looking import look_at
from vitrina.site_file import site_file
from vitrina.terminal import paint

DEFAULT_LISTEN = "127.0.0.1:8080"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "try",
        help="try it on your own shop, on localhost",
        description="Look at a handful of the shop's pages, write a first configuration to try-HOST/site.toml (an "
        "existing one is kept) and serve it on localhost under another name (host = origin). You are greeted when you "
        "sign in, and product lists follow what you look at. Nobody but you comes through it.",
    )
    parser.add_argument("origin", metavar="URL", help="the shop, for example https://your.shop")
    parser.add_argument("--listen", metavar="A", default=DEFAULT_LISTEN, help=f"default {DEFAULT_LISTEN}")
    parser.add_argument("--admin", metavar="A", help="the operator's listener")
    parser.add_argument("--data", metavar="DIR", help="data folder (default: try-HOST/data)")
    parser.set_defaults(run=run, workers=None, no_preflight=False)


def run(args: argparse.Namespace) -> int:
    """Write the configuration if there is none, then serve."""
    asked = _checked(args.origin)
    config = _config_of(asked)
    if not config.exists():
        origin, page = landing(args.origin)
        landed = _checked(origin)
        if (landed.scheme, landed.netloc) != (asked.scheme, asked.netloc):
            print(f"{asked.scheme}://{asked.netloc} sends visitors to {origin}, so that is what is tried")
            config = _config_of(landed)
        if not config.exists():
            _write(config, origin, page)
    else:
        print(f"{config}: kept as it is")
    print(_what_to_do(args.listen, config), flush=True)
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


def _checked(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        guess = f"; did you mean https://{url}?" if url and "/" not in url.strip("/") and "." in url else ""
        raise Failure(f"{url!r}: expected a URL such as https://your.shop{guess}", BAD_CONFIG)
    try:
        checked_origin(f"{parts.scheme}://{parts.netloc}")
    except ValueError as error:
        raise Failure(f"{url}: {error}", BAD_CONFIG) from None
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or {"http": 80, "https": 443}[parts.scheme]


def _config_of(shop: SplitResult) -> Path:
    """The shop's file: one that is there, else where to write it. Another shop's on the same host is not touched."""
    host = (shop.hostname or "").replace(":", "-")
    candidates = [Path(f"try-{host}"), Path(f"try-{host}-{_port(shop)}")]
    for folder in candidates:
        config = folder / "site.toml"
        if not config.exists() or _is_same(urlsplit(checked_settings(str(config)).site.origin), shop):
            return config
    raise Failure(f"{config} serves another shop: change its origin, or move it away", BAD_CONFIG)


def _is_same(one: SplitResult, other: SplitResult) -> bool:
    """The same host and port, where http and https at their own ports are one shop."""
    ports = {0 if (port := _port(each)) in (80, 443) else port for each in (one, other)}
    return one.hostname == other.hostname and len(ports) == 1


def _write(config: Path, origin: str, page: Fetched) -> None:
    config.parent.mkdir(exist_ok=True)
    data = str(config.parent.absolute() / "data")
    if page.status != 200:
        config.write_text(observing(origin, data), "utf-8")
        found = (
            f"answered {page.status} at {page.target} to a visitor without cookies, so its platform is not known yet"
        )
    else:
        looked = look_at(origin, page.target, lambda line: print(paint(line, "dim", sys.stderr), file=sys.stderr))
        config.write_text(site_file(looked, "origin", data, is_trial=True), "utf-8")
        if looked.known is not None:
            found = f"looks like {looked.known.name}"
        elif looked.has_lists:
            found = "runs on no platform known here; its product lists were recognised"
        else:
            found = "runs on no platform known here, and no product list was recognised, so nothing changes"
    print(f"{origin} {found}; wrote {paint(str(config), 'bold')}")


def _what_to_do(listen: str, config: Path) -> str:
    """The next minute of somebody who has never seen this."""
    settings = checked_settings(str(config))
    host, _, port = listen.rpartition(":")
    shown = "localhost" if host in ("", "127.0.0.1", "0.0.0.0", "[::]") else host  # noqa: S104 (shown, not bound)
    where = "" if port == "0" else f" Open {paint(f'http://{shown}:{port}/', 'bold')} once it serves."
    names = ", ".join(settings.placements)
    if settings.experiences:
        then = f"Look at some products, then at their list again: it follows what you looked at ({names})."
    else:
        then = "Pages come as the shop sends them. To personalise: docs/how-to/write-a-platform.md"
    return (
        f"Trial:{where} Links, forms, redirects and cookies stay under that name; orders are real orders.\n"
        f"{then}\nChange {config} as you like and start again; Ctrl-C ends the trial."
    )


def observing(origin: str, data: str) -> str:
    """A configuration that only looks, for a shop that shows nothing yet."""
    return "\n".join(
        [
            "# To try on localhost. Reference: docs/reference/configuration.md",
            "version = 1",
            f"data = {json.dumps(data)}",
            "",
            "[site]",
            f"origin = {json.dumps(origin)}",
            'host = "origin"',
            'platform = "auto"              # told, or learnt, from the traffic',
            'mode = "observe"',
            "holdout = 0",
            "",
            "[consent]",
            "required = false",
            "",
        ]
    )
