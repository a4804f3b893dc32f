"""What kind of software asks: a class of user agent, never its text; and whether a person is looking at all.

Invariant: an unknown agent is a person's; only what names itself as a program is treated as one.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

_BOT = re.compile(
    r"(?<!cu)bot(?:\b|_)|crawl|spider|slurp|mediapartners|adsbot|bingpreview|facebookexternalhit"
    r"|facebookcatalog|whatsapp/"
    r"|telegrambot|embedly|quora link preview|pinterest/0|vkshare|w3c_validator|ia_archiver|archive\.org|lighthouse"
    r"|pagespeed|gtmetrix|pingdom|uptime|statuscake|site24x7|newrelicpinger|datadog|phantomjs"
    r"|google-inspectiontool|googleother|google-read-aloud|feedfetcher|chatgpt-user|claude-user|perplexity|bytespider"
    r"|ahrefs|semrush|screaming frog|preview|validator|monitor(?:ing)?\b|scan(?:ner)?\b",
    re.IGNORECASE,
)
_TOOL = re.compile(
    r"^(?:curl|wget|httpie|python|aiohttp|httpx|requests|go-http-client|java/|okhttp|apache-httpclient|axios|node|undici"
    r"|got |ruby|perl|lwp|libwww|php|guzzle|postman|insomnia|ab/|apachebench|siege|wrk|hey/|k6|vegeta|locust|jmeter"
    r"|powershell|scrapy|nikto|sqlmap|nmap|masscan|zgrab)",
    re.IGNORECASE,
)
_TABLET = re.compile(r"ipad|tablet|kindle|silk/|playbook|nexus (?:7|9|10)\b|sm-t\d", re.IGNORECASE)
_MOBILE = re.compile(r"mobi|iphone|ipod|opera mini|windows phone|blackberry|bb10|symbian", re.IGNORECASE)
_DESKTOP = re.compile(r"windows nt|macintosh|mac os x|x11|linux|cros ", re.IGNORECASE)


@lru_cache(maxsize=1024)
def agent_class(user_agent: str) -> str:
    """bot, tool, mobile, tablet, desktop or other. An absent user agent is a tool's."""
    text = user_agent.strip()[:512]
    if not text or _TOOL.search(text):
        return "tool"
    if _BOT.search(text):
        return "bot"
    if _TABLET.search(text) or ("Android" in text and "Mobile" not in text):
        return "tablet"
    if _MOBILE.search(text):
        return "mobile"
    if _DESKTOP.search(text):
        return "desktop"
    return "other"


def is_bot(user_agent: str) -> bool:
    """A crawler, monitor or link previewer: it gets the origin's bytes and no profile.

    Tools and headless browsers are not: people automate their own shopping, and tests are visitors too.
    """
    return agent_class(user_agent) == "bot"


def is_prefetch(headers: Mapping[str, str]) -> bool:
    """A speculative load (Sec-Purpose, Purpose, X-Purpose, X-Moz); `headers` has lower-case names."""
    return any(
        word in headers.get(name, "").lower()
        for name in ("sec-purpose", "purpose", "x-purpose", "x-moz")
        for word in ("prefetch", "prerender", "preview")
    )
