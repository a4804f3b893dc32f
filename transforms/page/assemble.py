"""Assemble: the origin's bytes with the plans' ranges replaced; everything between is a slice of the origin's body."""

from collections.abc import Mapping, Sequence
from operator import attrgetter

from transforms.page.plan import Plan

_place = attrgetter("start", "end")


def in_order(plans: Sequence[Plan]) -> list[Plan]:
    """Plans by place; at one place insertions in the order given, and before what is replaced there."""
    return sorted(plans, key=_place)


def assemble(body: bytes, plans: Sequence[Plan], marks: Mapping[int, bytes] | None = None) -> bytes:
    """`body` with `plans`, given in order, made; `marks` go on both sides of a plan's new bytes, by its number."""
    view = memoryview(body)
    pieces: list[bytes | memoryview] = []
    at = 0
    for plan in plans:
        if marks is not None and plan.number in marks:
            pieces += (view[at : plan.start], marks[plan.number], plan.new, marks[plan.number])
        else:
            pieces += (view[at : plan.start], plan.new)
        at = plan.end
    pieces.append(view[at:])
    return b"".join(pieces)
