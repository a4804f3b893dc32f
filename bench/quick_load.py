"""The load: known visitors with signed cookies, their requests for wrk; and what a right answer is."""

import json
import re
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from random import Random

from bench.pages.record_shop import CHARSET, GENRES, Record
from bench.quick_servers import LOAD_CORE, program
from visitors.cookie import COOKIE_NAME, Keyring, VisitorCookie, bind, customer_id, encode_cookie

HOST = "tienda.example"
PAGES = 47
"""Addresses of the same category page: a visitor who walks on is shown a new order, not the one kept for 30 minutes."""

_NAMES = ("José", "Lucía", "Łukasz", "Inés", "Begoña", "Mateo", "Zoë", "Martín")
_BROWSER = (
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("Accept-Language", "es-ES,es;q=0.8,en;q=0.5"),
    ("Upgrade-Insecure-Requests", "1"),
    ("Sec-Fetch-Dest", "document"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Site", "same-origin"),
)
_IMAGE = (
    ("User-Agent", _BROWSER[0][1]),
    ("Accept", "image/avif,image/webp,*/*"),
    ("Accept-Language", _BROWSER[2][1]),
    ("Sec-Fetch-Dest", "image"),
    ("Sec-Fetch-Mode", "no-cors"),
    ("Sec-Fetch-Site", "same-origin"),
)
_LUA = """
local cookies = {%s}
local before, between, after = %s, %s, %s
local sent = 0
%s
request = function()
  sent = sent + 1
  return before .. sent * 7 %% %d .. between .. cookies[sent %% #cookies + 1] .. after
end
done = function(summary, latency)
  io.write(string.format('RESULT {"requests":%%d,"us":%%d,"p50_us":%%d,"p99_us":%%d,"errors":%%d}\\n', summary.requests,
    summary.duration, latency:percentile(50), latency:percentile(99), summary.errors.connect + summary.errors.read +
    summary.errors.write + summary.errors.status + summary.errors.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Walk:
    """All visitors walking over all addresses: the request is the same but for the address and the cookies."""

    before: str
    between: str
    after: str
    cookies: tuple[str, ...]

    def request(self, number: int) -> bytes:
        """The request of one step; what the script for wrk sends."""
        cookies = self.cookies[number % len(self.cookies)]
        return f"{self.before}{number * 7 % PAGES}{self.between}{cookies}{self.after}".encode("ascii")

    def write(self, path: Path, pause_ms: int) -> Path:
        """The same as a script for wrk; each connection waits `pause_ms` before it asks again."""
        pause = f"delay = function() return {pause_ms} end" if pause_ms else ""
        cookies = ",\n".join(map(_quoted, self.cookies))
        parts = map(_quoted, (self.before, self.between, self.after))
        path.write_text(_LUA % (cookies, *parts, pause, PAGES), "ascii")
        return path


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"').replace("\r\n", "\\r\\n") + '"'


@dataclass(frozen=True, slots=True)
class BenchVisitor:
    """A known visitor: signed in as `name`, or anonymous (name None), who likes one genre best."""

    profile: str
    name: str | None
    cookies: str
    likes: str
    profile_json: str


def visitors(seed: int, count: int, keyring: Keyring, shop: Sequence[Record]) -> list[BenchVisitor]:
    """`count` visitors with profiles as a few months of visits leave them; two of three are signed in."""
    random = Random(f"visitors {seed}")
    now = int(time.time())
    made = []
    for number in range(count):
        is_customer = number % 3 < 2
        likes = random.choice(GENRES)
        session = f"{random.getrandbits(128):032x}"
        name = _NAMES[number % len(_NAMES)] if is_customer else None
        profile = customer_id(keyring, f"visitor{number}@example.org") if is_customer else f"bench-visitor-{number:08d}"
        binding = bind(keyring, profile, session) if is_customer else None
        cookie = encode_cookie(keyring, VisitorCookie(profile, is_customer, now, now, binding))
        seen = random.sample(shop, 16)
        topics = {str(record.number): ["Tienda", record.genre] for record in seen}
        text = {
            "id": profile,
            "first_name": name,
            "customer": is_customer,
            "created": now - 90 * 86400.0,
            "updated": now - 60.0,
            "visits": random.randrange(2, 20),
            "last_click": now - 60.0,
            "usual_gap_s": 6 * 86400.0,
            "page_views": random.randrange(20, 300),
            "products": {key: {"score": random.uniform(0.2, 2), "at": now - 3600.0} for key in topics},
            "categories": {
                genre: {"score": 9.0 if genre == likes else random.uniform(0.1, 4), "at": now - 3600.0}
                for genre in ("Tienda", *GENRES)
            },
            "topics": topics,
            "bought": {str(record.number): now - 40 * 86400.0 for record in seen[:2]},
            "orders": 1,
            "value_cents": sum(record.cents for record in seen[:2]),
            "last_order": now - 40 * 86400.0,
        }
        cookies = (
            f"cookie_policy=prefs%3D1; osCsid={session}; {COOKIE_NAME}={cookie}; _ga=GA1.1.{random.getrandbits(31)}"
        )
        made.append(BenchVisitor(profile, name, cookies, likes, json.dumps(text, ensure_ascii=False)))
    return made


def page_walk(who: Sequence[BenchVisitor]) -> Walk:
    """The category page."""
    fields = (*_BROWSER, ("Referer", f"http://{HOST}/index.php"))
    return Walk("GET /products_new.php?cPath=", _head(fields), "\r\n\r\n", tuple(each.cookies for each in who))


def image_walk(who: Sequence[BenchVisitor]) -> Walk:
    """The cover."""
    fields = (*_IMAGE, ("Referer", f"http://{HOST}/products_new.php?cPath=1"))
    return Walk("GET /images/cover.jpg?v=", _head(fields), "\r\n\r\n", tuple(each.cookies for each in who))


def product_requests(who: BenchVisitor, shop: Sequence[Record]) -> list[bytes]:
    """Every record's page, as one visitor opens them."""
    rest = f"{_head(_BROWSER)}{who.cookies}\r\n\r\n"
    return [f"GET /{record.link}{rest}".encode("ascii") for record in shop]


def _head(fields: Sequence[tuple[str, str]]) -> str:
    """What stands between the target and the cookies."""
    return "\r\n".join((" HTTP/1.1", f"Host: {HOST}", *(f"{name}: {value}" for name, value in fields), "Cookie: "))


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What wrk saw."""

    requests: int
    seconds: float
    p50_us: int
    p99_us: int


def load(port: int, script: Path, connections: int, seconds: float) -> LoadResult:
    """Run wrk on the load's core. RuntimeError when an answer was an error."""
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
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    found = re.search(r"RESULT (\{.*\})", done.stdout)
    if found is None:
        raise RuntimeError(f"wrk failed: {done.stdout}{done.stderr}")
    result = json.loads(found[1])
    if result["errors"]:
        raise RuntimeError(f"wrk saw {result['errors']} errors on port {port}: {done.stdout}")
    return LoadResult(result["requests"], result["us"] / 1e6, result["p50_us"], result["p99_us"])


def fetch(port: int, request: bytes) -> bytes:
    """The body of the answer to one of the requests. RuntimeError unless it is 200."""
    line, *lines = request.decode("ascii").split("\r\n")
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        fields = dict(field.split(": ", 1) for field in lines if field)
        connection.request("GET", line.split(" ")[1], headers=fields)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise RuntimeError(f"port {port}: {answer.status} for {line}")
    return body


def check_personalised(body: bytes, visitor: BenchVisitor, shop: Sequence[Record]) -> None:
    """RuntimeError unless the page has the visitor's name, the offer, every record, and the liked genre first."""
    text = body.decode(CHARSET)
    name = (visitor.name or "de nuevo").encode("ascii", "xmlcharrefreplace").decode("ascii")
    if f"Hola, {name}" not in text:
        raise RuntimeError(f"{visitor.profile}: the name is not on the page")
    if text.count("VUELVE10") != 1:
        raise RuntimeError(f"{visitor.profile}: the offer is not on the page")
    order = [int(number) for number in re.findall(r'<a class="name" href="product_info\.php\?products_id=(\d+)"', text)]
    if sorted(order) != sorted(record.number for record in shop):
        raise RuntimeError(f"{visitor.profile}: not every record is on the page once")
    genres = {record.number: record.genre for record in shop}
    liked = [genres[number] == visitor.likes for number in order[1:]]  # the first is pinned
    if order[0] != shop[0].number or not all(liked[: sum(liked)]):
        raise RuntimeError(f"{visitor.profile}: records of {visitor.likes} do not stand first: {order}")
