"""A shop is learnt from its own traffic: in the `work` process, never on a visitor's time.

Workers keep some pages that nobody's cookies asked for; from 8, 16 and 24 of them `work` learns the shop and writes
what it is sure of as a platform; workers take it over within a second. Nothing is written while no list is sure, nor
where the shop has a known platform's marks and that platform's lists find what is there.
"""

import logging
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from clicks.detecting.fitting import fits
from clicks.detecting.sample import Sample, without
from clicks.detecting.site import SURE, Learnt, learn
from clicks.recognising import recognise
from clicks.targets import parse_target
from config.platform import Platform
from config.platform_file import write_platform
from config.platforms import load_platform, platforms
from storage.samples import PageSample, SampleFolder
from vitrina.learnt_platform import NAME

LEARN_AT: Final = (8, 16, 24)

_log = logging.getLogger("vitrina.learning")
_CHARSET = re.compile(rb"charset=[\"']?([\w.:-]+)", re.IGNORECASE)


class Learning:
    """Of the `work` process: looks whether there is enough to learn from, and writes the platform."""

    def __init__(self, samples: SampleFolder, path: Path) -> None:
        self._samples = samples
        self._path = path
        self._learnt_from = 0

    @property
    def count(self) -> int:
        """Pages that are kept."""
        return self._samples.count()

    @property
    def is_due(self) -> bool:
        """More samples than were learnt from, and enough of them."""
        count = self._samples.count()
        return any(self._learnt_from < step <= count for step in LEARN_AT)

    def learn(self) -> Learnt | None:
        """Learn and write; None when nothing is sure yet. Blocks for some 100 ms."""
        pages = self._samples.read()
        self._learnt_from = len(pages)
        ground = load_platform("generic")
        samples = [_sample(page, ground) for page in pages]
        learnt = learn(samples, ground, NAME)
        for part in learnt.parts:
            _log.info(
                "learnt from %d pages: %s: %s (%.0f %%)", len(pages), part.name, part.found, part.confidence * 100
            )
        if not any(found.confidence >= SURE for found in learnt.lists):
            return None
        known = _known(pages)
        if known is not None and fits(known, learnt, samples):
            _log.info("the shop has %s's marks, and pages that fit", known.name)
            return None
        if known is not None:
            _log.warning("the shop has %s's marks, but pages of its own: it is read as it was learnt", known.name)
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        fresh.write_text("\n".join(write_platform(learnt.platform, "")) + "\n", "utf-8")
        fresh.replace(self._path)
        return learnt


def _known(pages: Sequence[PageSample]) -> Platform | None:
    """The platform whose marks the workers saw, or will see, on such pages."""
    known = platforms()
    names = (recognise(known, page.session_cookies, {}, page.target, page.body) for page in pages)
    name = next(filter(None, names), None)
    return next((platform for platform in known if platform.name == name), None)


def _sample(page: PageSample, ground: Platform) -> Sample:
    params = frozenset(ground.session_params)
    found = _CHARSET.search(page.content_type.encode("latin-1", "replace")) or _CHARSET.search(page.body[:2048])
    try:
        html = page.body.decode(found[1].decode("ascii") if found else "utf-8", "replace")
    except LookupError:
        html = page.body.decode("windows-1252", "replace")
    target = without(parse_target(page.target.encode("utf-8", "surrogateescape")), params)
    return Sample(target, html, page.host, 200, page.session_cookies, params)
