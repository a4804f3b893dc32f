"""What the data plane needs from elsewhere, declared by the consumer; `vitrina/` joins the adapters of `storage/`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from clicks.catalogue import Product
from clicks.click import Click, Reason
from transforms.page.edits import Spliced


class ProfileSource(Protocol):
    """Profiles as bytes by id, batched per event-loop tick, never blocking and never retrying."""

    def fetch(self, profile_id: str, done: Callable[[bytes | None, str | None], None]) -> None:
        """Call `done(raw, failure)` once: raw is None when there is no such profile; failure names what went wrong
        ("timeout", "unavailable", "breaker_open"). May call back before returning."""
        ...


class ClickSink(Protocol):
    """Where clicks go. Synchronous: one write() before the last byte of any of their responses is handed over."""

    def append(self, *clicks: Click) -> int:
        """How many of them are kept. Those that could not be (disk full) are counted and alarmed by the sink, never
        raised."""
        ...


class CatalogueSource(Protocol):
    """The learnt catalogue, a snapshot kept fresh in the background."""

    def snapshot(self) -> Mapping[str, Product]:
        """Products by id; never blocks."""
        ...

    @property
    def changes(self) -> int:
        """How often the snapshot has become another: what was worked out from one is kept with this."""
        ...


class Switch(Protocol):
    """The kill switch and measurements shared by all processes of one machine (one mmap page)."""

    def is_on(self) -> bool:
        """False as soon as the operator said `off`."""
        ...

    def count(self, name: str, n: int = 1) -> None:
        """Add to one of this process's counters (names in `storage.measures`)."""
        ...

    def answered(self, status: int, kind: str, way: str, added_us: int, out_bytes: int) -> None:
        """Count an answer: by its status and the kind of page, our share of its time by the way it went (names in
        `storage.measures`), and the bytes of its body."""
        ...

    def looked_at(self, counter: str | None, reasons: Iterable[Reason], moved: int | None) -> None:
        """Count a page that was looked at: by the counter of what came of it, where it has one; by the reasons of what
        was decided; and by how many positions of lists were `moved` where it went out changed (None: it did not)."""
        ...

    def observe(self, name: str, seconds: float) -> None:
        """Add a time to a histogram (names in `storage.measures`)."""
        ...


class Peers(Protocol):
    """The workers that accept on the same sockets, of this machine. Nothing here blocks or raises."""

    def tell(self, connections: int | None) -> None:
        """How many this worker has; None: it accepts no more."""
        ...

    def fewest(self) -> int | None:
        """How many the one with the fewest has, of the others that accept; None when there is no other."""
        ...


class SampleSink(Protocol):
    """Keeps a few pages to learn an unknown shop from; absent where the platform is configured."""

    @property
    def is_full(self) -> bool:
        """No more is taken."""
        ...

    def offer(self, target: str, host: str, content_type: str, session_cookies: Sequence[str], body: bytes) -> bool:
        """A page that was asked for without any cookie, so that nothing on it is anybody's. Never raises.

        `session_cookies` are names, never values.
        """
        ...


class ErasureSink(Protocol):
    """Takes note of visitors who withdrew: what is kept of them goes, soon and for good."""

    def ask(self, profile_id: str, at: float) -> None:
        """Erase all of this visitor up to `at` (Unix seconds). Synchronous and rare; never raises."""
        ...


class PageObserver(Protocol):
    """Told of each personalised page (the demo's byte lens); absent in production."""

    def personalised(self, click: Click, target: str, body: bytes, spliced: Spliced) -> None:
        """Must return at once."""
        ...
