"""Jobs: what is too long for the event loop, as plain bytes for a compile process and back.

A job is one body to survey, to learn the structure of, or to prove edits on; both ends are msgpack of plain values,
because what comes back was made by engines that read hostile bytes. Invariant: `work` needs nothing but its argument.
"""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from types import MappingProxyType
from typing import Any, Protocol

import msgpack

from transforms.page.anatomy import Unit
from transforms.page.candidate import Candidate, portable_digest
from transforms.page.charset import Encoding
from transforms.page.complexity import is_too_complex
from transforms.page.edits import Edit, Insert, Markup, Payload, Remove, Reorder, Replace, SetAttribute, SetText, Target
from transforms.page.edits import Text as TextPayload
from transforms.page.lesson import Lesson, Seen, anatomy_unpacked, lesson, packed, unpacked
from transforms.page.limits import PageLimits
from transforms.page.locate import Located, locate
from transforms.page.plan import Plan, behind_another, plan
from transforms.page.query import Field, Query
from transforms.page.selectors import attributes_used
from transforms.page.stretch import Standing
from transforms.page.survey import Known, Sighting, Survey, survey
from transforms.page.verdict import judge


class Compiler(Protocol):
    """Runs jobs elsewhere, with a limit of time and memory for each; what it needs is declared here."""

    def compile(self, job: bytes, done: Callable[[bytes | None], None]) -> bool:
        """False when it is too busy; else `done` is called once, later: with what `work` returned, or with None when
        the process crashed, hung or ran out of memory."""
        ...


@dataclass(frozen=True, slots=True)
class Setup:
    """What all jobs of one engine have in common."""

    queries: tuple[Query, ...]
    limits: PageLimits


def survey_job(setup: Setup, body: bytes, encoding: Encoding, known: Known, key: bytes | None) -> bytes:
    """A job that surveys a body; `key` is the digests' for a signed-in page, None for others."""
    candidates = [
        (candidate.delimiters, candidate.hashes.tobytes(), sorted(candidate.varying)) for candidate in known.candidates
    ]
    return _pack(["survey", _packed(setup), body, astuple(encoding), known.segments, candidates, key])


def proof_job(setup: Setup, body: bytes, edits: Sequence[Edit]) -> bytes:
    """A job that proves edits, made together, on a body."""
    return _pack(["proof", _packed(setup), body, [_edit_packed(edit) for edit in edits]])


def lesson_job(setup: Setup, body: bytes, first: bytes | None, seen: Seen, key: bytes) -> bytes:
    """A job that has a body taught from (`transforms.page.lesson`); `key` is that of the digest of contexts."""
    return _pack(["lesson", _packed(setup), body, first, seen.contents, list(seen.varying), key])


def work(job: bytes) -> bytes:
    """Do a job."""
    kind, setup, body, *rest = _unpack(job)
    queries = tuple(
        Query(name, css, tuple(Field(*field) for field in fields), editable) for name, css, fields, editable in setup[0]
    )
    limits = PageLimits(*setup[1])
    located = locate(body, queries)
    if is_too_complex(located, limits):
        return _pack(None)
    match kind:
        case "survey":
            return _pack(_surveyed(located, limits, *rest))
        case "proof":
            return _pack(_proven(located, [_edit(edit) for edit in rest[0]], queries))
        case _:
            return _pack(_taught(located, limits, *rest))


def _surveyed(
    located: Located, limits: PageLimits, encoding: Any, segments: Any, candidates_: Any, key: bytes | None
) -> Any:
    candidates = []
    for structure, hashes, varying in candidates_:
        candidate = Candidate(structure, array("q", hashes), is_portable=True)
        candidate.varying.update(varying)
        candidates.append(candidate)
    known = Known([tuple(pieces) for pieces in segments], candidates)
    digest = None if key is None else portable_digest(key)
    found = survey(located, Encoding(*encoding), known, limits, attributes_used(located.queries), digest)
    seen = found.sighting
    return [
        [found.anatomy.counts, found.anatomy.units, found.anatomy.places, found.anatomy.is_opaque],
        {name: [dict(row) for row in rows] for name, rows in found.rows.items()},
        found.grown,
        None if seen is None else [seen.of, seen.delimiters, seen.hashes.tobytes(), sorted(seen.varying), seen.gaps],
    ]


def _taught(
    located: Located, limits: PageLimits, first: bytes | None, contents: Any, varying: Sequence[int], key: bytes
) -> Any:
    protected = attributes_used(located.queries)
    other = None if first is None else locate(first, located.queries)
    found = lesson(located, other, Seen(contents, set(varying)), protected, portable_digest(key), limits.max_gap_bytes)
    return None if found is None else packed(found)


