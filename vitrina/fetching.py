"""Fetch one page from the origin, as `explain` and `try` need it: a plain GET without cookies."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from vitrina.failures import UNREACHABLE, Failure
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


def fetch(origin: str, target: str, host: str | None = None) -> Fetched:
    """GET `target` from `origin`, following redirects there; Failure when it cannot be had."""
    return asyncio.run(_fetch(origin, target, host))


async def _fetch(origin: str, target: str, host: str | None) -> Fetched:
    headers = {"User-Agent": f"vitrina/{VERSION}", "Accept": "text/html"}
    if host:
        headers["Host"] = host
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            for _ in range(MAX_REDIRECTS):
                async with session.get(origin + target, headers=headers, allow_redirects=False) as response:
                    location = response.headers.get("Location")
                    if response.status in (301, 302, 303, 307, 308) and location:
                        parts = urlsplit(location)
                        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                        continue
                    return Fetched(response.status, target, tuple(response.raw_headers), await response.read())
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Failure(f"{origin}{target}: {error or type(error).__name__}", UNREACHABLE) from None
    raise Failure(f"{origin}{target}: more than {MAX_REDIRECTS} redirects", UNREACHABLE)
