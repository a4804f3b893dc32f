"""Visitors as shops have them, each profile made by the product's own fold from the clicks of a made-up journey.

The mix: 62 % come once, the others 1 + geometric times; a visit has geometric many pages, 5 in the mean. Of visits 15 %
search, 12 % put something into the cart, 3 % order; who orders has signed in, with a name and a (sealed) address.
Everything is drawn from one seed.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

from msgspec.structs import replace

from clicks.click import Click, Event
from visitors.cookie import Keyring
from visitors.fold import fold_many, new_profile
from visitors.profile import Profile
from visitors.sealing import seal
from vitrina.profile_json import to_json

ONE_VISIT = 0.62
COMES_BACK = 0.45
NEXT_PAGE = 0.8
SEARCHES, FILLS_A_CART, ORDERS = 0.15, 0.12, 0.03
PRODUCTS, PER_LIST = 2_000, 20
SOURCES = ("www.google.es/", "www.google.es/", "", "", "l.instagram.com/", "blog.example/best-records")
CATEGORIES = ("Flamenco", "Hip hop", "Rock", "Jazz", "Electrónica", "Bolero y salsa", "Clásica", "Bandas sonoras")
NAMES = (("José", "García"), ("María", "Fernández"), ("Łukasz", "Nowak"), ("Ana", "Ortiz"), ("李", "小龍"))
DAY_S = 86_400.0
_SPOOLS = 2
_KEYS = Keyring((("1", b"bench-bench-bench-bench-bench-32"),))


@dataclass(frozen=True, slots=True)
class Somebody:
    """A profile and what kind of visitor it is."""

    profile: Profile
    visits: int
    pages: int


def people(count: int, seed: int, now: float) -> Iterator[Somebody]:
    """So many visitors; the last click of each is at least a day before `now` (Unix seconds)."""
    draw = random.Random(seed)
    spools = [f"{draw.getrandbits(128):032x}" for _ in range(_SPOOLS)]
    for _ in range(count):
        yield _Journey(draw, spools).lived(now)


def written(file: TextIO, profiles: Sequence[Profile], count: int, *, updated: float | None = None) -> None:
    """`count` lines for an import: the profiles again and again, each with an id of its own of the same length.

    `updated` is the time of their last change, Unix seconds; None: as it is.
    """
    lines = [to_json(profile if updated is None else profile._replace(updated=updated)) for profile in profiles]
    for number in range(count):
        known = profiles[number % len(profiles)].id
        line = lines[number % len(lines)].replace(json.dumps(known), json.dumps(f"{known[:-7]}{number:07}"), 1)
        file.write(f"{line}\n")


class _Journey:
    def __init__(self, draw: random.Random, spools: list[str]) -> None:
        self._draw = draw
        self._spool = draw.choice(spools)
        self._sequence = draw.randrange(1_000_000)
        self._id = "".join(draw.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", k=22))
        self._clicks: list[tuple[Click, str, int]] = []
        self._pages = 0
        self._at = 0.0
        self._session = ""
        self._is_customer = False
        self._agent = draw.choice(("mobile", "mobile", "desktop"))

    def lived(self, now: float) -> Somebody:
        draw = self._draw
        visits = 1
        if draw.random() > ONE_VISIT:
            visits = 2
            while draw.random() < COMES_BACK and visits < 40:
                visits += 1
        self._at = 1_700_000_000.0
        for _ in range(visits):
            self._visit()
            self._at += draw.uniform(1, 30) * DAY_S
        # All of it so far back that the last click is a day to a year ago.
        later = now - draw.uniform(1, 360) * DAY_S - self._clicks[-1][0].time
        moved = [(self._moved(click, later), spool, sequence) for click, spool, sequence in self._clicks]
        profile_id = f"c{self._id}Qr" if self._is_customer else self._id
        return Somebody(fold_many(new_profile(profile_id, moved[0][0].time), moved), visits, self._pages)

    @staticmethod
    def _moved(click: Click, later: float) -> Click:
        session = f"{int(int(click.session or '0', 16) + later):x}"
        return replace(click, time=click.time + later, session=session)

    def _visit(self) -> None:
        draw = self._draw
        self._session = f"{int(self._at):x}"
        referrer = draw.choice(SOURCES)
        self._page("/index.php", {}, "home_grid", 9, (), referrer)
        while draw.random() < NEXT_PAGE:
            self._open()
        if draw.random() < SEARCHES:
            term = draw.choice(("malecón", "blue", "lunares", "vinilo negro"))
            self._page("/advanced_search_result.php", {}, "", 0, (Event("search", {"term": term, "hits": 7}),))
        if draw.random() < FILLS_A_CART:
            product = str(draw.randrange(PRODUCTS))
            self._add(Event("add_to_cart", {"product": product, "quantity": 1}))
        if draw.random() < ORDERS:
            self._order()

    def _open(self) -> None:
        draw = self._draw
        number = draw.randrange(PRODUCTS)
        category = CATEGORIES[number % len(CATEGORIES)]
        if draw.random() < 0.35:
            query = {"cPath": str(number % len(CATEGORIES))}
            self._page("/index.php", query, "listing", PER_LIST, (Event("list_view", {"category": category}),))
            return
        seen = Event("product_view", {"product": str(number), "categories": ("Música", category)})
        self._page("/product_info.php", {"products_id": str(number)}, "", 0, (seen,))

    def _order(self) -> None:
        first, last = self._draw.choice(NAMES)
        self._is_customer = True
        address = seal(_KEYS, f"{self._id[:9].lower()}@correo.example")
        self._add(Event("login", {"email": address, "first_name": first, "last_name": last}))
        order = {"id": str(self._draw.randrange(100_000)), "value_cents": self._draw.randrange(900, 9_000)}
        self._add(Event("purchase", {**order, "items": (str(self._draw.randrange(PRODUCTS)),)}))

    def _page(
        self, path: str, query: dict[str, str], listed: str, items: int, events: tuple[Event, ...], referrer: str = ""
    ) -> None:
        self._pages += 1
        shown = {listed: tuple(str(self._draw.randrange(PRODUCTS)) for _ in range(items))} if listed else None
        self._add(Event("page_view", {}), *events, path=path, query=query, listed=shown, referrer=referrer)

    def _add(
        self,
        *events: Event,
        path: str = "/checkout_process.php",
        query: dict[str, str] | None = None,
        listed: dict[str, tuple[str, ...]] | None = None,
        referrer: str = "",
    ) -> None:
        self._at = round(self._at + self._draw.uniform(3, 90), 6)
        self._sequence += self._draw.randrange(1, 3_000)
        click = Click(
            self._at,
            "shop.example",
            "GET",
            path,
            200,
            profile=self._id,
            session=self._session,
            customer=self._is_customer,
            query=query,
            referrer=referrer,
            agent=self._agent,
            listed=listed,
            events=events,
        )
        self._clicks.append((click, self._spool, self._sequence))
