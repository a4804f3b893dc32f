"""People on their ways through a shop behind Vitrina, in a real browser: each step notes the page that is shown."""

import json
import time
from dataclasses import dataclass, field

from clicks.targets import page_key, parse_target
from config.platforms import load_platform
from tests.browser.conftest import USER_AGENT
from tests.browser.tabs import Chromium, Person
from tests.fixtures.gramola import clicks_in
from tests.fixtures.installation import Installation

PASSWORD = "correct horse 77"
Source = tuple[str, str, str, str, str]
DIRECT: Source = ("direct", "(direct)", "(none)", "", "")


@dataclass(frozen=True, slots=True)
class Ways:
    """How one finds one's way in a shop. `products` are pages of three products, the last opened by one person only."""

    platform: str
    home: str
    category: str
    products: tuple[str, str, str]
    ids: tuple[str, str, str]
    add: str
    login: str
    logout: str
    search: tuple[str, str]
    register: tuple[str, dict[str, str]]
    sign_in: tuple[str, str, str]
    logout_shows_a_page: bool


WAYS = {
    "gramola": Ways(
        "phoenix",
        "/index.php",
        "/index.php?cPath=3",
        tuple(f"/product_info.php?products_id={number}" for number in (5, 53, 17)),  # type: ignore[arg-type]
        ("5", "53", "17"),
        "form[name=cart_quantity] [type=submit]",
        "/login.php",
        "/logoff.php",
        ("form[name=quick_find]", "keywords"),
        (
            "form[name=create_account]",
            {"firstname": "N", "lastname": "García", "email_address": "E", "password": "P", "confirmation": "P"},
        ),
        ("form[name=login]", "email_address", "password"),
        True,
    ),
    "oscar": Ways(
        "oscar",
        "/catalogue/",
        "/catalogue/category/poetry_1/",
        (
            "/catalogue/campos-de-castilla-hardback_3/",
            "/catalogue/masa-madre-hardback_9/",
            "/catalogue/campos-de-castilla-paperback_4/",
        ),
        ("3", "9", "4"),
        "#add_to_basket_form [type=submit]",
        "/accounts/login/",
        "/accounts/logout/",
        ("header form[action*=search]", "q"),
        (
            "#register_form",
            {"registration__email": "E", "registration__password1": "P", "registration__password2": "P"},
        ),
        ("#login_form", "login__username", "login__password"),
        False,
    ),
}


@dataclass(slots=True)
class Went:
    """One session as it was: from where, which pages the browser showed, whose."""

    source: Source
    whose: str
    pages: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The pages, one opened again at once only once, as `look paths` writes them."""
        return " > ".join(page for at, page in enumerate(self.pages) if not at or self.pages[at - 1] != page)


@dataclass(slots=True)
class Shop:
    """A shop behind Vitrina, its visitors, and all that is true of them."""

    ways: Ways
    vitrina: Installation
    chromium: Chromium
    sessions: list[Went] = field(default_factory=list)
    profiles: dict[str, str] = field(default_factory=dict)
    """Whose → the profile's id."""
    gone: dict[str, dict[str, str]] = field(default_factory=dict)
    """Who is to be erased → what was kept of them."""
    in_front: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Of the page whose tab was hidden: the least and the most seconds it can have been in front, and how long ago
    it was left in all."""

    def comes(self, whose: str, source: Source = DIRECT, **headers: str) -> "Visitor":
        """Somebody who agreed to cookies long ago."""
        return Visitor(self, self.chromium.person(USER_AGENT, **headers), whose, source).agree()

    def look(self, name: str, *options: str) -> list[dict[str, object]]:
        """A look, as the operator gets it."""
        command = ("look", name, "--json", "--config", str(self.vitrina.config), *options)
        rows: list[dict[str, object]] = json.loads(self.vitrina.command(*command))
        return rows


@dataclass(slots=True)
class Visitor:
    """A person's visit; each step notes the page that the browser shows then."""

    shop: Shop
    person: Person
    whose: str
    source: Source
    went: Went | None = None

    def agree(self) -> "Visitor":
        self.person.set_cookie(self.shop.vitrina.url, "cookie_policy", "prefs=1")
        return self

    def open(self, path: str, referrer: str = "") -> "Visitor":
        self.person.open(self.shop.vitrina.url + path, referrer)
        return self.note()

    def note(self) -> "Visitor":
        """The page that is shown now is one of this visit."""
        if self.went is None:
            self.went = Went(self.source, self.whose)
            self.shop.sessions.append(self.went)
        self.went.whose = self.whose
        target = parse_target(self.person.path.encode())
        self.went.pages.append(page_key("", target, load_platform(self.shop.ways.platform)))
        return self

    def product(self, number: int = 0, referrer: str = "") -> "Visitor":
        return self.open(self.shop.ways.products[number], referrer)

    def add(self) -> "Visitor":
        self.person.press(self.shop.ways.add)
        return self.note()

    def search(self, term: str) -> "Visitor":
        form, name = self.shop.ways.search
        self.person.fill(form, **{name: term})
        return self.note()

    def register(self, email: str, name: str) -> "Visitor":
        form, fields = self.shop.ways.register
        self.open("/create_account.php" if self.shop.ways.platform == "phoenix" else self.shop.ways.login)
        words = {"E": email, "N": name, "P": PASSWORD}
        self.person.fill(form, **{field: words.get(word, word) for field, word in fields.items()})
        self.whose = email
        return self.note()

    def log_in(self, email: str, *, password: str = PASSWORD) -> "Visitor":
        form, name, secret = self.shop.ways.sign_in
        self.open(self.shop.ways.login)
        self.person.fill(form, **{name: email, secret: password})
        if password != PASSWORD:
            return self  # the answer to a form is no page that was opened
        self.whose = email
        return self.note()

    def log_out(self, then: str) -> "Visitor":
        """Sign out: what comes then is somebody else's, `then`."""
        self.person.open(self.shop.vitrina.url + self.shop.ways.logout)
        if self.shop.ways.logout_shows_a_page:
            self.note()
        self.whose, self.source, self.went = then, DIRECT, None
        return self if self.shop.ways.logout_shows_a_page else self.note()

    def has_told(self, count: int) -> None:
        """Wait until so many of this browser's beacons have come."""
        profile = self.person.cookies()["vitrina"].split(".")[2]
        deadline = time.monotonic() + 60
        while count > sum(click.is_measure for click in clicks_in(self.shop.vitrina.data) if click.profile == profile):
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def leaves(self) -> str | None:
        """Close the browser; the id that is left in the cookie."""
        cookie = self.person.cookies().get("vitrina")
        self.person.close()
        if cookie is None:
            return None
        profile = cookie.split(".")[2]
        self.shop.profiles[self.whose] = profile
        return profile
