"""Where a visit comes from: channel, source, medium and campaign, in words an operator can group by.

The tables are ours. They name the search engines, social networks and webmail hosts of the default channel groups of
GA4 ("Default channel group", Analytics Help) and the click ids that the advertising networks document. The one data set
on PyPI for this (referer-parser) was last published in 2016.

Invariant: of a click id only its name is ever kept; its value names a person.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

Channel = Literal[
    "direct", "search", "paid_search", "social", "paid_social", "email", "partner", "referral", "campaign"
]
"""What brought a visit. `campaign`: tagged, and of none of the other kinds; `referral`: another site, no partner."""

CLICK_ID: Final = "click_id"
"""The field of a click's campaign that holds the name of a click id that came with the page."""

CLICK_IDS: Final[Mapping[str, tuple[str, str]]] = {
    "gclid": ("google", "cpc"),
    "gbraid": ("google", "cpc"),
    "wbraid": ("google", "cpc"),
    "dclid": ("google", "display"),
    "msclkid": ("bing", "cpc"),
    "yclid": ("yandex", "cpc"),
    "fbclid": ("facebook", "social"),
    "igshid": ("instagram", "social"),
    "igsh": ("instagram", "social"),
    "ttclid": ("tiktok", "paid_social"),
    "twclid": ("twitter", "paid_social"),
    "li_fat_id": ("linkedin", "paid_social"),
    "epik": ("pinterest", "paid_social"),
    "scclid": ("snapchat", "paid_social"),
    "rdt_cid": ("reddit", "paid_social"),
    "srsltid": ("google", "organic"),
    "mc_eid": ("mailchimp", "email"),
    "_kx": ("klaviyo", "email"),
}
"""Click id → source and medium. Facebook and Instagram put theirs on every outgoing link, so it proves no advert."""

_SEARCH = {
    name: name
    for name in (
        *(
            "google",
            "bing",
            "duckduckgo",
            "yahoo",
            "ecosia",
            "qwant",
            "startpage",
            "yandex",
            "baidu",
            "seznam",
            "naver",
        ),
        *("brave", "ask", "aol", "sogou", "daum", "kagi", "mojeek", "swisscows", "metager", "presearch", "coccoc"),
        *("lycos", "searx", "marginalia"),
    )
}
_ASSISTANTS = {"chatgpt.com": "chatgpt", "chat.openai.com": "chatgpt", "perplexity.ai": "perplexity"}
_SOCIAL = {
    "facebook": "facebook",
    "fb": "facebook",
    "instagram": "instagram",
    "threads": "threads",
    "twitter": "twitter",
    "t.co": "twitter",
    "x.com": "twitter",
    "linkedin": "linkedin",
    "lnkd": "linkedin",
    "pinterest": "pinterest",
    "pin.it": "pinterest",
    "reddit": "reddit",
    "youtube": "youtube",
    "youtu": "youtube",
    "tiktok": "tiktok",
    "snapchat": "snapchat",
    "tumblr": "tumblr",
    "quora": "quora",
    "discord": "discord",
    "twitch": "twitch",
    "meneame": "meneame",
    "whatsapp": "whatsapp",
    "wa.me": "whatsapp",
    "telegram": "telegram",
    "t.me": "telegram",
    "mastodon": "mastodon",
    "bsky": "bluesky",
    "vk": "vk",
    "ok.ru": "ok",
    "weibo": "weibo",
    "xing": "xing",
}
_MAIL_HOSTS = ("mail.", "webmail.", "outlook.", "mail-", "correo.", "email.")
_APPS: Final[Mapping[str, tuple[Channel, str]]] = {
    "com.google.android.gm": ("email", "gmail"),
    "com.google.android.googlequicksearchbox": ("search", "google"),
    "com.facebook.katana": ("social", "facebook"),
    "com.linkedin.android": ("social", "linkedin"),
    "com.pinterest": ("social", "pinterest"),
    "com.reddit.frontpage": ("social", "reddit"),
    "org.telegram.messenger": ("social", "telegram"),
}
"""Android apps name themselves as the host of `android-app://`."""
_MAIL_MEDIA = frozenset(("email", "e-mail", "e_mail", "mail", "newsletter"))
_PAID = frozenset(("cpc", "ppc", "paid", "paidsearch", "paid-search", "paid_search", "sem", "cpm", "retargeting"))
_PAID_SOCIAL = frozenset(("paid_social", "paid-social", "paidsocial", "social_paid", "social-paid"))
_SOCIAL_MEDIA = frozenset(("social", "social-network", "social-media", "social_media", "sm", "social network"))
MAX_TEXT: Final = 80


@dataclass(frozen=True, slots=True)
class TrafficSource:
    """Where a session came from. `source` is a name ("google"), a host or what a campaign calls itself; "(direct)"."""

    channel: Channel
    source: str
    medium: str
    campaign: str = ""
    content: str = ""
    term: str = ""
    click_id: str = ""
    """The name of the click id, never its value."""


