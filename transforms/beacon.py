"""The visibility beacon's tag at the end of a page, and whether this page would let it work.

Invariant: the tag is the same for everybody and says nothing of anybody; where a policy of the page, or its `<base>`,
would keep the script from being loaded or from telling, nothing is inserted, so no visitor's console ever complains.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urljoin, urlsplit

from clicks.facts import PageView
from transforms.page.edits import Edit, Insert, Markup, Target
from transforms.page.query import Field, Query

SCRIPT_PATH: Final = "/_vitrina/beacon.js"
TAG: Final = f'<script src="{SCRIPT_PATH}" async></script>'

_BODY, _BASE, _POLICY = "beacon:body", "beacon:base", "beacon:policy"
QUERIES: Final = (
    Query(_BODY, "body", (), editable=True),
    Query(_BASE, "base[href]", (Field("href", "", "href"),), editable=False),
    Query(_POLICY, 'meta[http-equiv="content-security-policy" i]', (Field("content", "", "content"),), editable=False),
)
"""What is looked for on a page that may get the tag."""

EDIT: Final[Edit] = Insert(Target(_BODY), "end", Markup(TAG))

_PORTS: Final = {"http": 80, "https": 443}


def has_room(page: PageView, own: str) -> bool:
    """Whether the page, served as `own` ("https://shop.example"), would load the script and let it tell."""
    if not page.count(_BODY):
        return False
    if page.count(_BASE) and urljoin(page.rows(_BASE)[0].get("href") or "", SCRIPT_PATH) not in (
        SCRIPT_PATH,
        own + SCRIPT_PATH,
    ):
        return False
    return not page.count(_POLICY) or all(allows(row.get("content") or "", own) for row in page.rows(_POLICY))


def allows(policies: str, own: str) -> bool:
    """Whether every policy of a Content-Security-Policy field (level 3) lets `own` load our script and be told."""
    return all(_allows(policy, own) for policy in policies.split(","))


def _allows(policy: str, own: str) -> bool:
    directives: dict[str, list[str]] = {}
    for directive in policy.split(";"):
        name, *values = directive.split() or [""]
        directives.setdefault(name.lower(), values)  # the first of a name is the one that counts
    sandbox = directives.get("sandbox")
    if sandbox is not None and not {"allow-scripts", "allow-same-origin"} <= {word.lower() for word in sandbox}:
        return False
    scripts = _first(directives, "script-src-elem", "script-src", "default-src")
    tells = _first(directives, "connect-src", "default-src")
    if scripts is not None and "'strict-dynamic'" in map(str.lower, scripts):
        return False  # only what another script loads
    return all(sources is None or any(_covers(source, own) for source in sources) for sources in (scripts, tells))


def _first(directives: Mapping[str, list[str]], *names: str) -> list[str] | None:
    return next((directives[name] for name in names if name in directives), None)


def _covers(source: str, own: str) -> bool:
    """Whether a source expression (section 6.7.2) covers our two addresses, which both lie below /_vitrina/."""
    text = source.lower()
    if text in ("'self'", "*"):
        return True
    if text.startswith("'"):
        return False
    here = urlsplit(own)
    if text in ("http:", "https:"):
        return text == "http:" or here.scheme == "https"
    scheme, separator, rest = text.rpartition("://")
    if separator and scheme != here.scheme and not (scheme == "http" and here.scheme == "https"):
        return False
    place, _, path = rest.partition("/")
    if path and not (path.endswith("/") and "_vitrina/".startswith(path)):
        return False
    host, _, port = place.partition(":")
    name = here.hostname or ""
    if host != name and not (host.startswith("*.") and name.endswith(host[1:])):
        return False
    default = _PORTS.get(here.scheme, 0)
    return port in ("*", str(here.port or default)) or (not port and (here.port or default) == default)
