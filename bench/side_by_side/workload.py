"""What is asked of every candidate alike: which origin, which visitors, which requests."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bench.pages.record_shop import RECORDS
from transforms.builtin.reorder import MAX_ITEMS

KB = 1024
VISITORS = 4001
"""Prime, so that every visitor comes to every address in time."""

Who = Literal["known", "signed in", "strangers"]


@dataclass(frozen=True, slots=True)
class Workload:
    """One kind of request. `name` is what `--workload` takes, `title` what reports say."""

    name: str
    title: str
    page_bytes: int = 64 * KB
    tokens: int = 0
    """Places that differ in every answer of the origin."""
    is_reshaped: bool = False
    """Every answer of the origin has another structure: other boxes, records and reviews, and tokens."""
    paths: int = 0
    """Distinct paths, each with a page of its own; 0: one page under 47 addresses of one path."""
    is_image: bool = False
    is_packed: bool = False
    """Both origin and client speak gzip."""
    who: Who = "known"
    """known: two of three are signed in, all have profiles; strangers consented, have no cookie of ours yet, and are
    not signed in: their page offers it."""
    visitors: int = VISITORS
    blocks: int = RECORDS
    """Records on the page."""
    stored: int = 0
    """More profiles in the store, of people who do not come."""
    workers: int = 1
    """Of Vitrina."""
    settings: str = ""
    """More of Vitrina's configuration: experiences, segments."""
    only: Sequence[str] = ()
    """Candidates that are asked; all when empty."""

    @property
    def is_ordered(self) -> bool:
        """Whether the list is short enough for Vitrina to reorder it."""
        return self.blocks <= MAX_ITEMS

    @property
    def is_varying(self) -> bool:
        """Whether files cannot serve this."""
        return self.tokens > 0 or self.is_reshaped or self.is_packed


_SAME = Workload("same", "same bytes from the origin each time")
_UNPACKED = ("nginx", "vitrina", "workerd", "mitmproxy", "undici", "aiohttp")
WORKLOADS: tuple[Workload, ...] = (
    _SAME,
    Workload("20-differ", "20 places differ in every response", tokens=20),
    Workload("1000-urls", "1,000 URLs, each its template", paths=1000),
    Workload("reshaped", "structure differs every time (relocated)", is_reshaped=True),
    Workload("gzip", "gzip in and out", is_packed=True, only=_UNPACKED),
    Workload("image", "20 KB image", page_bytes=20 * KB, is_image=True, only=("nginx", "vitrina", "vitrina-off")),
    Workload("5-differ", "5 places differ", tokens=5),
    Workload("180-differ", "180 places differ", tokens=180),
    replace(_SAME, name="1kb", title="page of 1.5 KB, without products", page_bytes=0, blocks=0),
    replace(_SAME, name="32kb", title="page of 32 KB", page_bytes=32 * KB, blocks=16),
    replace(_SAME, name="300kb", title="page of 300 KB", page_bytes=300 * KB),
    replace(_SAME, name="strangers", title="strangers", who="strangers"),
    replace(_SAME, name="signed-in", title="all signed in", who="signed in"),
    replace(_SAME, name="100k-profiles", title="100,000 profiles", visitors=100_003),
)
"""The first six have targets; the others stand beside."""
BY_NAME = {workload.name: workload for workload in WORKLOADS}
