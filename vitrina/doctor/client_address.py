"""Which address does the shop take for the visitor's?"""

import re

import aiohttp

from vitrina.doctor.examination import VISITOR, Examination
from vitrina.doctor.finding import Finding
from vitrina.fetching import Fetched

_ANOTHER = "203.0.113.45"
_REMAINING = (b"x-ratelimit-remaining", b"ratelimit-remaining", b"x-rate-limit-remaining")


async def check(examination: Examination) -> list[Finding]:
    """An address that the shop shows, or rate limits that tell two visitors apart."""
    try:
        answers = [await examination.get("/", visitor=visitor) for visitor in (VISITOR, VISITOR, _ANOTHER)]
    except (aiohttp.ClientError, OSError, TimeoutError):
        return [Finding("client_address", "unknown", "the shop did not answer")]
    if any(_shows(answer, address) for answer, address in zip(answers, (VISITOR, VISITOR, _ANOTHER), strict=True)):
        return [Finding("client_address", "ok", "the shop shows the address of X-Forwarded-For")]
    counts = [_remaining(answer) for answer in answers]
    first, second, other = counts
    if first is not None and second is not None and other is not None and second < first:
        if other >= first:
            return [Finding("client_address", "ok", "the shop's rate limit tells visitors apart by X-Forwarded-For")]
        if other < second:
            return [
                Finding(
                    "client_address",
                    "fail",
                    "the shop's rate limit counts all visitors as one",
                    "it takes Vitrina's address for everybody's: soon all visitors are refused together",
                    "have the shop trust Vitrina's address for X-Forwarded-For",
                )
            ]
    return [
        Finding(
            "client_address",
            "unknown",
            "the shop shows no address and no rate limit",
            "logs, fraud rules and limits of the shop may see Vitrina's address for everybody's",
            "open a page and look into the shop's own log: it must show X-Forwarded-For's address",
        )
    ]


def _shows(answer: Fetched, address: str) -> bool:
    pattern = re.compile(rb"(?<![\d.])" + re.escape(address.encode()) + rb"(?!\.?\d)")
    return pattern.search(answer.body) is not None or any(pattern.search(value) for _, value in answer.headers)


def _remaining(answer: Fetched) -> int | None:
    for name in _REMAINING:
        value = answer.header(name)
        if value is not None and value.split(b";")[0].strip().isdigit():
            return int(value.split(b";")[0])
    return None