def surveyed(result: bytes) -> Survey | None:
    """What a survey job returned; None: the body is too complex."""
    values = _unpack(result)
    if values is None:
        return None
    places, rows, grown, seen = values
    anatomy = anatomy_unpacked(places)
    return Survey(
        anatomy,
        MappingProxyType({name: tuple(MappingProxyType(row) for row in found) for name, found in rows.items()}),
        None if grown is None else (grown[0], _spans(grown[1])),
        None
        if seen is None
        else Sighting(
            seen[0],
            seen[1],
            array("q", seen[2]),
            frozenset(seen[3]),
            None if seen[4] is None else _spans(seen[4]),
        ),
    )


def proven(result: bytes) -> tuple[tuple[tuple[str | int, ...], ...], tuple[bool, ...]] | None:
    """What a proof job returned: shapes of the edits, and for each whether it may be made."""
    values = _unpack(result)
    return None if values is None else (tuple(map(tuple, values[0])), tuple(values[1]))


def taught(result: bytes) -> Lesson | None:
    """What a lesson job returned; None: nothing can be learnt of the body."""
    values = _unpack(result)
    return None if values is None else unpacked(values)


class _Parsed:
    """A parsed body as the ground of edits."""

    def __init__(self, located: Located) -> None:
        self.body = located.body
        self.memo: dict[tuple[str, ...], object] = {}
        self.layout = None
        self.placed: dict[Any, object] = {}
        self._located = located

    def units(self, name: str) -> Sequence[Unit]:
        """The extents of a query's matches."""
        return self._located.units_by_name(name)

    def at(self, offset: int) -> int:
        """The offset itself."""
        return offset

    def extents(self, name: str) -> Sequence[tuple[int, int]]:
        """(start, end) of every unit."""
        return [(unit.start, unit.end) for unit in self.units(name)]

    def is_fixed(self, start: int, end: int) -> bool:
        """Never: there is no template."""
        return False

    def stretches(self, start: int, end: int) -> Sequence[Standing]:
        """None: there is no template."""
        return ()


def _proven(located: Located, edits: Sequence[Edit], queries: Sequence[Query]) -> Any:
    ground = _Parsed(located)
    plans = [made for number, edit in enumerate(edits) if isinstance(made := plan(number, edit, ground), Plan)]
    if len(plans) != len(edits):
        return None
    ends = [number for number, made in enumerate(plans) if made.is_isolated]
    for number in ends[1:]:
        plans[number] = behind_another(plans[number], ground)
    verdict = judge(ground, plans, {query.name: query.css for query in queries})
    return [[made.shape for made in plans], verdict]


def _packed(setup: Setup) -> Any:
    queries = [
        (query.name, query.css, [astuple(field) for field in query.fields], query.editable) for query in setup.queries
    ]
    return [queries, astuple(setup.limits)]


def _spans(values: Sequence[Sequence[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((start, end) for start, end in values)


_EDITS: dict[str, type[Edit]] = {
    kind.__name__: kind for kind in (Insert, Replace, Remove, SetText, SetAttribute, Reorder)
}
_PAYLOADS: dict[str, type[Payload]] = {"Markup": Markup, "Text": TextPayload}


def _edit_packed(edit: Edit) -> Any:
    fields: list[Any] = [type(edit).__name__]
    for name in edit.__struct_fields__:
        value = getattr(edit, name)
        if isinstance(value, Target):
            value = ["Target", value.query, value.index]
        elif isinstance(value, Markup | TextPayload):
            value = [type(value).__name__, value.value]
        fields.append(value)
    return fields


def _edit(values: Sequence[Any]) -> Edit:
    fields: list[Any] = []
    for value in values[1:]:
        if isinstance(value, list) and value and value[0] == "Target":
            fields.append(Target(*value[1:]))
        elif isinstance(value, list) and value and value[0] in _PAYLOADS:
            fields.append(_PAYLOADS[value[0]](value[1]))
        else:
            fields.append(tuple(value) if isinstance(value, list) else value)
    return _EDITS[values[0]](*fields)


def _pack(values: Any) -> bytes:
    packed: bytes = msgpack.packb(values, default=dict, unicode_errors="surrogatepass")
    return packed


def _unpack(raw: bytes) -> Any:
    return msgpack.unpackb(raw, strict_map_key=False, unicode_errors="surrogatepass")
