"""Which cookies of an unknown shop carry its sessions, told by how they are set to somebody who comes without any.

Invariant: only names are looked at and returned; a value is measured (long, drawn at random) and forgotten.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from clicks.detecting.sample import Sample

MIN_VALUE: Final = 16
"""Characters: a session id has 64 bits at least."""

_VALUE: Final = re.compile(r"(?=[^;]*\d)[A-Za-z0-9%._~+/=:,-]+")
_CALLED: Final = re.compile(r"sess|sid$|(?:^|[_.-])(?:sid|auth|login|customer|user|jwt)(?:$|[_.-])", re.IGNORECASE)
_ANOTHER: Final = re.compile(
    r"csrf|xsrf|forgery|nonce|consent|gdpr|lang|locale|currency|country|recent|viewed|history|compare|wish|cart|basket|"
    r"^_{1,3}(?:ga|gid|fb|gcl|utm|hj|pk|cf)|version|visitor|device|theme|experiment|abtest|cache|affinity|route|lb",
    re.IGNORECASE,
)


def session_names(set_cookies: Iterable[str]) -> tuple[str, ...]:
    """Names of cookies that may be the session, of raw Set-Cookie values: those a script cannot read, or called so."""
    found: dict[str, None] = {}
    for field in set_cookies:
        pair, _, attributes = field.partition(";")
        name, _, value = pair.strip().partition("=")
        value = value.strip().strip('"')
        if len(value) < MIN_VALUE or _VALUE.fullmatch(value) is None or "%22" in value:
            continue
        is_hidden = re.search(r"(?i)(?:^|;)\s*httponly\s*(?:;|$)", attributes) is not None
        if not _ANOTHER.search(name) and (is_hidden or _CALLED.search(name)):
            found[name] = None
    return tuple(found)


def learnt_sessions(samples: Sequence[Sample]) -> tuple[str, ...]:
    """The names that the samples' answers set, those called a session first, then the most frequent."""
    counts = Counter(name for page in samples for name in page.session_cookies)
    return tuple(sorted(counts, key=lambda name: (not _CALLED.search(name), -counts[name], name)))
