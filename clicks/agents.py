"""What kind of software asks: a class of user agent, never its text; and whether a person is looking at all.

Programs are told by the list of the package crawler-user-agents (decision 0002), and by a few patterns of ours for what
names itself a bot and is in no list yet. Nothing about this needs the network: whether a crawler really is who it says
makes no difference, since each gets the origin's bytes and no profile.

Invariant: an unknown agent is a person's; only what names itself as a program is treated as one. What looks in every
part like a browser is never looked up: lists have entries that single telephones match.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

_PEOPLES: Final = frozenset(("http-library", "browser-automation"))
"""Tags of the list that are no bots here: people automate their own shopping, and tests are visitors too."""

_BOT = re.compile(
    r"(?<!cu)bot(?:\b|_)|crawl|spider|slurp|mediapartners|bingpreview|facebookexternalhit|facebookcatalog|whatsapp/"
    r"|link ?preview|urlpreview|unfurl|validator|monitor(?:ing)?\b|scan(?:ner)?\b|uptime|lighthouse|pagespeed|gtmetrix"
    r"|newrelicpinger|site24x7|embedly|preview\b",
    re.IGNORECASE,
)
_TOOL = re.compile(
    r"^(?:curl|wget|httpie|python|aiohttp|httpx|requests|go-http-client|java/|okhttp|apache-httpclient|axios|node|undici"
    r"|got |ruby|perl|lwp|libwww|php|guzzle|postman|insomnia|ab/|apachebench|siege|wrk|hey/|k6|vegeta|locust|jmeter"
    r"|powershell|scrapy|nikto|sqlmap|nmap|masscan|zgrab)",
    re.IGNORECASE,
)
_BROWSER = re.compile(
    r"Mozilla/5\.0 \((?:"
    r"Windows NT [\d.]+(?:; (?:Win64|WOW64|x64|ARM64|rv:[\d.]+|Trident/[\d.]+))*"
    r"|Macintosh; (?:U; )?(?:Intel|PPC) Mac OS X [\d_.]+(?:; rv:[\d.]+)?"
    r"|X11; (?:U; )?(?:Ubuntu; |Fedora; |Debian; )?(?:Linux|CrOS|FreeBSD|OpenBSD) \w+(?: [\d.]+)?(?:; rv:[\d.]+)?"
    r"|(?:iPhone|iPad|iPod touch|iPod); (?:U; )?CPU (?:iPhone )?OS [\d_]+ like Mac OS X"
    r"|(?:Linux; )?(?:U; )?Android [\d.]+(?:; (?!compatible)(?:[^()@+;]|\([^()@+;]*\))*)*"
    r")\)"
    r"(?: \(KHTML, like Gecko\)| (?:AppleWebKit|Gecko|Chrome|CriOS|Safari|Mobile Safari|Firefox|FxiOS|Version|Mobile|"
    r"Edg|EdgA|EdgiOS|OPR|OPT|SamsungBrowser|Vivaldi|YaBrowser|DuckDuckGo|Ddg|Brave|UCBrowser|MiuiBrowser|HuaweiBrowser|"
    r"Silk|GSA|HeadlessChrome|Ubuntu)/[\w.+]+| Mobile| like Gecko)+"
)
_TABLET = re.compile(r"ipad|tablet|kindle|silk/|playbook|nexus (?:7|9|10)\b|sm-t\d", re.IGNORECASE)
_MOBILE = re.compile(r"mobi|iphone|ipod|opera mini|windows phone|blackberry|bb10|symbian", re.IGNORECASE)
_DESKTOP = re.compile(r"windows nt|macintosh|mac os x|x11|linux|cros ", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([^\w\s])")
_SPECIAL = re.compile(r"[\\^$.*+?{}\[\]|()]")


def _listed() -> tuple[dict[str, tuple[str, ...]], re.Pattern[str]]:
    """The list: its plain texts by their first letters, which is how they are found fast, and the patterns left."""
    texts: dict[str, tuple[str, ...]] = {}
    patterns: list[str] = []
    for entry in CRAWLER_USER_AGENTS_DATA:
        pattern: str = entry["pattern"]
        if not _PEOPLES.isdisjoint(entry.get("tags", ())):
            continue
        if _SPECIAL.search(_ESCAPED.sub("", pattern)) or len(text := _ESCAPED.sub(r"\1", pattern)) < _FIRST:
            patterns.append(pattern)
        else:
            texts[text[:_FIRST]] = (*texts.get(text[:_FIRST], ()), text)
    return texts, re.compile("|".join(patterns))


_FIRST: Final = 3
_TEXTS, _PATTERNS = _listed()


BOT: Final = "bot"
"""The class of crawlers, monitors and link previewers, which get the origin's bytes and no profile.

Tools and headless browsers are none: people automate their own shopping, and tests are visitors too.
"""


@lru_cache(maxsize=4096)
def agent_class(user_agent: str) -> str:
    """bot, tool, mobile, tablet, desktop or other. An absent user agent is a tool's."""
    text = user_agent.strip()[:512]
    if not text or _TOOL.search(text):
        return "tool"
    if _names_a_program(text):
        return BOT
    if _TABLET.search(text) or ("Android" in text and not _MOBILE.search(text)):
        return "tablet"
    if _MOBILE.search(text):
        return "mobile"
    if _DESKTOP.search(text):
        return "desktop"
    return "other"


def _names_a_program(text: str) -> bool:
    if _BOT.search(text):
        return True
    if _BROWSER.fullmatch(text):
        return False
    for at in range(len(text) - _FIRST + 1):
        for known in _TEXTS.get(text[at : at + _FIRST], ()):
            if text.startswith(known, at):
                return True
    return _PATTERNS.search(text) is not None


def is_prefetch(headers: Mapping[str, str]) -> bool:
    """A speculative load (Sec-Purpose, Purpose, X-Purpose, X-Moz); `headers` has lower-case names."""
    return any(
        word in headers.get(name, "").lower()
        for name in ("sec-purpose", "purpose", "x-purpose", "x-moz")
        for word in ("prefetch", "prerender", "preview")
    )
