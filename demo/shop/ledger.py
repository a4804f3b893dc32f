"""What the shop must remember: customers, orders, newsletter. In memory; with a folder also a line of JSON per fact.

Invariant: a card number never gets here; an order keeps the last four digits at most.
"""

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from demo.shop.accounts import CUSTOMERS, DemoCustomer

_FIRST_ORDER = 1043
_HASH_ROUNDS = 5_000


@dataclass(frozen=True, slots=True)
class Customer:
    """A registered customer; the e-mail address, lower case, is unique."""

    id: int
    firstname: str
    lastname: str
    email_address: str
    salt: str
    password_hash: str
    newsletter: bool = False
    street_address: str = ""
    postcode: str = ""
    city: str = ""
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One position of an order; the price is what one piece cost, in cents."""

    record_id: int
    title: str
    artist: str
    quantity: int
    price_cents: int


@dataclass(frozen=True, slots=True)
class Order:
    """A placed order. `placed` is ISO 8601 local time."""

    number: int
    customer_id: int
    name: str
    address: str
    placed: str
    lines: tuple[OrderLine, ...]
    shipping_cents: int
    payment: str
    comments: str = ""

    @property
    def subtotal_cents(self) -> int:
        """Goods without shipping."""
        return sum(line.quantity * line.price_cents for line in self.lines)

    @property
    def total_cents(self) -> int:
        """Goods and shipping."""
        return self.subtotal_cents + self.shipping_cents


def _hash(password: str, salt: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), _HASH_ROUNDS).hex()


@dataclass(slots=True)
class Ledger:
    """Customers, orders and newsletter addresses; `folder` None keeps them in memory only."""

    folder: Path | None = None
    customers: dict[int, Customer] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    subscribers: set[str] = field(default_factory=set)
    by_email: dict[str, int] = field(default_factory=dict)

    def register(
        self, firstname: str, lastname: str, email_address: str, password: str, *, newsletter: bool = False
    ) -> Customer:
        """A new customer; raises ValueError when the address is taken."""
        email = email_address.lower()
        if email in self.by_email:
            raise ValueError(email)
        salt = secrets.token_hex(4)
        customer = Customer(
            len(self.customers) + 1, firstname, lastname, email, salt, _hash(password, salt), newsletter
        )
        self.keep(customer)
        return customer

    def keep(self, customer: Customer) -> None:
        """Stores a customer, new or changed."""
        before = self.customers.get(customer.id)
        if before is not None:
            self.by_email.pop(before.email_address, None)
        self.customers[customer.id] = customer
        self.by_email[customer.email_address] = customer.id
        self._append("customers", asdict(customer))

    def sign_in(self, email_address: str, password: str) -> Customer | None:
        """The customer whose address and password these are, or None."""
        customer_id = self.by_email.get(email_address.strip().lower())
        if customer_id is None:
            return None
        customer = self.customers[customer_id]
        right = secrets.compare_digest(_hash(password, customer.salt), customer.password_hash)
        return customer if right else None

    def place(
        self,
        customer: Customer,
        address: str,
        placed: str,
        lines: tuple[OrderLine, ...],
        shipping_cents: int,
        payment: str,
        comments: str,
    ) -> Order:
        """Places an order and gives it the next number."""
        number = max(self.orders, default=_FIRST_ORDER - 1) + 1
        name = f"{customer.firstname} {customer.lastname}"
        order = Order(number, customer.id, name, address, placed, lines, shipping_cents, payment, comments)
        self.orders[number] = order
        self._append("orders", asdict(order))
        return order

    def orders_of(self, customer_id: int) -> list[Order]:
        """A customer's orders, newest first."""
        return [order for order in reversed(self.orders.values()) if order.customer_id == customer_id]

    def subscribe(self, email_address: str) -> None:
        """Adds an address to the newsletter."""
        self.subscribers.add(email_address.lower())
        self._append("newsletter", {"email_address": email_address.lower()})

    def _append(self, kind: str, fact: dict[str, object]) -> None:
        if self.folder is not None:
            with (self.folder / f"{kind}.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(fact, ensure_ascii=False) + "\n")


def _facts(folder: Path, kind: str) -> list[dict[str, object]]:
    path = folder / f"{kind}.jsonl"
    if not path.exists():
        return []
    # a line that a power cut left half written is dropped, as its order was never confirmed
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    return [json.loads(line) for line in lines if line.endswith("}")]


def _order(fact: dict[str, object]) -> Order:
    lines = fact.pop("lines")
    if not isinstance(lines, list):
        raise ValueError("orders.jsonl: an order without lines")
    return Order(lines=tuple(OrderLine(**line) for line in lines), **fact)  # type: ignore[arg-type]


def open_ledger(folder: Path | None) -> Ledger:
    """The ledger of a folder, with the seeded customers when it is new; raises OSError when the folder cannot be used."""
    if folder is None:
        return _seed(Ledger())
    folder.mkdir(parents=True, exist_ok=True)
    ledger = Ledger()
    for fact in _facts(folder, "customers"):
        ledger.keep(Customer(**fact))  # type: ignore[arg-type]
    for fact in _facts(folder, "orders"):
        order = _order(fact)
        ledger.orders[order.number] = order
    ledger.subscribers = {str(fact["email_address"]) for fact in _facts(folder, "newsletter")}
    ledger.folder = folder
    return ledger if ledger.customers else _seed(ledger)


def _seed(ledger: Ledger) -> Ledger:
    for demo in CUSTOMERS:
        ledger.keep(_registered(demo, len(ledger.customers) + 1))
    return ledger


def _registered(demo: DemoCustomer, number: int) -> Customer:
    salt = f"{number:08x}"
    return Customer(
        id=number,
        firstname=demo.firstname,
        lastname=demo.lastname,
        email_address=demo.email_address,
        salt=salt,
        password_hash=_hash(demo.password, salt),
        street_address=demo.street_address,
        postcode=demo.postcode,
        city=demo.city,
    )
