"""From one TOML file to `Settings`: strict, every problem at once, each with file, line and key.

Invariant: what comes out is complete and consistent; unknown keys are refused with the nearest match. Only keys of an
[[experience]] that are not its own go through unread, into `Experience.settings`: the transforms own them.
"""

from collections.abc import Collection
from pathlib import Path

from config.settings import Settings


def load(path: Path, platforms: Collection[str] = ()) -> Settings:
    """Read and decode a file. `platforms` are the names allowed besides "auto" (default: those that ship).

    Raises ConfigError with every problem; a missing or unreadable file is one of them.
    """
    raise NotImplementedError


def decode(text: str, name: str, root: Path, platforms: Collection[str] = ()) -> Settings:
    """Decode a configuration. `name` stands in messages, `root` is what relative file names are relative to."""
    raise NotImplementedError


def settings_for_origin(url: str) -> Settings:
    """Settings without a file: mode observe, nothing is rewritten. Raises ConfigError when `url` is no origin."""
    raise NotImplementedError
