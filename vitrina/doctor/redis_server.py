"""Is there a Redis that keeps what it is given?"""

import time
from typing import Any

from redis.exceptions import RedisError

from storage.connecting import check_url, connect, shown
from vitrina.doctor.examination import Examination, milliseconds_since
from vitrina.doctor.finding import Finding


async def check(examination: Examination) -> list[Finding]:
    """Reached, its answer's time, its eviction policy and its persistence."""
    url = examination.settings.redis.url
    if url == "embedded":
        return [Finding("redis", "ok", "embedded: a Valkey of our own, which writes an append-only file")]
    if problem := await check_url(url):
        return [
            Finding(
                "redis",
                "fail",
                problem,
                "pages would go out as the shop sent them, and clicks wait in the spool",
                "start it, or correct redis.url",
            )
        ]
    client = connect(url)
    try:
        times = []
        for _ in range(5):
            started = time.perf_counter()
            await client.execute_command("GET", "vitrina:doctor")
            times.append(milliseconds_since(started))
        memory, persistence = await _info(client, "memory"), await _info(client, "persistence")
    except (RedisError, OSError, TimeoutError) as error:
        return [Finding("redis", "unknown", f"{shown(url)}: {' '.join(str(error).split())}")]
    finally:
        await client.aclose()
    return _judged(examination, sorted(times)[2], memory, persistence)


async def _info(client: Any, section: str) -> dict[str, Any]:
    try:
        found = await client.info(section)
    except (RedisError, AttributeError):
        return {}
    return found if isinstance(found, dict) else {}


def _judged(
    examination: Examination, took_ms: float, memory: dict[str, Any], persistence: dict[str, Any]
) -> list[Finding]:
    findings = []
    policy, limit = str(memory.get("maxmemory_policy", "")), int(memory.get("maxmemory", 0) or 0)
    if limit and policy not in ("noeviction", ""):
        everything = policy.startswith("allkeys")
        findings.append(
            Finding(
                "redis",
                "fail" if everything else "warn",
                f"maxmemory-policy {policy} with maxmemory {limit >> 20} MB",
                "when memory is short, "
                + ("clicks that are not folded yet and profiles are thrown away" if everything else "profiles are"),
                "set maxmemory-policy noeviction, and watch the memory; a cache belongs into another Redis",
            )
        )
    if persistence and not int(persistence.get("aof_enabled", 0) or 0):
        findings.append(
            Finding(
                "redis",
                "warn",
                "it writes no append-only file",
                "a restart forgets what came since its last snapshot; clicks of the last hour come back from the "
                "spool, profiles go back to the snapshot",
                "set appendonly yes",
            )
        )
    budget = examination.settings.site.budget.profile_ms
    if took_ms > budget / 2:
        findings.append(
            Finding(
                "redis",
                "warn",
                f"it answers in {took_ms:.1f} ms, profile_ms is {budget:g}",
                "pages will often go out without a profile",
                "run it nearer, or raise budget.profile_ms",
            )
        )
    return findings or [Finding("redis", "ok", f"answers in {took_ms:.1f} ms; {policy or 'no policy told'}")]
