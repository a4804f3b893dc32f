"""Does the shop answer at all?"""

import time

import aiohttp

from vitrina.doctor.examination import Examination, milliseconds_since
from vitrina.doctor.finding import Finding


async def check(examination: Examination) -> list[Finding]:
    """One GET of the home page."""
    started = time.perf_counter()
    try:
        answer = await examination.get("/", scheme="https" if examination.is_https_possible else "http")
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        why = str(error) or type(error).__name__
        return [
            Finding(
                "origin",
                "fail",
                f"{examination.origin} does not answer: {why}",
                "visitors would get 502 or 504; most other checks need an answer",
                "start the shop, correct `origin`, or open the firewall between the two; for an own certificate "
                "authority set `origin_ca`",
            )
        ]
    took = f"{examination.origin} answers {answer.status} in {milliseconds_since(started):.0f} ms"
    if answer.status >= 500:
        return [Finding("origin", "fail", took, "the shop is broken without Vitrina too", "look at the shop's own log")]
    if answer.status >= 400:
        return [
            Finding(
                "origin",
                "warn",
                f"{took} for the host {examination.public_host}",
                "the shop may know itself under another name",
                "name the shop's public host in `hosts`, the first one first",
            )
        ]
    return [Finding("origin", "ok", took)]
