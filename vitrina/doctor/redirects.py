"""Does the shop redirect for ever, because it does not believe how the visitor came?"""

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import aiohttp

from vitrina.doctor.examination import Examination
from vitrina.doctor.finding import Finding

MOST_STEPS = 10


@dataclass(frozen=True, slots=True)
class _Way:
    """Where a browser ends that opens a page: "page", "loop", "other host", "no answer"."""

    end: str
    scheme: str
    detail: str = ""


async def check(examination: Examination) -> list[Finding]:
    """Follow the home page as a browser with http and one with https would."""
    plain, secure = await _followed(examination, "http"), await _followed(examination, "https")
    if "no answer" in (plain.end, secure.end):
        return [Finding("redirects", "unknown", "the shop did not answer")]
    if secure.end == "loop":
        return [
            Finding(
                "redirects",
                "fail",
                f"https://{examination.public_host}/ leads to itself ({secure.detail}) although X-Forwarded-Proto says "
                "https",
                "the shop does not believe X-Forwarded-Proto: over https every page would redirect for ever",
                "have the shop trust Vitrina's address for X-Forwarded-Proto (Django: SECURE_PROXY_SSL_HEADER; PHP: "
                "set HTTPS=on from it in the server's configuration)",
            )
        ]
    if plain.end == "loop":
        return [
            Finding(
                "redirects",
                "fail",
                f"http://{examination.public_host}/ leads to itself ({plain.detail})",
                "over http every page would redirect for ever",
                "have the shop take its scheme from X-Forwarded-Proto, or serve https alone",
            )
        ]
    other = next((way for way in (secure, plain) if way.end == "other host"), None)
    if other is not None:
        return [
            Finding(
                "redirects",
                "warn",
                f"{examination.public_host} is redirected to {other.detail}",
                "visitors would leave Vitrina with their first click",
                f'put the shop\'s name first in `hosts`: hosts = ["{other.detail}"]'
                if examination.settings.site.host == "public"
                else f"let `origin` be {other.scheme}://{other.detail}",
            )
        ]
    if plain.scheme == "https" and not examination.is_https_possible:
        return [
            Finding(
                "redirects",
                "fail",
                "the shop redirects http to https, and this configuration never says https to it",
                "what ends TLS in front of Vitrina is not in `trusted`: its X-Forwarded-Proto is overwritten with "
                "http, and the shop redirects for ever",
                "add the front's address to `trusted`, or let Vitrina end TLS with [tls]",
            )
        ]
    if secure.scheme == "http":
        return [
            Finding(
                "redirects",
                "warn",
                "the shop redirects https to http",
                "visitors who come by https lose it",
                "set the shop's own address to https, or do not offer https in front",
            )
        ]
    return [Finding("redirects", "ok", f"no loops: http ends at {plain.scheme}, https at {secure.scheme}")]


async def _followed(examination: Examination, scheme: str) -> _Way:
    host = examination.public_host
    ours = {host.lower(), urlsplit(examination.origin).netloc.lower()}
    target, seen = "/", {(scheme, "/")}
    for _ in range(MOST_STEPS):
        try:
            answer = await examination.get(target, scheme=scheme)
        except (aiohttp.ClientError, OSError, TimeoutError):
            return _Way("no answer", scheme)
        location = answer.header(b"location")
        if answer.status not in (301, 302, 303, 307, 308) or location is None:
            return _Way("page", scheme)
        parts = urlsplit(urljoin(f"{scheme}://{host}{target}", location.decode("latin-1")))
        if parts.netloc.lower() not in ours:
            return _Way("other host", parts.scheme, parts.netloc)
        scheme, target = parts.scheme, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if (scheme, target) in seen:
            return _Way("loop", scheme, f"{answer.status} to {scheme}://{host}{target.partition('?')[0]}")
        seen.add((scheme, target))
    return _Way("loop", scheme, f"more than {MOST_STEPS} redirects")
