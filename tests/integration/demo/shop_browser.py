"""A small browser for the shop's tests: real sockets, cookies in a jar, redirects seen."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import ClientSession
from yarl import URL

FORMID = re.compile(r'name="formid" value="([0-9a-f]{32})"')


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as its test needs it."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The page, decoded as it is labelled."""
        return self.body.decode("iso-8859-1")

    @property
    def location(self) -> str:
        """Where a redirect goes, without the host."""
        return str(URL(self.headers["Location"]).relative()).lstrip("/")

    @property
    def token(self) -> str:
        """The form token of the page."""
        match = FORMID.search(self.text)
        if match is None:
            raise ValueError("the page has no form token")
        return match[1]


@dataclass(frozen=True, slots=True)
class Browser:
    """Gets and posts without following redirects."""

    client: ClientSession
    site: str

    async def get(self, target: str, **headers: str) -> Answer:
        """One GET; underscores in header names become hyphens."""
        return await self._send("GET", target, None, headers)

    async def post(self, target: str, **fields: str) -> Answer:
        """One form POST."""
        return await self._send("POST", target, fields, {})

    async def _send(self, method: str, target: str, fields: dict[str, str] | None, headers: dict[str, str]) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = URL(self.site + target, encoded=True)
        async with self.client.request(method, url, data=fields, headers=named, allow_redirects=False) as response:
            return Answer(response.status, response.headers, await response.read())