NOT_SET: Final = "(not set)"
"""What a campaign leaves unsaid, in GA4's words."""
DIRECT: Final = TrafficSource("direct", "(direct)", "(none)")


def traffic_source(
    referrer_host: str, own_host: str, campaign: Mapping[str, str], partners: Collection[str] = ()
) -> TrafficSource | None:
    """The source of a visit that begins with this request; None for a page of the shop itself before it.

    What the link was tagged with wins over the referrer: mails are read in webmail, and apps send no referrer at all. A
    click id speaks where tags do not. `partners` are host names; their subdomains count, too.
    """
    found = _of_referrer(referrer_host, own_host, partners)
    click_id = campaign.get(CLICK_ID, "")
    network = CLICK_IDS.get(click_id)
    tags = {name: campaign.get(f"utm_{name}", "").strip()[:MAX_TEXT] for name in ("source", "medium", "campaign")}
    content, term = (campaign.get(f"utm_{name}", "").strip()[:MAX_TEXT] for name in ("content", "term"))
    if not any(tags.values()) and network is None:
        return found and replace(found, content=content, term=term)
    known = TrafficSource("campaign", NOT_SET, NOT_SET) if found is None or found == DIRECT else found
    source, medium = (known.source, known.medium) if network is None else network
    channel = known.channel
    if tags["source"] or tags["medium"] or network is not None:
        source = tags["source"] or source
        medium = tags["medium"] or (NOT_SET if tags["source"] and network is None else medium)
        channel = _channel(source, medium, known, partners)
    return TrafficSource(
        channel,
        source,
        medium,
        tags["campaign"],
        content,
        term,
        click_id if network is not None else "",
    )


def _channel(source: str, medium: str, found: TrafficSource, partners: Collection[str]) -> Channel:
    medium, host = medium.lower(), _bare(source)
    network = _named(host)
    is_social = network is not None and network[0] == "social"
    if medium in _MAIL_MEDIA:
        return "email"
    if medium in _PAID_SOCIAL or (medium in _PAID and is_social):
        return "paid_social"
    if medium in _SOCIAL_MEDIA:
        return "social"
    if medium in _PAID:
        return "paid_search" if network is not None and network[0] == "search" else "campaign"
    if _is_partner(host, partners) or medium in ("partner", "affiliate", "affiliates"):
        return "partner"
    if medium == "organic" or (network is not None and medium == "referral"):
        return "search" if network is None else network[0]
    return found.channel if medium == "referral" and found.channel in ("partner", "referral") else "campaign"


def _of_referrer(referrer_host: str, own_host: str, partners: Collection[str]) -> TrafficSource | None:
    host = _bare(referrer_host)
    if not host:
        return DIRECT
    if _is_partner(host, partners):  # said by the operator, so it comes first
        return TrafficSource("partner", host, "referral")
    if host == _bare(own_host):
        return None
    found = _named(host)
    if found is None:
        return TrafficSource("referral", host, "referral")
    channel, name = found
    media = {"search": "organic", "social": "social", "email": "email"}
    return TrafficSource(channel, name, media.get(channel, "referral"))


def _named(host: str) -> tuple[Channel, str] | None:
    """A search engine, a social network or a webmail by its host or its plain name."""
    app = _APPS.get(host)
    if app is not None:
        return app
    if host.startswith(_MAIL_HOSTS):
        return "email", host
    if found := _SOCIAL.get(host):
        return "social", found
    if found := _ASSISTANTS.get(host):
        return "search", found
    labels = host.split(".")
    for label in labels[-3:]:
        if found := _SEARCH.get(label):
            return "search", found
    # The last label is a top-level domain: "vk" and "fb" are names only before it.
    for label in labels[:-1]:
        if found := _SOCIAL.get(label):
            return "social", found
    return None


def _is_partner(host: str, partners: Collection[str]) -> bool:
    if not partners or not host:
        return False
    labels = host.split(".")
    return any(".".join(labels[at:]) in partners for at in range(len(labels)))


def source(referrer_host: str, own_host: str, campaign: Mapping[str, str]) -> str:
    """In a word, as profiles keep it: direct, internal, search:google, social:facebook, email, campaign:NAME or
    partner:HOST (any other site: profiles do not know the list of partners).
    """
    found = traffic_source(referrer_host, own_host, campaign)
    if found is None:
        return "internal"
    if found.channel == "email":
        return "email"
    if name := campaign.get("utm_campaign") or campaign.get("utm_source"):
        return f"campaign:{name[:MAX_TEXT]}"
    match found.channel:
        case "direct":
            return "direct"
        case "search" | "paid_search":
            return f"search:{found.source}"
        case "social" | "paid_social":
            return f"social:{found.source}"
        case "campaign":
            return f"campaign:{found.source}"
        case "partner" | "referral":
            return f"partner:{found.source}"


def _bare(host: str) -> str:
    """Lower case, without port and a leading www."""
    name = host.lower().rpartition("@")[2]
    if not name.startswith("["):
        name = name.partition(":")[0]
    return name.removeprefix("www.").removeprefix("m.").removeprefix("l.").removeprefix("lm.")
