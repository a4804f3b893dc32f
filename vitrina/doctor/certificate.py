"""How long do the certificates hold?"""

import asyncio
import ssl
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cryptography import x509

from config.settings import Tls
from vitrina.certificates import read_certificate
from vitrina.doctor.examination import TIMEOUT_S, Examination
from vitrina.doctor.finding import Finding

WARN_DAYS = 14


async def check(examination: Examination) -> list[Finding]:
    """The origin's, if it is asked by https, and ours, if we serve https."""
    findings = []
    url = urlsplit(examination.origin)
    if url.scheme == "https" and url.hostname is not None:
        findings.append(await _of_origin(examination, url.hostname, url.port or 443))
    if (tls := examination.settings.tls) is not None:
        try:
            findings.append(_ours(tls))
        except (OSError, ValueError) as error:
            findings.append(
                Finding("certificate", "fail", f"{tls.cert}: {error}", "https would not be served", "correct [tls]")
            )
    return findings or [Finding("certificate", "ok", "neither side of this configuration has one")]


def _ours(tls: Tls) -> Finding:
    return _judged("certificate", f"our certificate {tls.cert}", read_certificate(tls).chain)


async def _of_origin(examination: Examination, host: str, port: int) -> Finding:
    context = ssl.create_default_context()
    if examination.settings.site.origin_ca is not None:
        context.load_verify_locations(examination.settings.site.origin_ca)
    try:
        async with asyncio.timeout(TIMEOUT_S):
            _, writer = await asyncio.open_connection(host, port, ssl=context)
    except (OSError, TimeoutError) as error:
        return Finding(
            "certificate",
            "fail",
            f"{host}:{port}: {error or 'no answer'}",
            "Vitrina speaks to a verified origin alone: visitors would get 502",
            "renew the origin's certificate, or name its authority in `origin_ca`",
        )
    found = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return _judged("certificate", f"the origin's certificate for {host}", ssl.DER_cert_to_PEM_cert(found).encode())


def _judged(check_name: str, whose: str, pem: bytes) -> Finding:
    ends = x509.load_pem_x509_certificate(pem).not_valid_after_utc
    days = (ends - datetime.now(UTC)).days
    found = f"{whose} holds until {ends:%Y-%m-%d}"
    if days < 0:
        return Finding(check_name, "fail", f"{whose} ended on {ends:%Y-%m-%d}", "https fails", "renew it")
    if days < WARN_DAYS:
        return Finding(check_name, "warn", f"{found}: {days} days", "then https fails", "renew it, or see why not yet")
    return Finding(check_name, "ok", found)
