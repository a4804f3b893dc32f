"""Surveys: what a parse of one body tells, as plain values, so that it can be made in another process.

Invariant: a survey depends on the body and on what it is compared with, and on nothing else; what is learnt of it is
its receiver's to decide.
"""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from transforms.page.align import grow
from transforms.page.anatomy import Anatomy, Span
from transforms.page.candidate import Candidate, Digest, delimiters, gaps_at, hashes_of
from transforms.page.charset import Encoding
from transforms.page.contexts import may_vary
from transforms.page.limits import PageLimits
from transforms.page.locate import Located, Rows, anatomy_of, rows_of
from transforms.page.slots import is_clean


@dataclass(frozen=True, slots=True)
class Known:
    """What a body is compared with: segments of templates in clear, and structures of signed-in pages."""

    segments: Sequence[tuple[bytes, ...]] = ()
    candidates: Sequence[Candidate] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """A signed-in page's structure: which of the known candidates it is of, if any, and which runs vary by now.

    `gaps` are those runs on this body; None when something may not vary that does.
    """

    of: int | None
    delimiters: bytes
    hashes: "array[int]"
    varying: frozenset[int]
    gaps: tuple[Span, ...] | None


@dataclass(frozen=True, slots=True)
class Survey:
    """Where everything is, the facts, and how the body goes with what was known.

    `grown` is the number of known segments that the body matches with more gaps, and all gaps of the body.
    """

    anatomy: Anatomy
    rows: Rows
    grown: tuple[int, tuple[Span, ...]] | None
    sighting: Sighting | None


def survey(
    located: Located,
    encoding: Encoding,
    known: Known,
    limits: PageLimits,
    protected: frozenset[str],
    digest: Digest | None,
) -> Survey:
    """Look at a located body; `digest` is given for a signed-in page."""
    anatomy = anatomy_of(located)
    rows = rows_of(located, anatomy, encoding)
    if not anatomy.is_opaque:
        for number, segments in enumerate(known.segments):
            gaps = grow(segments, located.body, limits.max_gaps, limits.max_gap_bytes)
            if gaps is not None and may_vary(located, gaps, protected):
                return Survey(anatomy, rows, (number, tuple(gaps)), None)
    if digest is None:
        return Survey(anatomy, rows, None, None)
    seen = sighting(located.body, known.candidates, limits, lambda gaps: may_vary(located, gaps, protected), digest)
    return Survey(anatomy, rows, None, seen)


def sighting(
    body: bytes,
    candidates: Sequence[Candidate],
    limits: PageLimits,
    may: Callable[[Sequence[Span]], bool],
    digest: Digest,
) -> Sighting:
    """How a signed-in page goes with known structures; `may` tells whether gaps are where text may vary."""
    structure = delimiters(body)
    hashes = hashes_of(body, digest)
    of = next((number for number, candidate in enumerate(candidates) if candidate.delimiters == structure), None)
    varying = frozenset() if of is None else frozenset(candidates[of].differing(hashes))
    gaps: tuple[Span, ...] | None = None
    if len(varying) <= limits.max_gaps:
        gaps = tuple(gaps_at(body, sorted(varying)))
        if not all(is_clean(body[start:end]) for start, end in gaps) or not may(gaps):
            gaps = None
    return Sighting(of, structure, hashes, varying, gaps)
