"""Rules by which the forms that were seen are read: where they go, which of their fields, and what is success.

Invariant: a field that is not named in a rule is never read; a password's name stands in `requires` alone.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from clicks.detecting.addresses import AddressRule, path_rule
from clicks.detecting.field_names import (
    EMAIL,
    FIRST,
    FULL_NAME,
    LAST,
    LOGIN_NAME,
    PRODUCT,
    QUANTITY,
)
from clicks.detecting.forms import SeenForm
from clicks.forms import any_number
from clicks.targets import Target
from config.expressions import Expressions
from config.platform import FormRule, PathRule

_USUAL_CALLS: Final = {
    "login": (
        "/**/login", "/**/login/**", "/**/signin", "/**/sign-in", "/**/sign_in", "/**/auth", "/**/auth/**",
        "/**/session", "/**/sessions", "/**/token",
    ),
    "register": (
        "/**/register", "/**/register/**", "/**/signup", "/**/sign-up", "/**/sign_up", "/**/customers",
        "/**/users",
    ),
    "add_to_cart": (
        "/**/cart/add/**", "/**/cart/add*", "/**/add-to-cart/**", "/**/addtocart/**", "/**/cart/items",
        "/**/cart/item*", "/**/basket/add/**", "/**/line-items", "/**/line-item/add", "/**/addproducttocart/**",
        "/api/**/cart", "/rest/**/cart",
    ),
    "remove_from_cart": (
        "/**/cart/change*", "/**/cart/update*", "/**/cart/remove*/**", "/**/cart/delete*/**", "/**/cart/items/*",
        "/**/cart/item/*", "/**/basket/remove*/**", "/**/basket/update*", "/**/basket/items/*",
        "/**/remove-from-cart/**", "/**/remove_from_cart*", "/**/removefromcart/**", "/**/removeitem*",
        "/**/line-items/*", "/**/line_items/*", "/api/**/cart/**", "/rest/**/cart/**",
    ),
}  # fmt: skip
"""Where scripts of shops send forms whose address no page tells."""
_USUAL_PRODUCT: Final = (
    "product_id", "productId", "product", "id_product", "products_id", "variant_id", "variantId", "sku", "item_id",
)  # fmt: skip
CART_COOKIES: Final = (
    "woocommerce_items_in_cart", "woocommerce_cart_hash", "items_in_cart", "cart_items", "cart_count", "cartCount",
    "cart_hash", "cart_quantity", "basket_count", "basket_items",
)  # fmt: skip
"""Cookies that say how much is in the cart: whoever adds to it gets another one, whoever is refused does not."""
_USUAL_QUANTITY: Final = ("quantity", "qty")


def form_rule(seen: Sequence[SeenForm], kind: str) -> FormRule | None:
    """The rule for the forms of one kind on all samples; None when there is none."""
    every = [form for form in seen if form.kind == kind and (form.method == "post" or form.is_script)]
    # Where a page tells an address, forms that scripts send say no more.
    forms = [form for form in every if not form.is_script] or every
    if not forms:
        return None
    by_script = all(form.is_script for form in forms)
    at = form_places(form.target for form in forms)
    if by_script:
        at += tuple(PathRule(path) for path in _USUAL_CALLS[kind])
    names = [(name, field_kind) for form in forms for name, field_kind in form.fields]
    fields: dict[str, tuple[str, ...]] = {}
    match kind:
        case "login":
            fields["email"] = _named(names, LOGIN_NAME, ("text", "email")) or _addresses(names) or _only_one(forms)
        case "register":
            fields["email"] = _addresses(names)
            fields["first_name"] = _named(names, FIRST, ("text",))
            fields["last_name"] = _named(names, LAST, ("text",))
            if not fields["first_name"] and not fields["last_name"]:
                fields["first_name"] = _named(names, FULL_NAME, ("text",))
        case "add_to_cart":
            controls = ("hidden", "text", "button", "submit", "select", "radio")
            fields["product_id"] = _any_row(_named(names, PRODUCT, controls))
            fields["quantity"] = _any_row(_named(names, QUANTITY, ("text", "number", "hidden", "select", "tel")))
        case "newsletter":
            fields["email"] = _addresses(names)
        case _:
            pass
    passwords = tuple(dict.fromkeys(name for name, field_kind in names if field_kind == "password"))
    pages = form_places(form.page for form in forms) if kind in ("login", "register") else ()
    return FormRule(
        at=at,
        success="accepted",
        fields={name: found[:4] for name, found in fields.items() if found},
        requires=(*fields.get("email", ())[:1], *passwords[:1])
        if kind in ("login", "register") and not by_script
        else (),
        failure=tuple(dict.fromkeys([*(written(rule) for rule in pages), *_ASKS_AGAIN])) if pages else (),
    )


def cart_rule(seen: Sequence[SeenForm], address: AddressRule | None) -> FormRule:
    """The rule for what puts products into the cart: as forms say, and where scripts usually send it."""
    rule = form_rule(seen, "add_to_cart")
    usual = tuple(PathRule(path) for path in _USUAL_CALLS["add_to_cart"])
    if rule is None:
        return FormRule(usual, "accepted", {"product_id": _USUAL_PRODUCT, "quantity": _USUAL_QUANTITY})
    targets = [form.target for form in seen if form.kind == "add_to_cart" and form.method == "post"]
    expression = Expressions((address.id,) if address is not None and address.path else ())
    if address is not None and any(expression.first(target.text) for target in targets):
        # Product pages send it to themselves: who is refused is shown the page again, too, by a redirect or not.
        rule = replace(rule, failure=(address.path,))
        if "?" not in address.path:
            others = form_places(target for target in targets if not expression.first(target.text))
            return replace(rule, at=(path_rule(address.path), *others))
    return replace(rule, at=(*rule.at, *(place for place in usual if place not in rule.at)))


def removal_rule(carts: Sequence[PathRule]) -> FormRule:
    """The rule for calls that may take something out of the cart: below its page, and where scripts usually send it.

    It names no field: of them no page tells. The answer shows what is left.
    """
    below = (f"{cart.path.rstrip('/')}/**" for cart in carts if not cart.query and cart.path.rstrip("/"))
    places = dict.fromkeys((*below, *_USUAL_CALLS["remove_from_cart"]))
    return FormRule(tuple(map(PathRule, places)), "ok")


def _named(names: Iterable[tuple[str, str]], expression: re.Pattern[str], kinds: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name, kind in names if kind in kinds and expression.search(name)))


def _any_row(names: Iterable[str]) -> tuple[str, ...]:
    """quantity[14] is one product's own field: any number may stand there. quantity[0] is the first of a form's."""
    return tuple(dict.fromkeys(name if re.search(r"\[0\]", name) else any_number(name) for name in names))[:4]


def _only_one(forms: Sequence[SeenForm]) -> tuple[str, ...]:
    """The one field beside the password that something is typed into, whatever it is called."""
    typed = [[name for name, kind in form.fields if kind in ("text", "email", "tel")] for form in forms]
    return tuple(dict.fromkeys(names[0] for names in typed if len(names) == 1))


def _addresses(names: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Fields for an e-mail address: by their type, else by their name."""
    return _named(names, re.compile(""), ("email",)) or _named(names, EMAIL, ("text",))


