"""Cookies in which known consent banners keep the visitor's answer, and what they hold when everything was allowed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from clicks.detecting.sample import Sample


@dataclass(frozen=True, slots=True)
class Banner:
    """`mark` is a text of the banner's script or markup on a page."""

    name: str
    mark: str
    cookie: str
    contains: str


BANNERS: Final = (
    Banner("Cookiebot", "consent.cookiebot.com", "CookieConsent", "statistics:true"),
    Banner("OneTrust", "otsdkstub", "OptanonConsent", "C0003%3A1"),
    Banner("CookieYes", "cookieyes", "cookieyes-consent", "analytics:yes"),
    Banner("Complianz", "complianz", "cmplz_statistics", "allow"),
    Banner("Osano cookieconsent", "cookieconsent.min.js", "cookieconsent_status", "allow"),
    Banner("Borlabs", "borlabs-cookie", "borlabs-cookie", "statistics"),
    Banner("Iubenda", "iubenda_cs", "_iub_cs-s", "true"),
    Banner("tarteaucitron", "tarteaucitron", "tarteaucitron", "=true"),
    Banner("Klaro", "klaro.js", "klaro", "true"),
    Banner("Moove GDPR", "moove_gdpr", "moove_gdpr_popup", "%22thirdparty%22%3A%221%22"),
)


def banner_on(samples: Sequence[Sample]) -> Banner | None:
    """The consent banner whose marks are on the pages."""
    for banner in BANNERS:
        mark = banner.mark.lower()
        if any(mark in page.html.lower() for page in samples):
            return banner
    return None
