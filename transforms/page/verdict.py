"""Verdicts: which edits, made together, the gate accepted; remembered per template and per structure around edits."""

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence

from transforms.page.gate import passes
from transforms.page.ground import Ground
from transforms.page.plan import Plan
from transforms.page.splice import with_reversal


class Verdicts:
    """A bounded memory of verdicts, least recently used first to go."""

    __slots__ = ("_known", "_limit")

    def __init__(self, limit: int) -> None:
        self._known: OrderedDict[Hashable, tuple[bool, ...]] = OrderedDict()
        self._limit = limit

    def get(self, key: Hashable) -> tuple[bool, ...] | None:
        """What was remembered of `key`."""
        found = self._known.get(key)
        if found is not None:
            self._known.move_to_end(key)
        return found

    def put(self, key: Hashable, verdict: tuple[bool, ...]) -> None:
        """Remember a verdict."""
        self._known[key] = verdict
        if len(self._known) > self._limit:
            self._known.popitem(last=False)


def judge(ground: Ground, plans: Sequence[Plan], selectors: Mapping[str, str]) -> tuple[bool, ...]:
    """Which of `plans` the gate accepts together: all at once if it can be, else one after the other."""
    return (True,) * len(plans) if pass_together(ground, plans, selectors) else judge_apart(ground, plans, selectors)


def judge_apart(ground: Ground, plans: Sequence[Plan], selectors: Mapping[str, str]) -> tuple[bool, ...]:
    """Which of `plans`, that do not pass together, the gate accepts one after the other: a proof for each."""
    if len(plans) == 1:
        return (False,)
    accepted: list[Plan] = []
    verdict = []
    for plan in plans:
        is_good = pass_together(ground, [*accepted, plan], selectors)
        verdict.append(is_good)
        if is_good:
            accepted.append(plan)
    return tuple(verdict)


def pass_together(ground: Ground, plans: Sequence[Plan], selectors: Mapping[str, str]) -> bool:
    """Whether the gate accepts all of `plans`.

    The real edits, and the same with every reorder reversed: other orders of the same units are taken as proven.
    """
    if not passes(ground.body, plans, selectors):
        return False
    opposite = [with_reversal(plan, ground) or plan for plan in plans]
    return opposite == list(plans) or passes(ground.body, opposite, selectors)
