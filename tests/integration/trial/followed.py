"""What a browser would follow on a page: each attribute's value, each script's and style's text, as it reads them."""

import html
import json
import re
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.values: list[tuple[str, str]] = []
        self.links: list[str] = []
        self.base = ""
        self._raw = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._raw = tag if tag in ("script", "style") else ""
        for name, value in attrs:
            self.values.append((f"{tag}@{name}", value or ""))
            if (tag, name) == ("a", "href"):
                self.links.append(value or "")
            elif (tag, name) == ("base", "href"):
                self.base = value or ""

    def handle_data(self, data: str) -> None:
        if self._raw:
            self.values.append((self._raw, data))


def values(page: bytes) -> list[tuple[str, str]]:
    """Where it stands (`a@href`, `script`) and its text."""
    reader = _Reader()
    reader.feed(page.decode("utf-8", "replace"))
    return reader.values


def links(page: bytes, url: str) -> list[str]:
    """Targets of the page's links that stay on its host, in the page's order."""
    reader = _Reader()
    reader.feed(page.decode("utf-8", "replace"))
    base = urljoin(url, reader.base)
    parts = [urlsplit(urljoin(base, link.strip())) for link in reader.links]
    own = urlsplit(url).netloc
    return [
        part.path + (f"?{part.query}" if part.query else "")
        for part in parts
        if part.scheme == "http" and part.netloc == own
    ]


def naming(page: bytes, host: str) -> list[tuple[str, str]]:
    """Values that name `host`, however they spell it."""
    return [(where, text) for where, text in values(page) if _names(text, host)]


def naming_in_json(body: bytes, host: str) -> list[str]:
    """Strings of a JSON document that name `host`, those inside HTML strings included."""
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            for key, each in value.items():
                walk(key)
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)
        elif isinstance(value, str) and _names(value, host):
            found.append(value)

    walk(json.loads(body))
    return found


def _names(text: str, host: str) -> bool:
    for _ in range(3):
        text = html.unescape(unquote(text))
        text = re.sub(r"\\+(?=[/\"'])", "", text)
        text = re.sub(r"\\+(?:u00|x)([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)), text)
    return host in text.lower()
