"""Fetch one page from the origin, as `explain` and `try` need it: a plain GET without cookies of a visitor's."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import aiohttp

from config.values import checked_origin
from vitrina.failures import BAD_CONFIG, UNREACHABLE, Failure
from vitrina.version import VERSION

TIMEOUT_S = 15
MAX_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: decoded body, header block as raw pairs, and the path?query that was finally answered."""

    status: int
    target: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def header(self, name: bytes) -> bytes | None:
        """First value of a header, by lower-case name."""
        return next((value for key, value in self.headers if key.lower() == name), None)


def fetch(origin: str, target: str, host: str | None = None, cookies: dict[str, str] | None = None) -> Fetched:
    """GET `target` from `origin`, following redirects there; Failure when it cannot be had.

    `cookies` are sent, and what the shop sets is added to them: several pages can be one visit.
    """
    return asyncio.run(_fetch(origin, target, host, cookies=cookies))[1]


def landing(url: str) -> tuple[str, Fetched]:
    """Where a browser that opens `url` arrives: the last origin (`scheme://host:port`), and its page."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return asyncio.run(_fetch(f"{parts.scheme}://{parts.netloc}", target, None, may_leave=True))


async def _fetch(
    origin: str, target: str, host: str | None, *, may_leave: bool = False, cookies: dict[str, str] | None = None
) -> tuple[str, Fetched]:
    headers = {"User-Agent": f"vitrina/{VERSION}", "Accept": "text/html"}
    if host:
        headers["Host"] = host
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            for _ in range(MAX_REDIRECTS):
                async with session.get(
                    origin + target, headers=headers, cookies=cookies, allow_redirects=False
                ) as response:
                    if cookies is not None:
                        cookies.update({name: morsel.value for name, morsel in response.cookies.items()})
                    location = response.headers.get("Location")
                    if response.status in (301, 302, 303, 307, 308) and location:
                        parts = urlsplit(urljoin(origin + target, location))
                        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                        if may_leave and parts.scheme in ("http", "https") and parts.hostname:
                            origin = _allowed(f"{parts.scheme}://{parts.netloc}")
                        continue
                    body = await response.read()
                    return origin, Fetched(response.status, target, tuple(response.raw_headers), body)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Failure(f"{origin}{target}: {_cause(error)}", UNREACHABLE) from None
    raise Failure(f"{origin}{target}: more than {MAX_REDIRECTS} redirects", UNREACHABLE)


def _allowed(origin: str) -> str:
    """A redirect leads where a configuration could, and not to a metadata service."""
    try:
        return checked_origin(origin)
    except ValueError as error:
        raise Failure(f"the shop redirects to {origin}: {error}", BAD_CONFIG) from None


def _cause(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return f"{error.certificate_error}; if the shop has a CA of its own: SSL_CERT_FILE=ca.pem"
        case aiohttp.ClientConnectorError():
            return error.os_error.strerror or str(error.os_error)
    return str(error) or type(error).__name__
