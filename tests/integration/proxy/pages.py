"""A shop's page, the browser that opens it and the profiles it is personalised with."""

from typing import Any

from config.settings import Condition, Experience, Placement, Who
from visitors.cookie import Keyring, VisitorCookie, bind, encode_cookie
from visitors.interests import growth
from visitors.profile import Profile
from visitors.wire import encode_profile

KEYRING = Keyring((("k1", b"0123456789abcdef0123456789abcdef"),))
NOW = 1_800_000_000
JOSE = "jose0000000000000000"
ANNA = "anna0000000000000000"
TITLE = '<p id="hello">Welcome</p>'
PAGE = f"""<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">
<html><head><title>Shop</title></head><body>
<div id="header">{TITLE}</div>
<ul id="grid"><li class="box"><a href="/product.php?id=1">One</a></li>
<li class="box"><a href="/product.php?id=2">Two</a></li>
<li class="box"><a href="/product.php?id=3">Three</a></li></ul>
<p>caf\xe9</p></body></html>
""".encode("latin-1")
PERSONAL = {
    "site": {"mode": "live"},
    "placements": {
        "greeting": Placement("greeting", ("*",), at="#hello"),
        "grid": Placement("grid", ("home",), items="#grid > .box"),
    },
    "experiences": (
        Experience(
            "hola",
            "greeting",
            who=Who(all=(Condition("logged_in", "eq", True),)),
            settings={"text": "Hola, {first_name}"},
        ),
        Experience("portada", "grid", settings={"reorder": {"by": "affinity"}}),
    ),
}


def html(body: bytes = PAGE, *fields: bytes) -> bytes:
    """A page with validators, as shops send it."""
    lines = [
        b"HTTP/1.1 200 OK",
        b"Content-Type: text/html; charset=ISO-8859-1",
        b'ETag: "abc"',
        b"Cache-Control: max-age=60",
        b"Content-Length: %d" % len(body),
        *fields,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def cookie(profile: str, *, session: str | None = None) -> str:
    """Our cookie as a browser sends it, beside consent; with a session: of a customer signed in there."""
    binding = None if session is None else bind(KEYRING, profile, session)
    ours = encode_cookie(KEYRING, VisitorCookie(profile, session is not None, NOW - 60, NOW - 60, binding))
    return f"agreed=yes; vitrina={ours}" + (f"; sid={session}" if session else "")


def opens(target: str = "/", cookies: str = "agreed=yes", *fields: str) -> bytes:
    """A browser opening a page."""
    lines = [
        f"GET {target} HTTP/1.1",
        "Host: shop.test",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
        "Accept: text/html,*/*;q=0.8",
        f"Cookie: {cookies}",
        *fields,
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def values(head: bytes, name: bytes) -> list[bytes]:
    lines = head.split(b"\r\n")[1:]
    return [line.partition(b":")[2].strip() for line in lines if line.partition(b":")[0].lower() == name]


def likes(profile: str, *products: str, **fields: Any) -> bytes:
    """A profile on the wire with a liking for `products`, the last one most."""
    interest = {product: (5.0 + place) * growth(NOW - 100) for place, product in enumerate(products)}
    return encode_profile(Profile(profile, created=NOW - 1000, updated=NOW - 100, products=interest, **fields))
