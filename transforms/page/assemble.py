"""Assemble: the origin's bytes with the plans' ranges replaced; everything between is a slice of the origin's body."""

from collections.abc import Mapping, Sequence

from transforms.page.plan import Plan


def in_order(plans: Sequence[Plan]) -> list[Plan]:
    """Plans by place; at one place insertions in the order given, and before what is replaced there."""
    return sorted(plans, key=_place)


def _place(plan: Plan) -> tuple[int, int]:
    return plan.start, plan.end


def assemble(body: bytes, plans: Sequence[Plan], marks: Mapping[int, bytes] | None = None) -> bytes:
    """`body` with `plans` made; `marks` are bytes put on both sides of a plan's new bytes, by its number."""
    pieces: list[bytes] = []
    at = 0
    for plan in in_order(plans):
        if marks is not None and plan.number in marks:
            pieces += (body[at : plan.start], marks[plan.number], plan.new, marks[plan.number])
        else:
            pieces += (body[at : plan.start], plan.new)
        at = plan.end
    pieces.append(body[at:])
    return b"".join(pieces)
