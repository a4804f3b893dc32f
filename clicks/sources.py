"""Where a visit comes from, in words an operator can group by."""

from collections.abc import Mapping


def source(referrer_host: str, own_host: str, campaign: Mapping[str, str]) -> str:
    """direct, internal, search:google, social:facebook, email, campaign:NAME or partner:HOST."""
    raise NotImplementedError
