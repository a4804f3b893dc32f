"""All checks, in the order they are shown; one that fails to check is itself a finding."""

from collections.abc import Awaitable, Callable

from vitrina.doctor import (
    added_time,
    caches,
    certificate,
    client_address,
    clock,
    cookies,
    disk,
    open_files,
    origin,
    own_paths,
    redirects,
    redis_server,
    selectors,
)
from vitrina.doctor.examination import Examination
from vitrina.doctor.finding import Finding

Check = Callable[[Examination], Awaitable[list[Finding]]]

CHECKS: dict[str, Check] = {
    "origin": origin.check,
    "redirects": redirects.check,
    "client_address": client_address.check,
    "cookies": cookies.check,
    "own_paths": own_paths.check,
    "caches": caches.check,
    "clock": clock.check,
    "certificate": certificate.check,
    "redis": redis_server.check,
    "disk": disk.check,
    "open_files": open_files.check,
    "selectors": selectors.check,
    "added_time": added_time.check,
}


async def examined(examination: Examination, told: Callable[[Finding], None]) -> list[Finding]:
    """Every check, one after the other; `told` is given each finding as it comes."""
    await examination.crawl()
    findings: list[Finding] = []
    for name, check in CHECKS.items():
        try:
            found = await check(examination)
        except Exception as error:  # a check that trips must not hide the others
            found = [Finding(name, "unknown", f"could not be checked: {type(error).__name__}: {error}")]
        for finding in found:
            told(finding)
        findings += found
    return findings
