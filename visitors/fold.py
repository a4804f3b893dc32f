"""A profile is a fold of clicks: `fold(profile, click)`, in any order, each click once."""

from collections.abc import Iterable

from clicks.click import Click
from visitors.profile import Profile


def new_profile(id: str, at: float) -> Profile:
    raise NotImplementedError


def fold(profile: Profile, click: Click, spool: str, sequence: int) -> Profile:
    raise NotImplementedError


def fold_many(profile: Profile, clicks: Iterable[tuple[Click, str, int]]) -> Profile:
    raise NotImplementedError


def merge(customer: Profile, browser: Profile) -> Profile:
    raise NotImplementedError


def tombstone(browser: Profile, into: str, at: float) -> Profile:
    raise NotImplementedError
