"""Forms by what they ask for: a password, a name, an address for news, a word to search, a product and how many.

Invariant: only names of fields are learnt, never what stands in them; a field that is not named here is never read.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborNode

from clicks.detecting.sample import Sample, fold
from clicks.targets import Target
from config.platform import FormRule, PathRule

_EMAIL: Final = re.compile(r"mail|correo|courriel", re.IGNORECASE)
_LOGIN_NAME: Final = re.compile(r"user|login|e?-?mail|customer|usuario|benutzer|correo|log$", re.IGNORECASE)
_FIRST: Final = re.compile(r"first_?-?name|fname|given|forename|vorname|nombre|prenom|nome$|imie", re.IGNORECASE)
_LAST: Final = re.compile(
    r"last_?-?name|lname|surname|family|nachname|apellidos?|^nom$|cognome|nazwisko", re.IGNORECASE
)
_QUANTITY: Final = re.compile(r"quantity|qty|cantidad|anzahl|menge|quantite|amount|count", re.IGNORECASE)
_PRODUCT: Final = re.compile(
    r"^(?:products?[-_]?id|product|id_product|item[-_]?id|add-to-cart|sku|pid|article|variant)$", re.IGNORECASE
)
_NEWS: Final = re.compile(r"newsletter|subscri|suscri|abonn|bolet[ií]n|mailing|signup", re.IGNORECASE)
_TO_CART: Final = re.compile(
    r"cart|basket|bag|carrito|cesta|warenkorb|panier|carrello|koszyk|add_product|buy", re.IGNORECASE
)
_SEARCH: Final = re.compile(r"^(?:q|s|query|search\w*|keywords?|kw|term|w|buscar?|suche|recherche)$", re.IGNORECASE)
_SECRET: Final = re.compile(r"token|nonce|csrf|_key$|sid$|session|hash", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SeenForm:
    """A form as it stands on a page: where it goes, how, and the names of its fields by type."""

    kind: str
    """login, register, newsletter, search, add_to_cart or other."""
    target: Target
    method: str
    fields: tuple[tuple[str, str], ...]
    page: Target
    is_script: bool
    """Sent by a script: its answer is no page."""


def forms_of(page: Sample) -> tuple[SeenForm, ...]:
    """The forms of a page that go to the shop itself."""
    found = []
    for node in page.tree.css("form"):
        target = page.internal(node.attributes.get("action") or page.target.text)
        submits = [button.attributes.get("formaction") for button in node.css("[formaction]")]
        cart = next((href for href in submits if href and _TO_CART.search(href)), None)
        if cart and (other := page.internal(cart)) is not None:
            target = other
        if target is not None:
            found.append(_seen(node, target, page))
    return tuple(found)


def _seen(node: LexborNode, target: Target, page: Sample) -> SeenForm:
    fields = []
    for control in node.css("input, select, textarea, button[name]"):
        name = control.attributes.get("name")
        kind = (control.attributes.get("type") or ("text" if control.tag == "input" else control.tag or "")).lower()
        if name and kind not in ("reset", "image"):
            fields.append((name, kind))
    method = (node.attributes.get("method") or "get").lower()
    is_script = any(
        name.startswith(("data-oc", "data-ajax", "data-remote", "hx-", "data-turbo", "x-on"))
        for name in node.attributes
    )
    about = " ".join(filter(None, (node.attributes.get(key) for key in ("id", "class", "name", "action"))))
    return SeenForm(_kind(fields, method, target, about, page), target, method, tuple(fields), page.target, is_script)


def to_cart(form: LexborNode) -> bool:
    """The form names a product, or is sent to the cart."""
    action = form.attributes.get("action") or ""
    return _TO_CART.search(action) is not None or any(
        _PRODUCT.match(control.attributes.get("name") or "") for control in form.css("[name]")
    )


def _kind(fields: Sequence[tuple[str, str]], method: str, target: Target, about: str, page: Sample) -> str:
    passwords = [name for name, kind in fields if kind == "password"]
    typed = [name for name, kind in fields if kind in ("text", "email", "search", "tel", "password")]
    if method == "get":
        typed = [name for name, kind in fields if kind == "search" or (kind == "text" and _SEARCH.match(name))]
        return "search" if typed and target.path != page.target.path else "other"
    if passwords:
        is_new = len(passwords) > 1 or any(_FIRST.search(name) or _LAST.search(name) for name in typed)
        if is_new or re.search(r"regist|create|signup|sign-up", f"{about} {passwords[0]}", re.IGNORECASE):
            return "register"
        return "login" if len(typed) <= 3 else "other"
    if any(_PRODUCT.match(name) for name, _ in fields) or (_TO_CART.search(target.text) and len(typed) <= 3):
        return "add_to_cart" if not re.search(r"remove|delete|update|coupon|voucher", target.text) else "other"
    if (
        len(typed) == 1
        and (_EMAIL.search(typed[0]) or (typed[0], "email") in fields)
        and (_NEWS.search(about) or _NEWS.search(target.text))
    ):
        return "newsletter"
    return "other"


def form_rule(seen: Sequence[SeenForm], kind: str) -> FormRule | None:
    """The rule for the forms of one kind on all samples; None when there is none."""
    forms = [form for form in seen if form.kind == kind and form.method == "post"]
    if not forms:
        return None
    at = _places(form.target for form in forms)
    names = [(name, field_kind) for form in forms for name, field_kind in form.fields]
    fields: dict[str, tuple[str, ...]] = {}
    match kind:
        case "login":
            fields["email"] = _named(names, _LOGIN_NAME, ("text", "email")) or _addresses(names)
        case "register":
            fields["email"] = _addresses(names)
            fields["first_name"] = _named(names, _FIRST, ("text",))
            fields["last_name"] = _named(names, _LAST, ("text",))
        case "add_to_cart":
            fields["product_id"] = _named(names, _PRODUCT, ("hidden", "text", "button", "submit"))
            fields["quantity"] = _named(names, _QUANTITY, ("text", "number", "hidden", "select", "tel"))
        case "newsletter":
            fields["email"] = _addresses(names)
        case _:
            pass
    passwords = tuple(dict.fromkeys(name for name, field_kind in names if field_kind == "password"))
    pages = _places(form.page for form in forms) if kind in ("login", "register") else ()
    return FormRule(
        at=at,
        success="accepted",
        fields={name: found for name, found in fields.items() if found},
        requires=(*fields.get("email", ())[:1], *passwords[:1]) if kind in ("login", "register") else (),
        failure=tuple(dict.fromkeys(rule.path for rule in pages if not rule.query)),
    )


def _named(names: Iterable[tuple[str, str]], expression: re.Pattern[str], kinds: tuple[str, ...]) -> tuple[str, ...]:
    # quantity[14] is one product's own field.
    plain = (name for name, kind in names if kind in kinds and expression.search(name) and not re.search(r"\[\d", name))
    return tuple(dict.fromkeys(plain))[:4]


def _addresses(names: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Fields for an e-mail address: by their type, else by their name."""
    return _named(names, re.compile(""), ("email",)) or _named(names, _EMAIL, ("text",))


