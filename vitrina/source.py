"""Where the configuration comes from, and what of it may change while Vitrina runs."""

import dataclasses
import time
from collections.abc import Mapping
from pathlib import Path

from config.errors import ConfigError, Problem
from config.lines import read_lines
from config.settings import Settings
from vitrina.certificates import read_certificate
from vitrina.commands.check import checked_settings
from vitrina.loaded import Loaded

_NEEDS_RESTART = ("listen", "admin", "tls.listen")
_NEEDS_STOP = ("data", "redis.url")


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """A file or a bare origin, and what the command line says over it."""

    config: str | None
    origin: str | None = None
    overrides: Mapping[str, str | int] = dataclasses.field(default_factory=dict)

    def load(self) -> Loaded:
        """Read and check everything, certificate included. Raises ConfigError with every problem."""
        settings = checked_settings(self.config, self.origin)
        settings = dataclasses.replace(settings, **self.overrides)  # type: ignore[arg-type]
        try:
            certificate = None if settings.tls is None else read_certificate(settings.tls)
        except OSError as error:  # it went between check and here
            raise ConfigError((Problem("", "tls", f"{error.filename}: {error.strerror}"),)) from None
        return Loaded(settings, certificate, time.time())

    def refuse_changes(self, pinned: Mapping[str, str | None], after: Settings) -> None:
        """Raise ConfigError when something differs from what is `pinned` (see there) by what runs."""
        problems = tuple(
            Problem(
                self._place(key),
                key,
                f"{_shown(key, old)} became {_shown(key, new)}, which takes "
                + ("a stop and a start" if key in _NEEDS_STOP else "`python -m vitrina restart`"),
            )
            for key, old in pinned.items()
            if old != (new := _value(after, key))
        )
        if problems:
            raise ConfigError(problems)

    def _place(self, key: str) -> str:
        if self.config is None:
            return ""
        path = Path(self.config)
        try:
            line = read_lines(path.read_text("utf-8-sig")).find(tuple(key.split(".")))
        except OSError:
            line = None
        return f"{path.name}:{line}" if line else path.name


def pinned(settings: Settings, *, is_restart: bool) -> dict[str, str | None]:
    """What a reload cannot change; a restart without a gap can change the listeners."""
    return {key: _value(settings, key) for key in (() if is_restart else _NEEDS_RESTART) + _NEEDS_STOP}


def _value(settings: Settings, key: str) -> str | None:
    match key:
        case "tls.listen":
            return None if settings.tls is None else settings.tls.listen
        case "redis.url":
            return settings.redis.url
        case _:
            return str(getattr(settings, key))


def _shown(key: str, value: str | None) -> str:
    if value is None:
        return "none"
    return "another server" if key == "redis.url" and value != "embedded" else f'"{value}"'
