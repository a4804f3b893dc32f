"""The load of a bench, on a core of its own: wrk, as fast as it goes; so many requests a second; and one answer at a
time, to be looked at.
"""

import json
import re
import subprocess
import sys
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from pathlib import Path

from bench.even_load import DRAIN_S, Latencies, Plan
from bench.servers import LOAD_CORE, program


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What the load saw."""

    requests: int
    per_second: float
    p50_us: int
    p99_us: int


def wrk(port: int, script: Path, connections: int, seconds: float, begin: int = 0) -> LoadResult:
    """Run wrk on the load's core, from the step `begin` of its script on. RuntimeError when an answer was an error."""
    command = [program("taskset", "util-linux"), "-c", str(LOAD_CORE), program("wrk", "wrk")]
    command += [
        "-t1",
        f"-c{connections}",
        f"-d{seconds:g}s",
        "--timeout",
        "10s",
        "-s",
        str(script),
        f"http://127.0.0.1:{port}/",
        "--",
        str(begin),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    found = re.search(r"RESULT (\{.*\})", done.stdout)
    if found is None:
        raise RuntimeError(f"wrk failed: {done.stdout}{done.stderr}")
    result = json.loads(found[1])
    if result["errors"]:
        raise RuntimeError(f"wrk saw {result['errors']} errors on port {port}: {done.stdout}")
    return LoadResult(result["requests"], result["requests"] / result["us"] * 1e6, result["p50_us"], result["p99_us"])


def even_load(port: int, requests: Sequence[bytes], *, rate: float, connections: int, seed: int) -> LoadResult:
    """Send the requests at `rate` a second, after one on each connection that only opens it (bench.even_load).

    RuntimeError when an answer was an error, or did not come.
    """
    plan = Plan(port, rate, seed, connections, [each.decode("ascii") for each in requests])
    command = [program("taskset", "util-linux"), "-c", str(LOAD_CORE), sys.executable, "-m", "bench.even_load"]
    within_s = len(requests) / rate + DRAIN_S + 60
    done = subprocess.run(
        command, input=json.dumps(asdict(plan)), capture_output=True, text=True, timeout=within_s, check=False
    )
    if done.returncode:
        raise RuntimeError(f"the even load on port {port}: {done.stderr.strip()}")
    found = Latencies(**json.loads(done.stdout))
    return LoadResult(found.sent, found.per_second, found.p50_us, found.p99_us)


def answer_to(port: int, request: bytes) -> bytes:
    """The unpacked body of the answer to a request. RuntimeError unless it is 200."""
    line, *lines = request.decode("ascii").split("\r\n")
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        fields = dict(field.split(": ", 1) for field in lines if field)
        connection.request("GET", line.split(" ")[1], headers=fields)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise RuntimeError(f"port {port}: {answer.status} for {line}")
    return zlib.decompress(body, 31) if answer.headers.get("Content-Encoding") == "gzip" else body
