"""Where a visit comes from, in words an operator can group by."""

from collections.abc import Mapping

_SEARCH = {
    "google": "google",
    "bing": "bing",
    "duckduckgo": "duckduckgo",
    "yahoo": "yahoo",
    "ecosia": "ecosia",
    "qwant": "qwant",
    "startpage": "startpage",
    "yandex": "yandex",
    "baidu": "baidu",
    "seznam": "seznam",
    "naver": "naver",
    "brave": "brave",
}
_SOCIAL = {
    "facebook": "facebook",
    "fb": "facebook",
    "instagram": "instagram",
    "twitter": "twitter",
    "t.co": "twitter",
    "x.com": "twitter",
    "linkedin": "linkedin",
    "lnkd": "linkedin",
    "pinterest": "pinterest",
    "reddit": "reddit",
    "youtube": "youtube",
    "youtu": "youtube",
    "tiktok": "tiktok",
    "whatsapp": "whatsapp",
    "telegram": "telegram",
    "t.me": "telegram",
    "mastodon": "mastodon",
    "bsky": "bluesky",
    "vk": "vk",
}
_MAIL_HOSTS = ("mail.", "webmail.", "outlook.", "mail-", "correo.", "email.")


def source(referrer_host: str, own_host: str, campaign: Mapping[str, str]) -> str:
    """direct, internal, search:google, social:facebook, email, campaign:NAME or partner:HOST.

    A campaign's own medium wins over the referrer: mails are read in webmail, and apps send no referrer at all.
    """
    if campaign:
        medium = campaign.get("utm_medium", "").lower()
        name = campaign.get("utm_campaign") or campaign.get("utm_source")
        if medium in ("email", "e-mail", "mail", "newsletter"):
            return "email"
        if name:
            return f"campaign:{name[:80]}"
    host = _bare(referrer_host)
    if not host:
        return "direct"
    if host == _bare(own_host):
        return "internal"
    if host.startswith(_MAIL_HOSTS):
        return "email"
    if found := _SOCIAL.get(host):
        return f"social:{found}"
    labels = host.split(".")
    for label in labels[-3:]:
        if found := _SEARCH.get(label):
            return f"search:{found}"
    # The last label is a top-level domain: "vk" and "fb" are names only before it.
    for label in labels[:-1]:
        if found := _SOCIAL.get(label):
            return f"social:{found}"
    return f"partner:{host}"


def _bare(host: str) -> str:
    """Lower case, without port and a leading www."""
    name = host.lower().rpartition("@")[2]
    if not name.startswith("["):
        name = name.partition(":")[0]
    return name.removeprefix("www.").removeprefix("m.").removeprefix("l.").removeprefix("lm.")
