"""Something that stands before the origin and does the job, a part of it, or nothing."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.pages.record_shop import Record
from bench.servers import Server
from bench.side_by_side.visitors import BenchVisitor
from bench.side_by_side.workload import Workload
from visitors.cookie import Keyring

Job = Literal["passes", "the same insert for all", "inserts", "whole job"]
"""passes: the origin's bytes. inserts: name and offer. whole job: name, offer, another order of the records."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a candidate starts: a folder of its own, the origin's port, and who will come."""

    folder: Path
    origin: int
    workload: Workload
    seed: int
    shop: Sequence[Record]
    who: Sequence[BenchVisitor]
    teacher: BenchVisitor
    """Somebody of the same kind who is not among `who`: what must be opened once is opened by them."""
    keyring: Keyring
    packages: Path
    """Where npm and pip put what a run installs."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One entry of the comparison."""

    name: str
    title: str
    job: Job
    start: Callable[[Place], AbstractContextManager[Server]]
    note: str = ""
    """What it does less than Vitrina, or otherwise."""
    is_once: bool = False
    """Too slow, or too seldom used for this, to be in every run."""
    installs: Callable[[Path], str] | None = None
    """Brings what it needs into a folder; the version of it."""
