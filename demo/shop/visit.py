"""One request as the shop's pages see it: the session, the host asked for, and the links that follow from both.

Invariant: as long as the session's cookie has not come back, every link carries `osCsid`; once it has, none does.
"""

from dataclasses import dataclass
from datetime import datetime

from demo.shop.forms import Fields
from demo.shop.ledger import Customer, Ledger
from demo.shop.markup import query, text
from demo.shop.sessions import COOKIE, Session, Sessions


@dataclass(frozen=True, slots=True)
class Html:
    """A page: what stands between the columns, under a title and a trail of (name, link) steps, links escaped."""

    title: str
    content: str
    trail: tuple[tuple[str, str], ...] = ()
    status: int = 200


@dataclass(frozen=True, slots=True)
class Redirect:
    """A 302 to a page of the shop, with cookies to set besides the session's."""

    page: str
    parameters: tuple[tuple[str, str], ...] = ()
    set_cookies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A finished document outside the layout (the admin area)."""

    markup: str
    status: int = 200


Reply = Html | Redirect | Document


@dataclass(slots=True)
class Visit:
    """One request. `site` is `http://HOST/`, `consent` the value of the consent cookie or None."""

    method: str
    page: str
    query: Fields
    form: Fields
    session: Session
    sessions: Sessions
    ledger: Ledger
    site: str
    cookie_came: bool
    consent: str | None
    now: datetime

    @property
    def customer(self) -> Customer | None:
        """Who is signed in, or None."""
        customer_id = self.session.customer_id
        return None if customer_id is None else self.ledger.customers.get(customer_id)

    @property
    def is_process(self) -> bool:
        """True for a submitted form: a POST whose action, in the query or in the body, is `process`."""
        return self.method == "POST" and "process" in (self.query.get("action"), self.form.get("action"))

    def has_token(self) -> bool:
        """True when the form carries this session's token."""
        return self.form.get("formid") == self.session.token

    def href(self, page: str, /, **parameters: object) -> str:
        """A relative address, escaped for an attribute; the page's `<base>` makes it absolute."""
        address = page
        separator = "?"
        for name, value in parameters.items():
            written = str(value) if isinstance(value, int) else query({"": str(value)})[1:]
            address += f"{separator}{name}={written}"
            separator = "&amp;"
        if not self.cookie_came:
            address += f"{separator}{COOKIE}={self.session.id}"
        return address

    def link(self, page: str, /, **parameters: object) -> str:
        """An absolute address, escaped for an attribute."""
        return text(self.site) + self.href(page, **parameters)

    def location(self, page: str, parameters: tuple[tuple[str, str], ...] = ()) -> str:
        """An absolute address for a `Location` header."""
        carried = dict(parameters)
        if not self.cookie_came:
            carried[COOKIE] = self.session.id
        return self.site + page + ("?" + query(carried) if carried else "")

    def token_field(self) -> str:
        """The hidden input that add-to-cart and cart forms carry."""
        return f'<input type="hidden" name="formid" value="{self.session.token}" />'

    def sid_field(self) -> str:
        """The session id for GET forms, whose action loses its query; empty once the cookie came back."""
        return "" if self.cookie_came else f'<input type="hidden" name="{COOKIE}" value="{self.session.id}" />'
