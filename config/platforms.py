"""The platforms that ship, each one file in `config/platforms/`, decoded as strictly as the operator's own."""

from functools import cache

from config.platform import Platform

PLATFORM_NAMES: tuple[str, ...] = ("phoenix", "oscar", "generic")
"""In the order in which their marks are tried on traffic; generic has none and is the safe ground for all others."""


@cache
def load_platform(name: str) -> Platform:
    """The platform of that name; "auto" gives generic until the traffic has told more. Raises ConfigError."""
    raise NotImplementedError


def platforms() -> tuple[Platform, ...]:
    """All platforms that ship."""
    return tuple(load_platform(name) for name in PLATFORM_NAMES)
