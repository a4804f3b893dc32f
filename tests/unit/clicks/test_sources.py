"""Where visits come from."""

import pytest

from clicks.sources import CLICK_IDS, source, traffic_source

PARTNERS = ("blog.example", "revista.example")


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
        ("", {"click_id": "gclid"}, "search:google"),
        ("", {"click_id": "ttclid"}, "social:tiktok"),
    ],
)
def test_source(referrer: str, campaign: dict[str, str], expected: str) -> None:
    assert source(referrer, "shop.example", campaign) == expected


@pytest.mark.parametrize(
    ("referrer", "campaign", "expected"),
    [
        ("", {}, ("direct", "(direct)", "(none)")),
        ("shop.example", {}, None),
        ("www.google.es", {}, ("search", "google", "organic")),
        ("chatgpt.com", {}, ("search", "chatgpt", "organic")),
        ("com.google.android.gm", {}, ("email", "gmail", "email")),
        ("outlook.live.com", {}, ("email", "outlook.live.com", "email")),
        ("m.facebook.com", {}, ("social", "facebook", "social")),
        ("www.blog.example", {}, ("partner", "blog.example", "referral")),
        ("es.blog.example:8080", {}, ("partner", "es.blog.example", "referral")),
        ("myblog.example", {}, ("referral", "myblog.example", "referral")),
        ("", {"click_id": "gclid"}, ("paid_search", "google", "cpc")),
        ("www.google.com", {"click_id": "srsltid"}, ("search", "google", "organic")),
        ("www.bing.com", {"click_id": "msclkid"}, ("paid_search", "bing", "cpc")),
        ("l.facebook.com", {"click_id": "fbclid"}, ("social", "facebook", "social")),
        ("", {"click_id": "ttclid"}, ("paid_social", "tiktok", "paid_social")),
        ("", {"click_id": "mc_eid"}, ("email", "mailchimp", "email")),
        ("", {"click_id": "unheard_of"}, ("direct", "(direct)", "(none)")),
        ("", {"utm_source": "google", "utm_medium": "cpc", "click_id": "gclid"}, ("paid_search", "google", "cpc")),
        ("", {"utm_source": "facebook", "utm_medium": "cpc"}, ("paid_social", "facebook", "cpc")),
        ("", {"utm_source": "boletin", "utm_medium": "Email"}, ("email", "boletin", "Email")),
        ("", {"utm_source": "banner", "utm_medium": "display"}, ("campaign", "banner", "display")),
        ("blog.example", {"utm_source": "banner", "utm_medium": "display"}, ("campaign", "banner", "display")),
        ("", {"utm_source": "blog.example", "utm_medium": "referral"}, ("partner", "blog.example", "referral")),
        ("", {"utm_source": "zapatos", "utm_medium": "affiliate"}, ("partner", "zapatos", "affiliate")),
        ("", {"utm_source": "ads"}, ("campaign", "ads", "(not set)")),
        ("", {"utm_source": "google"}, ("campaign", "google", "(not set)")),
        ("", {"utm_campaign": "otono"}, ("campaign", "(not set)", "(not set)")),
        ("blog.example", {"utm_campaign": "otono"}, ("partner", "blog.example", "referral")),
        ("www.google.com", {"utm_term": "x"}, ("search", "google", "organic")),
        ("shop.example", {"utm_source": "home", "utm_medium": "banner"}, ("campaign", "home", "banner")),
    ],
)
def test_traffic_source(referrer: str, campaign: dict[str, str], expected: tuple[str, str, str] | None) -> None:
    found = traffic_source(referrer, "shop.example", campaign, PARTNERS)
    assert (None if found is None else (found.channel, found.source, found.medium)) == expected


def test_everything_a_campaign_says() -> None:
    tags = {
        "utm_source": "boletin",
        "utm_medium": "email",
        "utm_campaign": "otono",
        "utm_content": "boton-rojo",
        "utm_term": "discos",
        "click_id": "gclid",
    }
    found = traffic_source("", "shop.example", tags)
    assert found is not None
    assert (found.campaign, found.content, found.term, found.click_id) == ("otono", "boton-rojo", "discos", "gclid")


def test_click_ids_are_names_of_query_fields() -> None:
    assert all(name == name.lower() and name.replace("_", "").isalnum() for name in CLICK_IDS)
