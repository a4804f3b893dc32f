"""Do pages come from a cache between us and the shop, or would one in front of us keep them?"""

import re

from vitrina.doctor.examination import Examination
from vitrina.doctor.finding import Finding
from vitrina.fetching import Fetched

_STATUS = (b"x-cache", b"cf-cache-status", b"x-proxy-cache", b"x-cache-status", b"x-nginx-cache", b"x-drupal-cache")
_SHARED = re.compile(rb"(?:^|[\s,])(?:public|s-maxage\s*=\s*[1-9]\d*)", re.IGNORECASE)
_LONG = re.compile(rb"max-age\s*=\s*[1-9]", re.IGNORECASE)


async def check(examination: Examination) -> list[Finding]:
    """Age and hits on pages that were just asked for; Cache-Control that lets everybody keep them."""
    if not examination.pages:
        return [Finding("caches", "unknown", "no page could be looked at")]
    found: list[Finding] = []
    hits = sorted({mark for page in examination.pages if (mark := _hit(page.answer))})
    if hits:
        found.append(
            Finding(
                "caches",
                "warn",
                f"pages come from a cache before the shop: {', '.join(hits)}",
                "visitors may be sent pages made for others, and logins and carts may not be seen; what a cache keeps "
                "of a page was decided before Vitrina saw the visitor",
                "let `origin` be the shop's own server, behind that cache",
            )
        )
    shared = sorted({page.kind for page in examination.pages if _is_shared(page.answer)})
    if shared:
        found.append(
            Finding(
                "caches",
                "warn",
                f"the shop lets caches keep pages for everybody (Cache-Control: public): {', '.join(shared)}",
                "a CDN in front of Vitrina would answer from its own copies, and Vitrina would not be asked; what "
                "Vitrina changes goes out private, no-store",
                "in front of Vitrina, have no cache for HTML, or let known visitors' requests pass it",
            )
        )
    return found or [Finding("caches", "ok", f"none of {len(examination.pages)} pages came from a cache")]


def _hit(answer: Fetched) -> str:
    for name in _STATUS:
        value = answer.header(name)
        if value is not None and b"hit" in value.lower():
            return f"{name.decode()}: {value.decode('latin-1')[:40]}"
    varnish = answer.header(b"x-varnish")
    if varnish is not None and len(varnish.split()) == 2:
        return "x-varnish names two requests"
    age = answer.header(b"age")
    if age is not None and age.strip().isdigit() and int(age) > 0:
        return f"age: {int(age)}"
    return ""


def _is_shared(answer: Fetched) -> bool:
    value = b",".join(value for name, value in answer.headers if name.lower() == b"cache-control")
    return _SHARED.search(value) is not None and (_LONG.search(value) is not None or b"s-maxage" in value.lower())