def _places(targets: Iterable[Target]) -> tuple[PathRule, ...]:
    """Where forms go: numbers in the path may be any; of the query what is short and no secret."""
    rules: dict[str, PathRule] = {}
    for target in targets:
        path = re.sub(r"(?<=/)[^/]*\d[^/]*(?=/|$)", "*", target.path)
        query = {
            name: value
            for name, value in target.query
            if value and len(value) <= 24 and not _SECRET.search(name) and not re.search(r"\d", value)
        }
        query = {
            name: value
            for name, value in query.items()
            if name in ("route", "action", "controller", "fc", "module", "main_page", "wc-ajax")
        }
        rules.setdefault(f"{path}?{sorted(query.items())}", PathRule(path, query))
    return tuple(rules.values())[:6]


_LOGOUT: Final = re.compile(
    r"(?:^|[/=_?&.-])(?:log-?_?off|log-?_?out|sign-?_?out|salir|cerrar-?sesion|abmelden|deconnexion|wyloguj)(?:$|[/=_?&.-])",
    re.IGNORECASE,
)
_CART: Final = re.compile(
    r"(?:^|[/=?&.])(?:(?:view|my)[-_])?(?:shopping[-_]?cart|cart|basket|bag|carrito|cesta|warenkorb|panier|carrello|koszyk)(?:$|[/?&.#-])",
    re.IGNORECASE,
)


def place_of(samples: Sequence[Sample], expression: re.Pattern[str], *, bare: bool = False) -> tuple[PathRule, ...]:
    """Where links that say so lead, the most frequent first; with `bare` only those that do nothing (no add, no id)."""
    counts: dict[str, tuple[int, Target]] = {}
    for page in samples:
        for link in page.links:
            if expression.search(link.target.text) and not (bare and re.search(r"add|remove|\d", link.target.text)):
                times, target = counts.get(link.target.text, (0, link.target))
                counts[link.target.text] = (times + 1, target)
    ordered = sorted(counts.values(), key=lambda pair: -pair[0])
    return _places(target for _, target in ordered)[:3]


def logout_places(samples: Sequence[Sample]) -> tuple[PathRule, ...]:
    """Where signing out leads."""
    return place_of(samples, _LOGOUT)


def cart_places(samples: Sequence[Sample]) -> tuple[PathRule, ...]:
    """The cart's page."""
    return place_of(samples, _CART, bare=True)


def search_places(forms: Sequence[SeenForm]) -> tuple[tuple[PathRule, ...], tuple[str, ...]]:
    """The search page and the parameter with the words."""
    found = [form for form in forms if form.kind == "search"]
    names = tuple(
        dict.fromkeys(
            name
            for form in found
            for name, kind in form.fields
            if kind != "hidden" and (_SEARCH.match(name) or kind == "search")
        )
    )[:3]
    rules = tuple(
        dict.fromkeys(
            (form.target.path, *(pair for pair in form.target.query if pair[0] in ("route", "controller")))
            for form in found
        )
    )
    places = [
        PathRule(str(path), {**{str(key): str(value) for key, value in query}, name: "*"})
        for path, *query in rules[:3]
        for name in names[:1]
    ]
    return tuple(places), names


def search_fields(pages: Sequence[Sample]) -> tuple[str, ...]:
    """Names of fields for words to search that stand in no form: a script asks."""
    names = [
        node.attributes.get("name") or "" for page in pages for node in page.tree.css("input[name]") if _is_typed(node)
    ]
    return tuple(dict.fromkeys(name for name in names if _SEARCH.match(name)))[:3]


def _is_typed(node: LexborNode) -> bool:
    return (node.attributes.get("type") or "text").lower() in ("text", "search")


def greets(page: Sample) -> LexborNode | None:
    """The element with which the shop itself greets or names its visitor, if it does."""
    said = re.compile(
        r"\b(?:welcome|bienvenid[oa]s?|willkommen|bienvenue|benvenut[oi]|witaj|hello|hola)\b", re.IGNORECASE
    )
    for node in page.tree.css(
        '[class*="welcome"], [class*="greet"], header span, header div, header p, #header span, #header div'
    ):
        text = fold(node.text(deep=True))
        if 0 < len(text) < 120 and said.search(text) and next(iter(node.css("h1, h2, form, img")), None) is None:
            return node
    return None
