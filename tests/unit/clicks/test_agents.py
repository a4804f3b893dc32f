"""Classes of user agents, and loads that nobody looks at yet."""

# ruff: noqa: E501, ISC004
# User agents stand as they come.

import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from clicks.agents import agent_class, is_prefetch

DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 "
    "Mobile/15E148 Safari/604.1"
)
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15"
WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
)

PEOPLE = [
    (DESKTOP, "desktop"),
    (DESKTOP.replace("Chrome/", "HeadlessChrome/"), "desktop"),
    (MAC, "desktop"),
    (WINDOWS, "desktop"),
    (WINDOWS + " Edg/131.0.0.0", "desktop"),
    (WINDOWS + " OPR/114.0.0.0", "desktop"),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0", "desktop"),
    ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "desktop"),
    (
        "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36",
        "desktop",
    ),
    ("Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko", "desktop"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari", "mobile"),
    (IPHONE, "mobile"),
    (IPHONE.replace("Version/18.1", "CriOS/131.0.6778.73"), "mobile"),
    (IPHONE.replace("Version/18.1 ", "").replace(" Safari/604.1", "") + " Instagram 361.0.0.35.82", "mobile"),
    (IPHONE.replace(" Safari/604.1", " [FBAN/FBIOS;FBAV/492.0.0.101.111;FBLC/es_ES]"), "mobile"),
    ("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36", "mobile"),
    (PHONE, "mobile"),
    (PHONE.replace("Chrome/", "SamsungBrowser/27.0 Chrome/"), "mobile"),
    # A telephone's build, which the list has as a crawler's.
    (PHONE.replace("Android 10; K", "Android 15; Pixel 9 Build/AP3A.240617.008; wv"), "mobile"),
    (PHONE.replace("Android 10; K", "Android 11; moto g power (2022)"), "mobile"),
    (PHONE.replace("Android 10; K", "Android 9; CUBOT_X19"), "mobile"),
    ("Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0", "mobile"),
    ("Opera/9.80 (Android; Opera Mini/36.2/191.249; U; es) Presto/2.12.423 Version/12.16", "mobile"),
    ("Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", "tablet"),
    ("Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", "tablet"),
    ("x", "other"),
]
TOOLS = ["curl/8.5.0", "Python/3.11 aiohttp/3.9", "python-requests/2.32.3", "Go-http-client/2.0", "okhttp/4.12.0", ""]
SEARCH = [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.6778.69 "
    "Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Googlebot-Image/1.0",
    "AdsBot-Google (+http://www.google.com/adsbot.html)",
    "Mediapartners-Google",
    "Mozilla/5.0 (compatible; Google-InspectionTool/1.0)",
    "GoogleOther",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 "
    "Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)",
    "DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)",
    "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
    "Mozilla/5.0 (compatible; SeznamBot/4.0; +http://napoveda.seznam.cz/seznambot-intro/)",
    "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)",
    "Mozilla/5.0 (compatible; Qwantify/2.4w; +https://www.qwant.com/)/2.4w",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Amazonbot/0.1; +https://developer.amazon.com/support/amazonbot)",
    "Mozilla/5.0 (compatible; PetalBot;+https://webmaster.petalsearch.com/site/petalbot)",
]
SEO_AND_AI = [
    "Mozilla/5.0 (compatible; AhrefsBot/7.0)",
    "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
    "Mozilla/5.0 (compatible; MJ12bot/v1.4.8; http://mj12bot.com/)",
    "Mozilla/5.0 (compatible; DotBot/1.2; +https://opensiteexplorer.org/dotbot; help@moz.com)",
    "Screaming Frog SEO Spider/20.0",
    "GPTBot/1.1",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)",
    "CCBot/2.0 (https://commoncrawl.org/faq/)",
    "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider; "
    "spider-feedback@bytedance.com)",
    "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    "ia_archiver (+http://www.alexa.com/site/help/webmasters; crawler@alexa.com)",
]
PREVIEWS = [
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "WhatsApp/2.23.20.0",
    "WhatsApp/2.24.20.89 A",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slack-ImgProxy (+https://api.slack.com/robots)",
    "Twitterbot/1.0",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Pinterest/0.2 (+https://www.pinterest.com/bot.html)",
    "Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)",
    "Mozilla/5.0 (compatible; Embedly/0.2; +http://support.embed.ly/)",
    "Iframely/1.3.1 (+https://iframely.com/docs/about)",
    "Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)",
    "Viber/13.3.0.5",
    "http.rb/5.1.1 (Mastodon/4.2.1; +https://mastodon.social/) Bot",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 "
    "facebookexternalhit/1.1 Facebot Twitterbot/1.0",
]
MONITORS = [
    "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
    "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
    "Uptime-Kuma/1.23.11",
    "Mozilla/5.0 (compatible; StatusCake)",
    "Site24x7",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 DatadogSynthetics",
    "Better Uptime Bot Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)",
    "check_http/v2.3.1 (monitoring-plugins 2.3.1)",
    DESKTOP + " Chrome-Lighthouse",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_6) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126 Safari/537.36 PTST/240",
    "Zabbix",
    "Hetrixtools Uptime Monitoring Bot. https://hetrix.tools/uptime-monitoring-bot.html",
]


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        *PEOPLE,
        *((text, "tool") for text in TOOLS),
        *((text, "bot") for text in SEARCH + SEO_AND_AI + PREVIEWS + MONITORS),
    ],
)
def test_agent_class(user_agent: str, expected: str) -> None:
    assert agent_class(user_agent) == expected


def test_the_lists_own_examples_are_programs() -> None:
    used = [
        entry for entry in CRAWLER_USER_AGENTS_DATA if {"http-library", "browser-automation"}.isdisjoint(entry["tags"])
    ]
    missed = {text for entry in used for text in entry["instances"] if agent_class(text) not in ("bot", "tool")}
    assert all("AP3A.240617.008" in text for text in missed), "a telephone, whatever the list says"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"sec-purpose": "prefetch;prerender"}, True),
        ({"sec-purpose": "prefetch;anonymous-client-ip"}, True),
        ({"purpose": "prefetch"}, True),
        ({"x-moz": "prefetch"}, True),
        ({"x-purpose": "preview"}, True),
        ({"sec-fetch-mode": "navigate"}, False),
        ({}, False),
    ],
)
def test_is_prefetch(headers: dict[str, str], expected: bool) -> None:
    assert is_prefetch(headers) is expected
