"""Sessions known by `osCsid`: a cart, who is signed in, the form token.

Invariants: an id is only ever made here (an unknown one from a link or a cookie is not adopted); a login gives the
session a new id and a new token, and the old id opens nothing any more.
"""

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field

COOKIE = "osCsid"
_IDLE_SECONDS = 8 * 3600
_MOST_SESSIONS = 20_000


@dataclass(frozen=True, slots=True)
class Shipping:
    """Where an order goes, as typed into the checkout."""

    firstname: str
    lastname: str
    street_address: str
    postcode: str
    city: str
    telephone: str
    method: str

    @property
    def address(self) -> str:
        """One line for the order."""
        return f"{self.street_address}, {self.postcode} {self.city}"


@dataclass(slots=True)
class Session:
    """One browser's session. `cart` is record id → quantity in the order of adding; `notices` are shown once."""

    id: str
    token: str
    touched: float
    cart: dict[int, int] = field(default_factory=dict)
    customer_id: int | None = None
    manager: bool = False
    notices: list[str] = field(default_factory=list)
    return_to: str | None = None
    shipping: Shipping | None = None
    payment: str | None = None
    comments: str = ""
    last_order: int | None = None


@dataclass(slots=True)
class Sessions:
    """All open sessions, least recently used first; the oldest goes when there are too many."""

    by_id: OrderedDict[str, Session] = field(default_factory=OrderedDict)

    def find(self, session_id: str | None, now: float) -> Session | None:
        """The session of that id when it is open and not idle for longer than eight hours."""
        session = self.by_id.get(session_id) if session_id else None
        if session is None:
            return None
        if now - session.touched > _IDLE_SECONDS:
            del self.by_id[session.id]
            return None
        session.touched = now
        self.by_id.move_to_end(session.id)
        return session

    def start(self, now: float) -> Session:
        """A new session with ids of its own."""
        session = Session(secrets.token_hex(16), secrets.token_hex(16), now)
        self.by_id[session.id] = session
        if len(self.by_id) > _MOST_SESSIONS:
            self.by_id.popitem(last=False)
        return session

    def rotate(self, session: Session) -> None:
        """Gives a session a new id and a new token; everything else stays."""
        self.by_id.pop(session.id, None)
        session.id, session.token = secrets.token_hex(16), secrets.token_hex(16)
        self.by_id[session.id] = session

    def end(self, session: Session) -> Session:
        """Closes a session; what comes back is a new empty one."""
        self.by_id.pop(session.id, None)
        return self.start(session.touched)