_ASKS_AGAIN: Final = (
    "/**/login*", "/**/login/**", "/**/log-in*", "/**/signin*", "/**/sign-in*", "/**/sign_in*", "/**/register*",
    "/**/create-account*", "/**/createaccount*",
)  # fmt: skip
"""A redirect to a page of such a name is no proof: shops send who was refused to another address of the form."""

_ROUTES: Final = (
    "route", "rt", "action", "controller", "fc", "module", "main_page", "wc-ajax", "target", "mode", "page", "do",
    "act", "option", "view", "task", "cmd",
)  # fmt: skip
"""Parameters that say what of a shop's only script is meant."""


def form_places(targets: Iterable[Target]) -> tuple[PathRule, ...]:
    """Where forms go: numbers in the path may be any; of the query what says which page of a script is meant."""
    rules: dict[str, PathRule] = {}
    for target in targets:
        path = re.sub(r"(?<=/)[^/]*\d[^/]*(?=/|$)", "*", target.path)
        query = {
            name: value
            for name, value in target.query
            if name in _ROUTES and re.fullmatch(r"[^\W\d][^\W\d/._-]*(?:[/._-][^\W\d]+)*", value) and len(value) <= 40
        }
        rules.setdefault(f"{path}?{sorted(query.items())}", PathRule(path, query))
    return tuple(rules.values())[:6]


def written(rule: PathRule) -> str:
    """A rule as platform files have it: `/path?name=value`."""
    query = "&".join(f"{name}={value}" for name, value in rule.query.items())
    return f"{rule.path}?{query}" if query else rule.path
