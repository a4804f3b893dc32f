"""The page before, as a request's Referer says it: worked out when asked for."""

from clicks.targets import referrer, referrer_host, referrer_key
from config.platform import Platform


class Referrer:
    """The value of a Referer field; empty without one."""

    __slots__ = ("_host", "_kept", "_key", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._host: str | None = None
        self._kept: str | None = None
        self._key: str | None = None

    @property
    def host(self) -> str:
        """The host of the page before, or ""."""
        known = self._host
        if known is None:
            known = self._host = referrer_host(self._text()) if self.raw else ""
        return known

    def kept(self, platform: Platform) -> str:
        """The page before as clicks keep it."""
        known = self._kept
        if known is None:
            known = self._kept = referrer(self._text(), platform) if self.raw else ""
        return known

    def key(self, platform: Platform) -> str:
        """The page before as a page key."""
        known = self._key
        if known is None:
            known = self._key = referrer_key(self._text(), platform) if self.raw else ""
        return known

    def _text(self) -> str:
        return self.raw.decode("latin-1")
