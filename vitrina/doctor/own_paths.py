"""Does the shop have pages where Vitrina has its own?"""

import secrets

import aiohttp

from vitrina.doctor.examination import Examination
from vitrina.doctor.finding import Finding

OWN = ("/_vitrina", "/_vitrina/", "/_vitrina/health", "/_vitrina/preview", "/_vitrina/privacy")


async def check(examination: Examination) -> list[Finding]:
    """What the shop answers there must be what it answers to a path that nobody knows."""
    scheme = "https" if examination.is_https_possible else "http"
    try:
        unknown = await examination.get(f"/{secrets.token_hex(8)}", scheme=scheme)
        answers = [await examination.get(path, scheme=scheme) for path in OWN]
    except (aiohttp.ClientError, OSError, TimeoutError):
        return [Finding("own_paths", "unknown", "the shop did not answer")]
    taken = [answer for answer in answers if answer.status < 400 and answer.status != unknown.status]
    if taken:
        found = ", ".join(f"{answer.target} is answered with {answer.status}" for answer in taken)
        return [
            Finding(
                "own_paths",
                "fail",
                found,
                "Vitrina answers every path under /_vitrina itself: the shop's pages there could not be reached",
                "move the shop's pages",
            )
        ]
    return [Finding("own_paths", "ok", f"the shop has no page under /_vitrina (answers {answers[0].status})")]
