"""Popular: what all visitors want now, by the learnt catalogue; needs no profile."""

from collections.abc import Sequence

from decisions.candidates import Candidates
from decisions.taste import Taste


def popular(candidates: Candidates, taste: Taste) -> Sequence[float | None]:
    """The catalogue's popularity, the same for everyone."""
    return [None if product is None else product.popularity for product in candidates.products]
