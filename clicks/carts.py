"""The cart's forms: how many pieces were put in, and what was taken out.

Invariant: a product is told only where the form named it; of a form that names lines only, no more than that some went.
"""

from collections.abc import Iterator
from typing import Final

from clicks.answers import Answer, holds, members
from clicks.click import Event
from clicks.forms import FormValues
from clicks.rules import Form
from clicks.shown_cart import ShownCart

MAX_QUANTITY: Final = 999


def quantity_of(text: str | None) -> int:
    """How many pieces a form or a link says: 1 where it does not say."""
    digits = (text or "").strip()
    return min(max(int(digits), 1), MAX_QUANTITY) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 1


def removals(values: FormValues, form: Form | None, answer: Answer | None) -> Iterator[Event]:
    """What an accepted form named for removal; where it names a line of the cart only, what the answer says is left."""
    removed = _removed(values)
    for product in removed:
        yield Event("remove_from_cart", {"product": product, "quantity": 0})
    path = form.rule.answer.get("left") if form is not None else None
    if form is not None and "removed_line" in form.rule.fields:
        yield from _removed_lines(values)
        return
    if removed or "quantity" in values.fields or "removed" in values.fields:
        return
    if path and answer is not None and holds(answer, path):
        yield Event("remove_from_cart", {"left": members(answer, path)})
    else:
        yield Event("remove_from_cart", {})


def taken_out(cart: ShownCart, had: frozenset[str]) -> Iterator[Event]:
    """What a cart that was just changed shows no more of what was in it.

    A page that shows nothing of it is a cart only where it says that it is empty: scripts may show it later.
    """
    # Boxes beside it may link what is gone: where rows can be taken out, they are the cart.
    left = had & (frozenset(cart.rows) or cart.linked)
    if len(left) < len(had) and (left or cart.is_empty):
        yield Event("remove_from_cart", {"left": tuple(sorted(left))})


def taken_out_by(cart: ShownCart, had: frozenset[str]) -> Iterator[Event]:
    """The same of the answer to one call, which takes out one line or all: an answer may list a part of the cart."""
    if len(had - cart.linked) == 1 or (cart.is_empty and not cart.linked):
        yield from taken_out(cart, had)


def _removed_lines(values: FormValues) -> Iterator[Event]:
    """Of a cart whose rows name lines, not products: whether any went, and that nothing is left when all did."""
    quantities = _all(values, "quantity")
    # A line may be ticked and at nothing at once: at least so many went.
    gone = max(len(_all(values, "removed_line")), sum(count.strip() == "0" for count in quantities))
    if gone:
        yield Event("remove_from_cart", {"left": ()} if gone == len(quantities) else {})


def _removed(values: FormValues) -> tuple[str, ...]:
    """Products ticked for removal, and those whose quantity was set to nothing."""
    removed = list(_all(values, "removed"))
    products, quantities = _all(values, "product_id"), _all(values, "quantity")
    if len(products) == len(quantities):
        removed += [product for product, count in zip(products, quantities, strict=True) if count.strip() == "0"]
    return tuple(dict.fromkeys(product for product in removed if len(product) <= 64))


def _all(values: FormValues, name: str) -> tuple[str, ...]:
    return values.every.get(name) or ((values.fields[name],) if name in values.fields else ())
