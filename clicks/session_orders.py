"""What a session's events leave in the cart, and which orders they tell.

Invariant: an order counts once for a person, whoever told it how often; one without a number is one of each cart that
the session filled, however often its page is loaded.
"""

from collections.abc import Iterable

from clicks.click import Event


def bought_in(
    session: str, events: Iterable[Event], ordered: dict[str, bool]
) -> tuple[dict[str, int], tuple[str, ...], int]:
    """The cart as it is left, the orders that were not in a session before, and what they are worth in cents.

    `ordered` are those of the person so far, to which this session's are added, and whether their values are known: a
    call may tell an order, and only its page the value.
    """
    cart: dict[str, int] = {}
    orders: list[str] = []
    value_cents = carts = 0
    is_ordered = False
    for event in events:
        data = event.data
        product = str(data.get("product") or "")
        quantity = data.get("quantity")
        count = quantity if isinstance(quantity, int) and quantity > 0 else 0
        match event.name:
            case "add_to_cart" if product:
                carts += is_ordered
                is_ordered = False
                cart[product] = cart.get(product, 0) + (count or 1)
            case "remove_from_cart":
                left = data.get("left")
                if isinstance(left, list | tuple):
                    cart = {known: number for known, number in cart.items() if known in left}
                elif (rest := cart.pop(product, 0) - count) > 0 and count:
                    cart[product] = rest
            case "purchase":
                order = str(data.get("id") or f"of {session}" + (f", cart {carts + 1}" if carts else ""))
                value = data.get("value_cents")
                if not ordered.get(order) and isinstance(value, int):
                    value_cents += value
                if order not in ordered:
                    orders.append(order)
                    cart.clear()
                    is_ordered = True
                ordered[order] = ordered.get(order, False) or isinstance(value, int)
            case _:
                pass
    return cart, tuple(orders), value_cents
