"""Running: one base page with its mutations, in a process of its own kind, gives one record."""

import hashlib
from collections import Counter
from random import Random
from typing import Any, NamedTuple

from bench.corpus.checking import ENGINE_US, KEY, LIMITS, QUERIES, check, editable
from bench.corpus.mutating import mutated, repeated
from bench.corpus.sources import Body
from transforms.page.charset import sniff
from transforms.page.engine import Engine, Refusal

SLOW_MS = 2000.0
"""A body on which the engine works longer, with all edits and proofs, counts as a hang."""


class Work(NamedTuple):
    """One base page, how often to mutate it, and whether to count what of it can be edited."""

    body: Body
    seed: int
    mutations: int
    is_real: bool


def examine(work: Work) -> dict[str, Any]:
    """The record of one base page."""
    base = work.body
    counts: Counter[str] = Counter()
    bad: list[tuple[int, str]] = []
    slowest = 0.0
    engine = _taught(base)
    for number in range(work.mutations + 1):
        random = Random(f"{work.seed}:{base.source}:{base.name}:{number}")
        body = base.body if number == 0 else mutated(base.body, random)
        found = check(body, base.content_type, random, sets=4 if number == 0 else 1, engine=engine)
        spent = found.pop(ENGINE_US, 0) / 1000
        found["bad:hang"] += spent > SLOW_MS
        slowest = max(slowest, spent)
        bad += [(number, name) for name, count in found.items() if name.startswith("bad:") and count]
        counts += found
    record = {
        "source": base.source,
        "name": base.name,
        "sha256": hashlib.sha256(base.body).hexdigest()[:12],
        "bytes": len(base.body),
        "mutations": work.mutations,
        "max_ms": round(slowest, 1),
        "counts": {name: count for name, count in sorted(counts.items()) if count},
    }
    if bad:
        record["bad"] = bad
    if work.is_real:
        found = editable(base.body, base.content_type, Random(f"{work.seed}:{base.name}"), most=40)
        record["editable"] = dict(sorted(found.items()))
    return record


def _taught(base: Body) -> Engine | None:
    """An engine that learnt the page, one whose numbers differ and some whose lists do: mutations may hit."""
    encoding = sniff(base.body, base.content_type)
    if isinstance(encoding, Refusal):
        return None
    engine = Engine(QUERIES, LIMITS)
    turned = base.body.translate(bytes.maketrans(b"0123456789", b"1234567890"))
    random = Random(base.name)
    others = [repeated(repeated(base.body, random), random) for _ in range(4)]
    for body in (base.body, turned, *others):
        engine.open(body, encoding, KEY, None)
    return engine
