"""May a worker hold as many connections as the configuration lets in?"""

import resource

from vitrina.doctor.examination import Examination
from vitrina.doctor.finding import Finding

OTHERS = 64
"""Listeners, spool, Redis, logs, the event loop's own."""


async def check(examination: Examination) -> list[Finding]:
    """The limit that processes started from here inherit, against the limits of the configuration."""
    limits = examination.settings.limits
    needed = limits.max_client_connections + limits.max_origin_connections + OTHERS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    found = f"{soft} open files a process, {needed} needed at most"
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return [Finding("open_files", "ok", found)]
    return [
        Finding(
            "open_files",
            "warn",
            found,
            f"beyond about {max(0, soft - OTHERS) // 2} visitors at once a worker could accept no more",
            f"raise it (ulimit -n {needed}; hard limit {hard}; systemd: LimitNOFILE={needed}), or lower "
            "limits.max_client_connections",
        )
    ]
