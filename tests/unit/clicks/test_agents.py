"""Classes of user agents, and loads that nobody looks at yet."""

import pytest

from clicks.agents import agent_class, is_bot, is_prefetch

DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (DESKTOP, "desktop"),
        (DESKTOP.replace("Chrome/", "HeadlessChrome/"), "desktop"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0", "desktop"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari", "mobile"),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36", "mobile"),
        ("Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", "tablet"),
        ("Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", "tablet"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "bot"),
        ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "bot"),
        ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "bot"),
        ("Mozilla/5.0 (compatible; AhrefsBot/7.0)", "bot"),
        ("GPTBot/1.1", "bot"),
        ("WhatsApp/2.23.20.0", "bot"),
        ("curl/8.5.0", "tool"),
        ("Python/3.11 aiohttp/3.9", "tool"),
        ("", "tool"),
        ("Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36", "mobile"),
        ("x", "other"),
    ],
)
def test_agent_class(user_agent: str, expected: str) -> None:
    assert agent_class(user_agent) == expected
    assert is_bot(user_agent) is (expected == "bot")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"sec-purpose": "prefetch;prerender"}, True),
        ({"purpose": "prefetch"}, True),
        ({"x-moz": "prefetch"}, True),
        ({"x-purpose": "preview"}, True),
        ({"sec-fetch-mode": "navigate"}, False),
        ({}, False),
    ],
)
def test_is_prefetch(headers: dict[str, str], expected: bool) -> None:
    assert is_prefetch(headers) is expected
