"""The stages of a page, timed from the moment its body is there."""

from collections.abc import Callable
from time import monotonic

ALWAYS_AT_FIRST = 64
ONE_IN = 32
"""Stages are measured of a worker's first pages, and of one page in 32 after that: a page whose stages are
timed takes them at once, not in step with others (proxy.phases), which costs more."""

Observe = Callable[[str, float], None]

_STAGE = {stage: f"stage:{stage}" for stage in ("open", "decide", "edit", "encode", "send", "click")}


class Laps:
    """Times of the stages of one page that follow each other: each lap is from the one before."""

    __slots__ = ("_observe", "_since", "began")

    def __init__(self, observe: Observe) -> None:
        self._observe = observe
        self.began = self._since = monotonic()

    def __call__(self, stage: str) -> None:
        """`stage` has ended now."""
        now = monotonic()
        self._observe(_STAGE[stage], now - self._since)
        self._since = now
