"""Would browsers keep the shop's cookies?"""

import aiohttp

from vitrina.doctor.examination import Examination
from vitrina.doctor.finding import Finding


async def check(examination: Examination) -> list[Finding]:
    """Secure and Domain of what the shop sets on its pages."""
    scheme = "https" if examination.is_https_possible else "http"
    try:
        home = await examination.get("/", scheme=scheme)
    except (aiohttp.ClientError, OSError, TimeoutError):
        return [Finding("cookies", "unknown", "the shop did not answer")]
    answers = [home, *(page.answer for page in examination.pages)]
    fields = [
        value.decode("latin-1") for each in answers for name, value in each.headers if name.lower() == b"set-cookie"
    ]
    if not fields:
        return [Finding("cookies", "unknown", "the shop sets no cookie on the pages that were looked at")]
    secure = sorted({_name(field) for field in fields if "secure" in _attributes(field)})
    host = examination.public_host.partition(":")[0].lower()
    foreign = sorted(
        {
            f"{_name(field)} for {domain}"
            for field in fields
            if (domain := _attributes(field).get("domain", "").lstrip(".").lower()) and not _covers(domain, host)
        }
    )
    findings = []
    if foreign and examination.settings.site.host == "public":
        findings.append(
            Finding(
                "cookies",
                "fail",
                f"cookies of another name: {', '.join(foreign)}",
                f"browsers at {host} refuse them: nobody can sign in or keep a cart",
                "correct the cookie domain in the shop's configuration, or the first name in `hosts`",
            )
        )
    if secure and scheme == "http":
        findings.append(
            Finding(
                "cookies",
                "fail",
                f"Secure cookies over plain http: {', '.join(secure)}",
                "browsers drop them: nobody can sign in or keep a cart",
                "serve https in front (put its address into `trusted`) or with [tls]; for a trial on localhost use "
                'host = "origin"',
            )
        )
    names = len({_name(field) for field in fields})
    return findings or [Finding("cookies", "ok", f"{names} of the shop's cookies; browsers keep them")]


def _name(field: str) -> str:
    return field.partition("=")[0].strip()


def _attributes(field: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in field.split(";")[1:])
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _covers(domain: str, host: str) -> bool:
    return host == domain or host.endswith(f".{domain}")
