"""Where visits come from."""

import pytest

from clicks.sources import source


@pytest.mark.parametrize(
    ("referrer", "campaign", "expected"),
    [
        ("", {}, "direct"),
        ("shop.example", {}, "internal"),
        ("www.shop.example:443", {}, "internal"),
        ("www.google.com", {}, "search:google"),
        ("www.google.co.uk", {}, "search:google"),
        ("duckduckgo.com", {}, "search:duckduckgo"),
        ("search.yahoo.co.jp", {}, "search:yahoo"),
        ("l.facebook.com", {}, "social:facebook"),
        ("t.co", {}, "social:twitter"),
        ("www.instagram.com", {}, "social:instagram"),
        ("mail.google.com", {}, "email"),
        ("blog.example.org", {}, "partner:blog.example.org"),
        ("www.google.com", {"utm_source": "boletin", "utm_medium": "email"}, "email"),
        ("www.google.com", {"utm_campaign": "otono", "utm_source": "ads"}, "campaign:otono"),
        ("", {"utm_source": "ads"}, "campaign:ads"),
        ("shop.example", {"utm_term": "x"}, "internal"),
        ("[::1]:8080", {}, "partner:[::1]:8080"),
    ],
)
def test_source(referrer: str, campaign: dict[str, str], expected: str) -> None:
    assert source(referrer, "shop.example", campaign) == expected
