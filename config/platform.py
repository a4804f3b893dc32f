"""What a kind of shop looks like from outside, as data (`config/platforms/*.toml`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PathRule:
    """Matches a request: `path` is a glob over the path (`*` within a segment, `**` across), `query` must be present
    with these values ("*" = any value)."""

    path: str
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FormRule:
    """A form POST and the proof of its success.

    `success` is "redirect_away" (3xx to another path than the form's own), "redirect" (any 3xx), "ok" (2xx), "json"
    (a 2xx whose JSON object proves it), "cookie" (a 2xx that sets one of `Platform.cart_cookies`) or "accepted" (a
    redirect away (of the cart's forms: any), JSON that proves it, or such a cookie). JSON proves by any member of
    `proves` and none of `refutes`, each a name that must hold something, or `name=value`; without `proves` the
    members that shops use for it count. `fields` maps our names (email, first_name, last_name, product_id, quantity
    …) to the form's field names, in which "*" is any number (the row of a cart); every field not named here is never
    read. `requires` names form fields that must be present (password) but are not read.
    """

    at: tuple[PathRule, ...]
    success: str = "redirect_away"
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    requires: tuple[str, ...] = ()
    failure: tuple[str, ...] = ()
    """Path globs a redirect to which is a refusal (the login page, "please allow cookies")."""
    proves: tuple[str, ...] = ()
    refutes: tuple[str, ...] = ()
    answer: Mapping[str, str] = field(default_factory=dict)
    """Our name → the member of the JSON answer that says it, as "items.id": `order` (its number), `left` (product ids
    still in the cart)."""


@dataclass(frozen=True, slots=True)
class NamedForm:
    """A form of the operator's own (`[[form]]`), a survey for one: an event tells its allow-listed fields.

    `traits` maps the names of traits of a profile to fields of the form.
    """

    name: str
    rule: FormRule
    traits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Banner:
    """Where an internal banner leads (`[[banner]]`); `at` is path rules that only its link has."""

    name: str
    at: tuple[PathRule, ...]


@dataclass(frozen=True, slots=True)
class ListRule:
    """A repeated product block: `items` matches each block, the other selectors are relative to it.

    The id is read from the link by `Platform.product_id`; `id_css` and `id_attribute` name an element that carries it
    where the link does not (`id_css` "": the block itself). `id_pattern`, an expression with one group, picks it out.
    """

    name: str
    items: str
    link: str = "a"
    name_css: str = ""
    price_css: str = ""
    image_css: str = "img"
    id_css: str = ""
    id_attribute: str = ""
    id_pattern: str = ""
    price_attribute: str = ""
    """Of the element that `price_css` names ("": the block itself), where the price is told to scripts only."""
    of_category: bool = False
    """On a category page these are the category's own products (not a box of bestsellers beside them)."""


@dataclass(frozen=True, slots=True)
class ProductRule:
    """Where a product page says what it sells. The id fields are as in a `ListRule`, and go before the URL's."""

    name_css: str
    price_css: str = ""
    breadcrumb_css: str = ""
    sold_out_css: str = ""
    image_css: str = ""
    id_css: str = ""
    id_attribute: str = ""
    id_pattern: str = ""
    price_attribute: str = ""
    """Of the element that `price_css` names, as in a `ListRule`."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What gives a platform away in traffic: session cookies of its own, paths, texts at the start of a page.

    A cookie's name may end in "*": the rest differs from shop to shop.
    """

    cookies: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    generator: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Platform:
    """A kind of shop. `session_cookies` name the origin's session; `session_params` are ids in URLs, never kept.

    Compared by identity, so what is compiled from one can be kept beside it.
    """

    name: str
    session_cookies: tuple[str, ...] = ()
    session_params: tuple[str, ...] = ()
    cart_cookies: tuple[str, ...] = ()
    """Cookies that the shop sets exactly when the cart has changed."""
    kinds: Mapping[str, tuple[PathRule, ...]] = field(default_factory=dict)
    """Page kind → rules; the first kind in the file's order that matches wins, else "other"."""
    template_by_kind: tuple[str, ...] = ()
    """Page kinds whose pages share one structure whatever the path."""
    product_id: tuple[str, ...] = ()
    """Regular expressions with one group over path?query of a product URL (also of links in lists)."""
    category_id: tuple[str, ...] = ()
    category_css: str = ""
    """The heading of a category's page; without it the last step of the breadcrumb."""
    product_mark: str = ""
    """What product pages alone have: it tells them where addresses do not (`/red-dress` beside `/about-us`)."""
    id_on_page: bool = False
    """What a block's or a page's own id field says wins over the URL: cart calls carry that id, not the URL's slug."""
    product: ProductRule | None = None
    lists: tuple[ListRule, ...] = ()
    breadcrumb_skip: tuple[str, ...] = ()
    """Breadcrumb texts that are not categories (Inicio, Home)."""
    sort_params: tuple[str, ...] = ()
    page_params: tuple[str, ...] = ()
    filter_params: tuple[str, ...] = ()
    search_params: tuple[str, ...] = ()
    query_fields: tuple[str, ...] = ()
    """Query parameters kept in clicks (besides campaign fields); all others are dropped."""
    hits_css: str = ""
    """The text of a search page that tells how many results there are: its largest number."""
    login: FormRule | None = None
    register: FormRule | None = None
    logout: tuple[PathRule, ...] = ()
    add_to_cart: FormRule | None = None
    add_to_cart_links: tuple[PathRule, ...] = ()
    """GET links that put the product of their URL into the cart (a redirect is the proof)."""
    remove_from_cart: FormRule | None = None
    checkout_details: FormRule | None = None
    """Form with the customer's name (address step): read for first_name, last_name, email."""
    newsletter: FormRule | None = None
    order_placed: tuple[PathRule, ...] = ()
    """The success page; an order is proven by it being served 200 in a session after a checkout POST."""
    order_call: FormRule | None = None
    """The call that places an order and is answered in JSON: no field of it is read."""
    further: Mapping[str, tuple[FormRule, ...]] = field(default_factory=dict)
    """Further rules for the same forms, by their names (login, add_to_cart …), tried after the first."""
    order_id_url: tuple[str, ...] = ()
    """Regular expressions with one group over path?query of the success page."""
    order_id_css: str = ""
    order_total_css: str = ""
    order_item_css: str = ""
    as_shown: bool = False
    """Carts and orders are believed as pages show them: rows that can be taken out, thanks with an order's number."""
    never_touch: tuple[str, ...] = ()
    never_read: tuple[str, ...] = ()
    recognise: Marks = Marks()
    forms: tuple[NamedForm, ...] = ()
    banners: tuple[Banner, ...] = ()
    currency: str = ""
    """ISO 4217, for prices whose sign does not tell. Forms, banners and this are the operator's (`as_configured`)."""
