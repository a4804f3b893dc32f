"""The accounts that the shop is opened with: three customers and the manager; demonstration data, public on purpose."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """A customer as typed into the register form; the password is the one to sign in with."""

    firstname: str
    lastname: str
    email_address: str
    password: str
    street_address: str
    postcode: str
    city: str


@dataclass(frozen=True, slots=True)
class Manager:
    """Who may open the admin area."""

    username: str
    password: str


JOSE = DemoCustomer("José", "García", "jose@example.com", "gramola", "Calle del Olmo, 7", "28012", "Madrid")
ANA = DemoCustomer("Ana", "Ruiz", "ana@example.com", "gramola", "Plaza de la Alfalfa, 3", "41004", "Sevilla")
MARIA = DemoCustomer("María", "López", "maria@example.com", "gramola", "Rúa do Vilar, 21", "15705", "Santiago")

CUSTOMERS: tuple[DemoCustomer, ...] = (JOSE, ANA, MARIA)
MANAGER = Manager("gerente", "tocadiscos")
