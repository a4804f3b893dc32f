"""Do the two machines agree on the time?"""

import time
from email.utils import parsedate_to_datetime

import aiohttp

from vitrina.doctor.examination import Examination
from vitrina.doctor.finding import Finding

WARN_S = 5.0
FAIL_S = 300.0


async def check(examination: Examination) -> list[Finding]:
    """Our clock against the origin's Date (whole seconds)."""
    before = time.time()
    try:
        answer = await examination.get("/")
    except (aiohttp.ClientError, OSError, TimeoutError):
        return [Finding("clock", "unknown", "the shop did not answer")]
    date = answer.header(b"date")
    try:
        said = parsedate_to_datetime((date or b"").decode("latin-1")).timestamp()
    except ValueError:
        return [Finding("clock", "unknown", "the shop sends no Date")]
    after = time.time()
    # Date is cut to the second, and may be of any moment between the two.
    skew = 0.0 if before - 1 <= said <= after else said - after if said > after else said + 1 - before
    if abs(skew) < WARN_S:
        return [Finding("clock", "ok", f"within {max(1.0, abs(skew)):.0f} s of the origin's")]
    return [
        Finding(
            "clock",
            "fail" if abs(skew) >= FAIL_S else "warn",
            f"{abs(skew):.0f} s {'behind' if skew > 0 else 'ahead of'} the origin's Date",
            "sessions, caps and the ends of previews follow our clock; cookies are set by both",
            "run NTP on both machines (timedatectl set-ntp true)",
        )
    ]
