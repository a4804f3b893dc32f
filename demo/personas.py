"""The demo's visitors: each lives on a host name of its own (cookies ignore ports, host names they respect)."""

from dataclasses import dataclass

from demo.shop.accounts import ANA, JOSE, DemoCustomer


@dataclass(frozen=True, slots=True)
class Persona:
    """One visitor: `host` without port; `customer` is the shop account to sign in with, None for a stranger."""

    key: str
    host: str
    title: str
    customer: DemoCustomer | None = None

    @property
    def start_path(self) -> str:
        """Where the link table sends a browser: through the shop's own login form where there is an account."""
        return "/index.php" if self.customer is None else "/_vitrina/demo/enter"


STRANGER = Persona("stranger", "stranger.localhost", "a stranger")
JOSE_LIKES_HIP_HOP = Persona("jose", "jose.localhost", "José, a returning customer who likes hip hop", JOSE)
ANA_AT_RISK = Persona("ana", "ana.localhost", "Ana, a customer at risk of leaving", ANA)

PERSONAS: tuple[Persona, ...] = (STRANGER, JOSE_LIKES_HIP_HOP, ANA_AT_RISK)


def persona_at(host: str) -> Persona | None:
    """The persona who lives on this host (with or without port)."""
    name = host.partition(":")[0]
    return next((persona for persona in PERSONAS if persona.host == name), None)
