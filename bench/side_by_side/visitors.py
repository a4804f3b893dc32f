"""Who comes: visitors with profiles and signed cookies, their requests for wrk; and what a right answer is."""

import html
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bench.pages.record_shop import CHARSET, GENRES, Record
from bench.side_by_side.workload import Workload
from visitors.cookie import COOKIE_NAME, Keyring, VisitorCookie, bind, customer_id, encode_cookie

HOST = "tienda.example"
ADDRESSES = 47
"""Addresses of the same category page: a visitor who walks on is shown a new order, not the one kept for 30 minutes."""
CHECKED = 24
STRANGER = "de nuevo"
"""What stands in place of a name."""
CODE = "VUELVE10"
"""The offer's, on a page once."""

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
local cookies = {}
for line in io.lines(%s) do cookies[#cookies + 1] = line end
local before, between, after = %s, %s, %s
local sent = 0
init = function(args) sent = tonumber(args[1]) or 0 end
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
class BenchVisitor:
    """Somebody who comes. A stranger has neither `profile` nor `cookie` of ours yet; `name` None: not signed in."""

    profile: str
    name: str | None
    cookie: str
    cookies: str
    likes: str
    scores: dict[str, float]
    profile_json: str


@dataclass(frozen=True, slots=True)
class Walk:
    """All visitors walking over all addresses: the request is the same but for the address and the cookies."""

    before: str
    addresses: int
    between: str
    after: str
    cookies: tuple[str, ...]

    @property
    def checked(self) -> range:
        """Steps whose answers are looked at before anything is timed. Nobody takes them before: what of a list is new
        to a visitor since stands where the shop put it."""
        first = len(self.cookies) // 2
        return range(first, first + CHECKED)

    def request(self, number: int) -> bytes:
        """The request of one step; what the script for wrk sends."""
        cookies = self.cookies[number % len(self.cookies)]
        return f"{self.before}{number * 7 % self.addresses}{self.between}{cookies}{self.after}".encode("ascii")

    def write(self, path: Path) -> Path:
        """The same as a script for wrk, whose argument is the step before its first."""
        names = path.with_suffix(".cookies")
        names.write_text("\n".join(self.cookies) + "\n", "ascii")
        parts = map(_quoted, (self.before, self.between, self.after))
        path.write_text(_LUA % (_quoted(str(names)), *parts, self.addresses), "ascii")
        return path


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"').replace("\r\n", "\\r\\n") + '"'


def visitors(seed: int, count: int, keyring: Keyring, shop: Sequence[Record], who: str) -> list[BenchVisitor]:
    """`count` visitors, those that are known with profiles as a few months of visits leave them."""
    random = Random(f"visitors {seed}")
    now = int(time.time())
    made = []
    for number in range(count):
        session = f"{random.getrandbits(128):032x}"
        shops_own = f"cookie_policy=prefs%3D1; osCsid={session}; "
        tracked = f"_ga=GA1.1.{random.getrandbits(31)}"
        if who == "strangers":
            made.append(BenchVisitor("", None, "", shops_own + tracked, "", {}, ""))
            continue
        is_customer = who == "signed in" or number % 3 < 2
        likes = random.choice(GENRES)
        name = _NAMES[number % len(_NAMES)] if is_customer else None
        profile = customer_id(keyring, f"visitor{number}@example.org") if is_customer else f"bench-visitor-{number:08d}"
        binding = bind(keyring, profile, session) if is_customer else None
        cookie = encode_cookie(keyring, VisitorCookie(profile, is_customer, now, now, binding))
        scores = {genre: 9.0 if genre == likes else random.uniform(0.1, 4) for genre in GENRES}
        text = _profile(random, now, profile, name, shop, scores)
        made.append(
            BenchVisitor(
                profile,
                name,
                cookie,
                f"{shops_own}{COOKIE_NAME}={cookie}; {tracked}",
                likes,
                scores,
                json.dumps(text | {"customer": is_customer}, ensure_ascii=False),
            )
        )
    return made


def _profile(
    random: Random, now: int, profile: str, name: str | None, shop: Sequence[Record], scores: dict[str, float]
) -> dict[str, object]:
    seen = random.sample(shop, 16)
    topics = {str(record.number): ["Tienda", record.genre] for record in seen}
    return {
        "id": profile,
        "first_name": name,
        "created": now - 90 * 86400.0,
        "updated": now - 60.0,
        "visits": random.randrange(2, 20),
        "last_click": now - 60.0,
        "usual_gap_s": 6 * 86400.0,
        "page_views": random.randrange(20, 300),
        "products": {key: {"score": random.uniform(0.2, 2), "at": now - 3600.0} for key in topics},
        "categories": {
            genre: {"score": score, "at": now - 3600.0} for genre, score in ({"Tienda": 1.0} | scores).items()
        },
        "topics": topics,
        "bought": {str(record.number): now - 40 * 86400.0 for record in seen[:2]},
        "orders": 1,
        "value_cents": sum(record.cents for record in seen[:2]),
        "last_order": now - 40 * 86400.0,
    }


def walk(workload: Workload, who: Sequence[BenchVisitor]) -> Walk:
    """The requests of a workload."""
    cookies = tuple(each.cookies for each in who)
    if workload.is_image:
        fields = (*_IMAGE, ("Referer", f"http://{HOST}/products_new.php?cPath=1"))
        return Walk("GET /images/cover.jpg?v=", ADDRESSES, _head(fields), "\r\n\r\n", cookies)
    fields = (*_BROWSER, ("Referer", f"http://{HOST}/index.php"))
    if workload.is_packed:
        fields += (("Accept-Encoding", "gzip"),)
    if workload.paths:
        return Walk("GET /coleccion/", workload.paths, ".html" + _head(fields), "\r\n\r\n", cookies)
    return Walk("GET /products_new.php?cPath=", ADDRESSES, _head(fields), "\r\n\r\n", cookies)


def product_requests(who: BenchVisitor, shop: Sequence[Record]) -> list[bytes]:
    """Every record's page, as one visitor opens them."""
    rest = f"{_head(_BROWSER)}{who.cookies}\r\n\r\n"
    return [f"GET /{record.link}{rest}".encode("ascii") for record in shop]


def _head(fields: Sequence[tuple[str, str]]) -> str:
    """What stands between the target and the cookies."""
    return "\r\n".join((" HTTP/1.1", f"Host: {HOST}", *(f"{name}: {value}" for name, value in fields), "Cookie: "))


def check_inserted(body: bytes, visitor: BenchVisitor) -> None:
    """RuntimeError unless the page has the visitor's name and, for those who are known, the offer once."""
    text = html.unescape(body.decode(CHARSET))
    if f"Hola, {visitor.name or STRANGER}" not in text:
        raise RuntimeError(f"{visitor.profile or 'a stranger'}: the name is not on the page")
    if text.count(CODE) != (1 if visitor.profile else 0):
        raise RuntimeError(f"{visitor.profile or 'a stranger'}: the offer is on the page {text.count(CODE)} times")


def check_ordered(body: bytes, visitor: BenchVisitor, origin: bytes, shop: Sequence[Record]) -> None:
    """RuntimeError unless all records of the origin's page are there, the first stays, and the liked genre follows.

    A varying origin's page is another one each time: then only what must hold for any is looked at.
    """
    order = _order(body)
    if len(set(order)) != len(order) or not set(order) <= {record.number for record in shop}:
        raise RuntimeError(f"{visitor.profile}: a record is there twice, or made up: {order}")
    if origin and sorted(order) != sorted(_order(origin)):
        raise RuntimeError(f"{visitor.profile}: not every record is on the page once: {order}")
    if origin and order and order[0] != _order(origin)[0]:
        raise RuntimeError(f"{visitor.profile}: the first record has moved: {order}")
    if not visitor.profile:
        return
    genres = {record.number: record.genre for record in shop}
    liked = [genres[number] == visitor.likes for number in order[1:]]  # the first is pinned
    if not all(liked[: sum(liked)]):
        raise RuntimeError(f"{visitor.profile}: records of {visitor.likes} do not stand first: {order}")


def check_kept(body: bytes, origin: bytes) -> None:
    """RuntimeError unless the records stand where the origin put them."""
    if _order(body) != _order(origin):
        raise RuntimeError("records have moved in a list that is too long for that")


def _order(body: bytes) -> list[int]:
    links = re.findall(rb'<a class="name" href="product_info\.php\?products_id=(\d+)"', body)
    return [int(number) for number in links]


def as_references(text: str) -> str:
    """Text for a page of any charset, escaped."""
    return html.escape(text).encode("ascii", "xmlcharrefreplace").decode("ascii")
