"""The ledger: addresses are unique, passwords are checked, a folder brings everything back."""

from pathlib import Path

import pytest

from demo.shop.accounts import CUSTOMERS, JOSE
from demo.shop.ledger import OrderLine, open_ledger
from demo.shop.sessions import Sessions


def test_the_seeded_customers_can_sign_in() -> None:
    ledger = open_ledger(None)
    for demo in CUSTOMERS:
        customer = ledger.sign_in(demo.email_address.upper(), demo.password)
        assert customer is not None
        assert customer.firstname == demo.firstname
    assert ledger.sign_in(JOSE.email_address, "otra") is None
    assert ledger.sign_in("nadie@example.com", "gramola") is None


def test_an_address_registers_once() -> None:
    ledger = open_ledger(None)
    ledger.register("Eva", "Sanz", "Eva@example.com", "secreta")
    with pytest.raises(ValueError, match=r"eva@example\.com"):
        ledger.register("Eva", "Sanz", "eva@EXAMPLE.com", "secreta")


def test_a_folder_keeps_customers_and_orders(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "shop")
    customer = ledger.register("Łukasz", "Peña", "l@example.com", "secreta")
    line = OrderLine(3, "Doble cero", "Zeta & Ñandú", 2, 1395)
    order = ledger.place(customer, "Calle 1", "2008-11-22T10:00:00", (line,), 395, "Contra reembolso", "")
    ledger.subscribe("Boletin@example.com")
    with (tmp_path / "shop" / "orders.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"number": 9')

    again = open_ledger(tmp_path / "shop")

    assert again.sign_in("l@example.com", "secreta") == customer
    assert again.orders == {order.number: order}
    assert order.total_cents == 2 * 1395 + 395
    assert again.subscribers == {"boletin@example.com"}


def test_sessions_rotate_expire_and_are_never_adopted() -> None:
    sessions = Sessions()
    session = sessions.start(0.0)
    first, token = session.id, session.token
    sessions.rotate(session)
    assert sessions.find(first, 1.0) is None
    assert sessions.find(session.id, 1.0) is session
    assert session.token != token
    assert sessions.find("f" * 32, 1.0) is None
    assert sessions.find(session.id, 9 * 3600.0) is None
