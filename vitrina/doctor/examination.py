"""Asking the shop as Vitrina would ask it, and as browsers would: a few GETs, one after the other, without cookies.

Invariant: nothing is asked that changes something: GET alone, of pages that the shop's own pages link to, and of none
that the platform names as carts, accounts, or never to be touched.
"""

import asyncio
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import aiohttp

from clicks.kinds import page_kind
from clicks.targets import parse_target
from config.patterns import PathPatterns
from config.platform import Platform
from config.platforms import load_platform, platform_of
from config.settings import Settings
from vitrina.commands.explain import recognised_platform
from vitrina.datafolder import DataFolder
from vitrina.fetching import Fetched
from vitrina.version import VERSION

TIMEOUT_S = 15.0
PAUSE_S = 0.1
"""Between two pages of the crawl: the shop has visitors."""

MOST_PAGES = 6
CRAWLED_KINDS = ("home", "category", "product", "search")
VISITOR = "198.51.100.23"
"""The visitor's address that the shop is told (RFC 5737: nobody's)."""

_LINK = re.compile(rb"""<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the crawl, by its kind."""

    kind: str
    answer: Fetched


@dataclass(slots=True)
class Examination:
    """One shop under one configuration; `pages` are filled by `crawl`."""

    settings: Settings
    config: Path
    data: DataFolder
    pairs: int
    session: aiohttp.ClientSession
    platform: Platform = field(default_factory=lambda: load_platform("generic"))
    pages: list[Page] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """Its URL, without a path."""
        return self.settings.site.origin

    @property
    def public_host(self) -> str:
        """The name that visitors use, as far as the configuration tells."""
        site = self.settings.site
        return site.hosts[0] if site.host == "public" and site.hosts else urlsplit(site.origin).netloc

    @property
    def is_https_possible(self) -> bool:
        """Visitors' https is known to us: TLS ends here, or at a peer that is believed."""
        return self.settings.tls is not None or bool(self.settings.site.trusted)

    async def get(
        self, target: str, *, scheme: str = "http", visitor: str = VISITOR, base: str | None = None, cookie: str = ""
    ) -> Fetched:
        """GET as Vitrina forwards it (or from `base`, as a browser does). OSError, TimeoutError or ClientError."""
        headers: Mapping[str, str] = {
            "Host": self.public_host,
            "User-Agent": f"vitrina-doctor/{VERSION}",
            "Accept": "text/html,*/*;q=0.8",
        }
        if base is None:
            headers = {
                **headers,
                "X-Forwarded-For": visitor,
                "X-Forwarded-Proto": scheme,
                "X-Forwarded-Host": self.public_host,
            }
        if cookie:
            headers = {**headers, "Cookie": cookie}
        async with self.session.get((base or self.origin) + target, headers=headers, allow_redirects=False) as answer:
            return Fetched(answer.status, target, tuple(answer.raw_headers), await answer.read())

    async def crawl(self) -> None:
        """Home, and a page of each other kind that links lead to."""
        scheme = "https" if self.is_https_possible else "http"
        home = await self._page("/", scheme)
        if home is None:
            return
        is_told = self.settings.site.platform != "auto"
        self.platform = platform_of(self.settings) if is_told else recognised_platform(home) or self.platform
        self.pages.append(Page(page_kind(self.platform, parse_target(home.target.encode())), home))
        asked = {home.target}
        while len(self.pages) < MOST_PAGES:
            following = self._next(asked)
            if following is None:
                return
            kind, target = following
            asked.add(target)
            await asyncio.sleep(PAUSE_S)
            answer = await self._page(target, scheme)
            if answer is not None and answer.status == 200:
                self.pages.append(Page(kind, answer))

    def _next(self, asked: set[str]) -> tuple[str, str] | None:
        """A link to a page of a kind not seen yet, or to one that a placement names by its path."""
        seen = {page.kind for page in self.pages}
        never = PathPatterns(
            (
                *self.settings.site.never_touch,
                *self.settings.site.never_read,
                *self.platform.never_touch,
                *self.platform.never_read,
            )
        )
        named = [
            PathPatterns((on,)) for each in self.settings.placements.values() for on in each.on if on.startswith("/")
        ]
        unseen = [rule for rule in named if not any(rule.match(page.answer.target) for page in self.pages)]
        for page in self.pages:
            for target in self._links(page.answer):
                kind = page_kind(self.platform, parse_target(target.encode()))
                is_wanted = (kind in CRAWLED_KINDS and kind not in seen) or any(rule.match(target) for rule in unseen)
                if is_wanted and target not in asked and not never.match(target) and "action=" not in target:
                    return kind, target
        return None

    def _links(self, page: Fetched) -> list[str]:
        here = f"http://{self.public_host}{page.target}"
        ours = {self.public_host.lower(), urlsplit(self.origin).netloc.lower()}
        found: dict[str, None] = {}
        for match in _LINK.finditer(page.body):
            text = (match[1] or match[2] or match[3] or b"").decode("latin-1").replace("&amp;", "&").strip()
            parts = urlsplit(urljoin(here, text))
            if parts.scheme in ("http", "https") and parts.netloc.lower() in ours and text.isascii():
                found[(parts.path or "/") + (f"?{parts.query}" if parts.query else "")] = None
        return list(found)

    async def _page(self, target: str, scheme: str) -> Fetched | None:
        """The page, over a few redirects within the shop."""
        for _ in range(5):
            try:
                answer = await self.get(target, scheme=scheme)
            except (aiohttp.ClientError, OSError, TimeoutError):
                return None
            location = answer.header(b"location")
            if answer.status not in (301, 302, 303, 307, 308) or location is None:
                return answer
            parts = urlsplit(urljoin(f"{scheme}://{self.public_host}{target}", location.decode("latin-1")))
            following = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            if (parts.scheme, following) == (scheme, target):
                return None
            scheme, target = parts.scheme, following
        return None


def session_for(settings: Settings) -> aiohttp.ClientSession:
    """A client without cookies that trusts what the data plane trusts."""
    context = ssl.create_default_context()
    if settings.site.origin_ca is not None:
        context.load_verify_locations(settings.site.origin_ca)
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        connector=aiohttp.TCPConnector(ssl=context),
    )


def milliseconds_since(started: float) -> float:
    """Since a `time.perf_counter()`."""
    return (time.perf_counter() - started) * 1000
