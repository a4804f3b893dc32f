"""Popular: what all visitors want now, by the learnt catalogue; needs no profile."""

from collections.abc import Sequence

from decisions.candidates import Candidates
from visitors.profile import Profile


def popular(candidates: Candidates, profile: Profile, dust: float) -> Sequence[float | None]:
    """The catalogue's popularity, the same for everyone."""
    return [None if product is None else product.popularity for product in candidates.products]
