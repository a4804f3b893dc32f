"""The request target, read once: path and query decoded; what of it may be kept, and the page's key made of that.

Invariant: nothing that `kept_query`, `page_key`, `kept_path`, `referrer` or `campaign` return carries a session id, a
token, an e-mail address or a card number (DESIGN 11).
"""

from dataclasses import dataclass

from config.platform import Platform


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed request target (RFC 9112 section 3.2). `path` and `query` are percent-decoded; `raw` is as received."""

    path: str
    query: tuple[tuple[str, str], ...] = ()
    raw: bytes = b""

    def get(self, name: str) -> str | None:
        """The last value of a query field, as PHP has it, or None."""
        raise NotImplementedError

    @property
    def text(self) -> str:
        """path?query, decoded: what path patterns match."""
        raise NotImplementedError


def parse_target(raw: bytes) -> Target:
    """Read a target in origin, absolute or asterisk form; never fails, whatever the bytes."""
    raise NotImplementedError


def kept_path(target: Target, platform: Platform) -> str:
    """The path as clicks keep it: without path parameters (`;jsessionid=…`), session ids and addresses."""
    raise NotImplementedError


def kept_query(target: Target, platform: Platform) -> dict[str, str]:
    """The query fields that clicks keep: the platform's allow-list, never a session id or a private value."""
    raise NotImplementedError


def campaign(target: Target) -> dict[str, str]:
    """The campaign fields of a target: utm_source, utm_medium, utm_campaign, utm_term, utm_content."""
    raise NotImplementedError


def page_key(host: str, target: Target, platform: Platform) -> str:
    """The page's name: "host/path?kept=fields", the same for all visitors and all their sessions."""
    raise NotImplementedError


def referrer(value: str, platform: Platform) -> str:
    """A Referer header as clicks keep it: "host/path", no query, no scheme; "" when there is none or it is odd."""
    raise NotImplementedError


def referrer_key(value: str, platform: Platform) -> str:
    """A Referer header as a page key ("host/path?kept=fields"), to compare with `page_key` of the last page."""
    raise NotImplementedError
