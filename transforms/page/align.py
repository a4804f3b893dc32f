"""Align: find where a body differs from a template, as gaps that could be static text no more.

A gap is a whole run between two of `< > " ' &` (in comments: whole words), so that it ends where its content cannot;
the sequence of those delimiters is the same in both bodies, or they do not align at all.
"""

import re
from collections.abc import Sequence

from transforms.page.anatomy import Span
from transforms.page.slots import is_clean

_DELIMITER = re.compile(rb"""[<>"'&]""")
_LAST_DELIMITER = re.compile(rb""".*[<>"'&]""", re.DOTALL)
_BLANK = b" \t\n\r\f"


def common_prefix(left: bytes, right: bytes) -> int:
    """How many bytes at the start of both are equal."""
    limit = min(len(left), len(right))
    if left[:limit] == right[:limit]:
        return limit
    low, high = 0, limit
    while low + 1 < high:
        middle = (low + high) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle
    return low


def grow(segments: Sequence[bytes], body: bytes, max_gaps: int, max_gap: int) -> list[Span] | None:
    """The gaps of `body`, old and new, that make it match `segments`; None when its structure is another."""
    gaps: list[Span] = []
    at = 0
    for number, segment in enumerate(segments):
        if number:
            # The gap before this segment: it ends where the segment can begin, here or after a changed first run.
            start = segment[:24]
            found = body.find(start, at + 1, at + max_gap + len(start))
            if found < 0:
                found = body.find(segment[:1], at + 1, at + max_gap + 1)
            if found < 0 or not is_clean(body[at:found]):
                return None
            gaps.append((at, found))
            at = found
        advanced = _align(segment, body, at, gaps, max_gaps)
        if advanced is None:
            return None
        at = advanced
    return gaps if at == len(body) and len(gaps) <= max_gaps else None


def _align(segment: bytes, body: bytes, at: int, gaps: list[Span], max_gaps: int) -> int | None:
    """Walk one segment, adding a gap per run that differs; where it ends in `body`, or None."""
    done, size = 0, len(segment)
    while not body.startswith(segment[done:] if done else segment, at):
        rest = segment[done:]
        equal = common_prefix(rest, body[at : at + len(rest)])
        last = _LAST_DELIMITER.match(rest, 0, equal)
        stop = _DELIMITER.search(rest, equal)
        if last is None or stop is None or len(gaps) >= max_gaps:
            return None
        run_start = last.end()
        end = _DELIMITER.search(body, at + equal)
        if end is None or end[0] != stop[0]:
            return None
        gap = _gap(rest[run_start : stop.start()], body, at + run_start, end.start(), rest[run_start - 1 : run_start])
        if gap is None:
            return None
        gaps.append(gap)
        done += stop.start()
        at = end.start()
        if done >= size:
            return None
    return at + size - done


def _gap(run: bytes, body: bytes, start: int, end: int, before: bytes) -> Span | None:
    """The varying part of a run: all of it, or the differing words of a comment."""
    other = body[start:end]
    if before != b"<":
        return (start, end) if is_clean(run) and is_clean(other) else None
    if not (run.startswith(b"!--") and other.startswith(b"!--") and run.endswith(b"--") and other.endswith(b"--")):
        return None
    prefix = common_prefix(run, other)
    while prefix > 3 and run[prefix - 1 : prefix] not in _BLANK:
        prefix -= 1
    suffix = common_prefix(run[:prefix:-1], other[:prefix:-1])
    while suffix > 2 and run[-suffix : len(run) - suffix + 1] not in _BLANK:
        suffix -= 1
    if prefix <= 3 or suffix <= 2:
        return None
    gap, old = other[prefix : len(other) - suffix], run[prefix : len(run) - suffix]
    return (start + prefix, start + len(other) - suffix) if is_clean(gap) and is_clean(old) else None
