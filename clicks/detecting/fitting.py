"""Whether a known platform's rules fit the pages of a shop that has its marks.

A shop of known software may have pages of its own making; then what was seen tells more than the platform's file.
"""

from collections.abc import Sequence

from clicks.detecting.sample import Sample
from clicks.detecting.site import SURE, Learnt
from config.platform import Platform


def fits(known: Platform, learnt: Learnt, samples: Sequence[Sample]) -> bool:
    """The platform's lists find at least half as many blocks as were surely learnt from the same pages."""
    expected = sum(found.blocks for found in learnt.lists if found.confidence >= SURE)
    pages = [page for page in samples if page.status == 200]
    return 2 * sum(len(page.tree.css(rule.items)) for page in pages for rule in known.lists) >= expected
