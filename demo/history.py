"""What the demo's customers did in the past, as clicks: they go through the spool, the streams and the worker like any
other, and the profiles are what the worker makes of them.

Invariant: deterministic for a given `now`, and every click is older than `now`.
"""

from collections.abc import Iterator

from clicks.click import Click, Event
from demo.personas import ANA_AT_RISK, JOSE_LIKES_HIP_HOP, Persona
from demo.shop.accounts import DemoCustomer
from demo.shop.catalogue import NOVELTIES, Record, of_genre
from demo.shop.genres import BOLERO_Y_SALSA, ELECTRONICA, FLAMENCO, HIP_HOP
from visitors.cookie import Keyring, customer_id
from visitors.sealing import seal

DAY_S = 86_400.0
_PAGE_S = 45.0


def histories(now: float, keyring: Keyring) -> Iterator[Click]:
    """All clicks, oldest first, under the customers' ids that this installation's keys make."""
    clicks = [*_jose(now, keyring), *_ana(now, keyring)]
    clicks.sort(key=lambda click: click.time)
    yield from clicks


def _jose(now: float, keyring: Keyring) -> Iterator[Click]:
    """Comes every few days, looks at hip hop, bought two; the records in this month's window he has never seen."""
    window = set(NOVELTIES)
    known = [record for record in of_genre(HIP_HOP) if record not in window]
    aside = [record for record in of_genre(ELECTRONICA) if record not in window]
    for number, days_ago in enumerate((41, 36, 30, 25, 19, 13, 8, 3)):
        visit = _Visit(JOSE_LIKES_HIP_HOP, keyring, now - days_ago * DAY_S, "search:google" if number == 0 else "")
        if number == 0:
            yield visit.registered()
        for record in (known[number % len(known)], known[(number + 1) % len(known)]):
            yield visit.viewed(record)
        if number % 3 == 1 and aside:
            yield visit.viewed(aside[number % len(aside)])
        if number in (2, 5):
            bought = known[number % len(known)]
            yield visit.added(bought)
            yield visit.bought(f"20{number:03d}", bought)


def _ana(now: float, keyring: Keyring) -> Iterator[Click]:
    """Came every ten days and bought boleros and flamenco; then nothing for three months."""
    records = [*of_genre(BOLERO_Y_SALSA), *of_genre(FLAMENCO)]
    for number, days_ago in enumerate((142, 131, 122, 111, 101, 92)):
        visit = _Visit(ANA_AT_RISK, keyring, now - days_ago * DAY_S, "")
        if number == 0:
            yield visit.registered()
        for step in range(2):
            yield visit.viewed(records[(number * 2 + step) % len(records)])
        if number in (1, 3, 5):
            bought = records[(number * 2) % len(records)]
            yield visit.added(bought)
            yield visit.bought(f"10{number:03d}", bought)


class _Visit:
    """One past visit; each step happens a little later than the one before."""

    def __init__(self, persona: Persona, keyring: Keyring, start: float, source: str) -> None:
        if persona.customer is None:
            raise ValueError(f"{persona.key} has no account and so no history")
        self._customer: DemoCustomer = persona.customer
        self._host = persona.host
        self._profile = customer_id(keyring, self._customer.email_address)
        self._keyring = keyring
        self._session = f"{int(start):x}"
        self._time = start
        self._campaign = {"source": source} if source else None

    def registered(self) -> Click:
        customer = self._customer
        data = {
            "email": seal(self._keyring, customer.email_address),
            "first_name": customer.firstname,
            "last_name": customer.lastname,
        }
        return self._click("POST", "/create_account.php", 302, "account", Event("register", data))

    def viewed(self, record: Record) -> Click:
        data = {
            "product": str(record.id),
            "name": f"{record.artist} – {record.title}",
            "price_cents": record.pays_cents,
            "categories": [record.genre.name],
        }
        view = Event("page_view", {"kind": "product"})
        return self._click(
            "GET", "/product_info.php", 200, "product", view, Event("product_view", data), product=str(record.id)
        )

    def added(self, record: Record) -> Click:
        event = Event("add_to_cart", {"product": str(record.id), "quantity": 1})
        return self._click("POST", "/product_info.php", 302, "product", event, product=str(record.id))

    def bought(self, order: str, record: Record) -> Click:
        data = {"id": order, "items": [str(record.id)], "value_cents": record.pays_cents}
        return self._click("GET", "/checkout_success.php", 200, "order", Event("purchase", data))

    def _click(
        self, method: str, path: str, status: int, kind: str, *events: Event, product: str | None = None
    ) -> Click:
        self._time += _PAGE_S
        return Click(
            time=self._time,
            host=self._host,
            method=method,
            path=path,
            status=status,
            profile=self._profile,
            session=self._session,
            customer=True,
            query={"products_id": product} if product else None,
            agent="desktop",
            content_type="text/html",
            kind=kind,
            product=product,
            events=events,
        )
