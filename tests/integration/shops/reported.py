"""A rewritten page worked out again from its report and the page as it came: what the report does not name is the same.

Written from the report's definition alone; nothing of the engine is used here.
"""

from collections.abc import Mapping
from typing import Any


def rebuilt(origin: bytes, report: Mapping[str, Any]) -> bytes:
    """The page that `report` describes. AssertionError when the report contradicts itself."""
    assert report["bytes_in"] == len(origin)
    pieces, at = [], 0
    for edit in sorted(report["edits"], key=lambda edit: (edit["start"], edit["end"])):
        start, end = edit["start"], edit["end"]
        replacement = edit["replacement"].encode("latin-1")
        assert at <= start <= end <= len(origin), "ranges overlap"
        if edit["kind"] == "insert":
            assert start == end, "an insertion has an empty range"
        elif edit["kind"] == "reorder":
            assert replacement == _permuted(origin, edit)
        else:
            assert replacement.isascii()
        assert edit["kind"] == "reorder" or edit["moved"] == edit["rewrites"] == []
        if edit["kind"] == "insert":
            assert replacement.isascii()
            assert replacement
        pieces += (origin[at:start], replacement)
        at = end
    pieces.append(origin[at:])
    body = b"".join(pieces)
    assert report["bytes_out"] == len(body)
    return body


def _permuted(origin: bytes, edit: Mapping[str, Any]) -> bytes:
    """The very bytes of the units in their new places, what lies between them where it was."""
    units = [tuple(unit) for unit in edit["moved"]]
    places = sorted(units)
    assert len(set(units)) == len(units) > 1, "a permutation names each unit once"
    assert (places[0][0], places[-1][1]) == (edit["start"], edit["end"])
    pieces, at = [], edit["start"]
    for (start, end), (begin, stop) in zip(places, units, strict=True):
        assert at <= start < end
        pieces.append(origin[at:start])
        for left, right, new in sorted(edit["rewrites"]):
            if begin <= left and right <= stop:  # a class that stays with the position
                assert b"<" not in origin[left:right]
                pieces += (origin[begin:left], new.encode("latin-1"))
                begin = right
        pieces.append(origin[begin:stop])
        at = end
    return b"".join(pieces)
