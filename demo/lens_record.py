"""The byte lens' memory: the latest personalised pages with the very bytes they were made from. Demo only.

Invariant: what is kept is the body that the data plane held in its hands, never a second fetch of the page.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import msgpack

from clicks.click import Click
from transforms.page.edits import Change, Spliced

KEPT = 40


@dataclass(frozen=True, slots=True)
class SeenPage:
    """One personalised page: what the origin sent, what went out, and the changes between them."""

    time: float
    host: str
    target: str
    profile: str
    content_type: str
    added_us: int
    moved: int
    before: bytes
    after: bytes
    changes: tuple[Change, ...]
    reasons: tuple[tuple[str, str], ...]
    """Experience id and decision reason."""
    lists: tuple[tuple[str, ...], ...] = ()
    """Product ids of each list on the page, in the order shown."""


class LensRecorder:
    """Implements `proxy.ports.PageObserver`: a ring of files in `folder`, the newest replacing the oldest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._next = 0

    def personalised(self, click: Click, target: str, body: bytes, spliced: Spliced) -> None:
        """Keep one page. The file appears whole or not at all."""
        record = [
            click.time,
            click.host,
            target,
            click.profile or "",
            click.content_type,
            click.added_us,
            click.moved,
            body,
            spliced.body,
            [[c.edit, c.kind, c.start, c.end, c.replacement, c.moved, c.rewrites] for c in spliced.changes],
            [[reason.experience, reason.code] for reason in click.reasons],
            list((click.listed or {}).values()),
        ]
        path = self._folder / f"{os.getpid()}-{self._next % KEPT}.page"
        self._next += 1
        partial = path.with_suffix(".part")
        partial.write_bytes(msgpack.packb(record))
        partial.replace(path)


def seen_pages(folder: Path) -> list[SeenPage]:
    """All pages kept, the newest first."""
    pages = []
    for path in folder.glob("*.page"):
        try:
            fields = msgpack.unpackb(path.read_bytes())
        except FileNotFoundError:
            continue
        time, host, target, profile, content_type, added_us, moved, before, after, changes, reasons, lists = fields
        page = SeenPage(
            time=time,
            host=host,
            target=target,
            profile=profile,
            content_type=content_type,
            added_us=added_us,
            moved=moved,
            before=before,
            after=after,
            changes=tuple(
                Change(edit, kind, start, end, replacement, tuple(map(tuple, moved)), tuple(map(tuple, rewrites)))
                for edit, kind, start, end, replacement, moved, rewrites in changes
            ),
            reasons=tuple(map(tuple, reasons)),
            lists=tuple(map(tuple, lists)),
        )
        pages.append(page)
    pages.sort(key=lambda page: page.time, reverse=True)
    return pages
