"""Forms by what they ask for: a password, a name, an address for news, a word to search, a product and how many.

Invariant: only names of fields are learnt, never what stands in them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborNode

from clicks.detecting.field_names import ADDS, EMAIL, FIRST, LAST, NEWS, PRODUCT, QUANTITY, SEARCH, TO_CART
from clicks.detecting.sample import Sample, fold
from clicks.targets import Target

MAX_SAID: Final = 300
"""Characters of what stands on a form's buttons."""


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
    """Sent by a script to an address that the page does not tell: `target` is the page itself."""


def forms_of(page: Sample) -> tuple[SeenForm, ...]:
    """The forms of a page that go to the shop itself."""
    found = []
    for node in page.tree.css("form"):
        target = page.internal(node.attributes.get("action") or page.target.text)
        submits = [button.attributes.get("formaction") for button in node.css("[formaction]")]
        cart = next((href for href in submits if href and TO_CART.search(href)), None)
        if cart and (other := page.internal(cart)) is not None:
            target = other
        if target is not None:
            found.append(_seen(node, target, page))
    body = page.body
    # Rendered by scripts: fields that stand in no form.
    if body is not None and any(_stands_alone(node) for node in page.tree.css("input[type=password]")):
        found.append(_seen(body, page.target, page))
    return tuple(found)


def _stands_alone(node: LexborNode) -> bool:
    parent = node.parent
    while parent is not None and parent.tag != "form":
        parent = parent.parent
    return parent is None


def _seen(node: LexborNode, target: Target, page: Sample) -> SeenForm:
    fields = []
    for control in node.css("input, select, textarea, button[name]"):
        if node.tag == "body" and not _stands_alone(control):
            continue
        name = control.attributes.get("name")
        kind = (control.attributes.get("type") or ("text" if control.tag == "input" else control.tag or "")).lower()
        if name and kind not in ("reset", "image"):
            fields.append((name, kind))
    method = (node.attributes.get("method") or "get").lower()
    about = " ".join(filter(None, (node.attributes.get(key) for key in ("id", "class", "name", "action"))))
    kind = _kind(fields, method, target, about, _says(node), page)
    is_script = method == "get" and kind in ("login", "register", "add_to_cart")
    return SeenForm(kind, target, method, tuple(fields), page.target, is_script)


def _says(form: LexborNode) -> str:
    """What is written on its buttons."""
    buttons = form.css("button, input[type=submit], input[type=button], input[type=image], [role=button]")
    told = (
        " ".join(filter(None, (each.attributes.get(key) for key in ("value", "title", "alt", "aria-label"))))
        + f" {each.text(deep=True)}"
        for each in buttons
    )
    return fold(" ".join(told))[:MAX_SAID]


def to_cart(form: LexborNode) -> bool:
    """The form names a product, or is sent to the cart."""
    action = form.attributes.get("action") or ""
    return TO_CART.search(action) is not None or any(
        PRODUCT.search(control.attributes.get("name") or "") for control in form.css("[name]")
    )


def _kind(fields: Sequence[tuple[str, str]], method: str, target: Target, about: str, says: str, page: Sample) -> str:
    passwords = [name for name, kind in fields if kind == "password"]
    typed = [name for name, kind in fields if kind in ("text", "email", "search", "tel", "password")]
    if passwords:  # nobody sends one in an address: without a method a script sends it
        is_new = len(passwords) > 1 or any(FIRST.search(name) or LAST.search(name) for name in typed)
        if is_new or re.search(r"regist|create|sign-?up", f"{about} {passwords[0]} {target.path}", re.IGNORECASE):
            return "register"
        return "login" if len(typed) <= 3 else "other"
    names_product = any(PRODUCT.search(name) for name, _ in fields)
    if method == "get":
        typed = [name for name, kind in fields if kind == "search" or (kind == "text" and SEARCH.match(name))]
        if typed:
            return "search" if target.path != page.target.path or not names_product else "other"
        is_to_cart = names_product and ADDS.search(says) and target.path == page.target.path
        return "add_to_cart" if is_to_cart else "other"
    if _puts_into_cart(fields, typed, target, says, names_product):
        return "add_to_cart"
    if (
        len(typed) == 1
        and (EMAIL.search(typed[0]) or (typed[0], "email") in fields)
        and (NEWS.search(about) or NEWS.search(target.text) or any(NEWS.search(name) for name, _ in fields))
    ):
        return "newsletter"
    return "other"


def _puts_into_cart(
    fields: Sequence[tuple[str, str]], typed: Sequence[str], target: Target, says: str, names_product: bool
) -> bool:
    """It names a product, goes to the cart, or says so on its button; what changes or empties a cart is another."""
    if re.search(r"remove|delete|coupon|voucher|wish|compare|review|notify|search", target.text, re.IGNORECASE):
        return False
    if ADDS.search(says) and (names_product or any(QUANTITY.search(name) for name, _ in fields)):
        return True
    if "update" in target.text.lower() and not names_product:
        return False
    return names_product or (TO_CART.search(target.text) is not None and len(typed) <= 3)
