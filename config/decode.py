"""From one TOML file to `Settings`: strict, every problem at once, each with file, line and key.

Invariant: what comes out is complete and consistent; unknown keys are refused with the nearest match. Only keys of an
[[experience]] that are not its own go through unread, into `Experience.settings`: the transforms own them.
"""

import hashlib
import ipaddress
import os
import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from config.errors import ConfigError, Problem
from config.lines import read_lines
from config.personalising import (
    check_offers,
    check_segments,
    read_experiences,
    read_offers,
    read_placements,
    read_segments,
)
from config.platforms import PLATFORM_NAMES, read_own_banners, read_own_forms, read_own_platform
from config.serving import ServingTables, checked
from config.settings import MOST_WORKERS, HostMode, Settings, Site, TomlValue
from config.tables import ProblemLog, Table
from config.values import NO_LISTENER, checked_address, checked_origin, checked_plain_listen

_SYNTAX_LINE = re.compile(r"\(at line (\d+), column (\d+)\)$")


def load(path: Path, platforms: Collection[str] = ()) -> Settings:
    """Read and decode a file. `platforms` are the names allowed besides "auto" (default: those that ship).

    Raises ConfigError with every problem; a missing or unreadable file is one of them.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError((Problem(str(path), "", f"cannot be read: {error.strerror or error}"),)) from error
    except UnicodeDecodeError as error:
        raise ConfigError((Problem(str(path), "", f"is not UTF-8 (byte {error.start})"),)) from error
    return decode(text, path.name, path.parent, platforms)


def decode(
    text: str,
    name: str,
    root: Path,
    platforms: Collection[str] = (),
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Decode a configuration. `name` stands in messages, `root` is what relative file names are relative to."""
    try:
        data: dict[str, TomlValue] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError((_syntax_problem(name, str(error)),)) from error
    log = ProblemLog(name, read_lines(text))
    allowed = tuple(platforms) or PLATFORM_NAMES
    serving = ServingTables(log, root, allowed, os.environ if environment is None else environment)
    settings = _settings(Table(data, (), log), serving, text)
    if log.problems:
        raise ConfigError(log.in_order(), settings)
    return settings


def settings_for_origin(url: str) -> Settings:
    """Settings without a file: mode observe, nothing is rewritten. Raises ConfigError when `url` is no origin."""
    try:
        origin = checked_origin(url)
    except ValueError as error:
        raise ConfigError((Problem("", "--origin", str(error)),)) from error
    return Settings(Site(origin, host=host_mode(origin)), version=_digest(origin))


def host_mode(origin: str) -> HostMode:
    """A shop under a name of its own is tried under another: names are mapped. A local one passes as it is."""
    host = urlsplit(origin).hostname or ""
    try:
        is_local = ipaddress.ip_address(host).is_private
    except ValueError:
        is_local = host == "localhost" or "." not in host or host.endswith((".localhost", ".local", ".internal"))
    return "public" if is_local else "origin"


def _syntax_problem(name: str, message: str) -> Problem:
    found = _SYNTAX_LINE.search(message)
    place = f"{name}:{found[1]}" if found else name
    return Problem(place, "", f"is not TOML: {_SYNTAX_LINE.sub('', message).strip()}")


def _digest(*texts: str) -> str:
    digest = hashlib.blake2b(digest_size=12)
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass"))
        digest.update(b"\0")
    return digest.hexdigest()


def _settings(top: Table, serving: ServingTables, text: str) -> Settings:
    """Reads the tables in the file's order; references are checked once everything is known."""
    if "version" not in top:
        top.problem(None, 'lacks "version"; write version = 1')
    top.whole("version", 1, 1, 1)
    tls = serving.tls(top)
    listen = checked(top, "listen", checked_plain_listen, "127.0.0.1:8080")
    admin = checked(top, "admin", checked_address, "127.0.0.1:9109")
    if listen == admin and not listen.endswith(":0"):
        top.problem("admin", "is the same address as listen; the operator's pages need one of their own")
    if tls is not None and tls.listen in (listen, admin) and not tls.listen.endswith(":0"):
        serving.log.add(("tls", "listen"), "is the same address as listen or admin; TLS needs one of its own")
    if tls is None and listen == NO_LISTENER:
        top.problem("listen", '"off" needs [tls]: nothing would be served')
    placements = read_placements(top)
    segments = read_segments(top)
    offers = read_offers(top, serving.root)
    experiences = read_experiences(top, placements, segments)
    check_segments(top, segments)
    check_offers(top, experiences, offers)
    site = serving.site(top)
    settings = Settings(
        site=site,
        listen=listen,
        admin=admin,
        data=top.text("data", "./data"),
        workers=top.whole("workers", 1, 1, MOST_WORKERS),
        tls=tls,
        log=serving.log_settings(top),
        redis=serving.redis(top),
        consent=serving.consent(top),
        sources=serving.sources(top),
        statistics=serving.statistics(top),
        retention=serving.retention(top),
        limits=serving.limits(top),
        placements=placements,
        segments=segments,
        offers=offers,
        experiences=experiences,
        forms=read_own_forms(top),
        banners=read_own_banners(top),
        platform=read_own_platform(top),
        version=_digest(text, site.error_page, *(offer.html for offer in offers.values())),
    )
    top.finish()
    return settings
