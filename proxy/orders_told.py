"""Which orders were told already, so that a success page loaded again is no second purchase.

Invariant: bounded; an order whose number the shop does not show is never taken for another (the profile counts those).
"""

from collections import OrderedDict
from collections.abc import Iterable

from clicks.click import Event
from visitors.profile import Profile

MOST_ORDERS = 4096


class OrdersTold:
    """Order number → its value was told, of this worker; other workers' orders are in the visitor's profile."""

    __slots__ = ("_told",)

    def __init__(self) -> None:
        self._told: OrderedDict[str, bool] = OrderedDict()

    def fresh(self, events: Iterable[Event], profile: Profile | None) -> tuple[Event, ...]:
        """The events without orders told before; what tells an order's value only now says `completes`."""
        kept = []
        for event in events:
            number = event.data.get("id")
            if event.name != "purchase" or not isinstance(number, str):
                kept.append(event)
                continue
            has_value = "value_cents" in event.data
            before = self._told.get(number)
            if before is None and profile is not None and number in profile.order_ids:
                before = number not in profile.bare_orders
            self._told[number] = has_value or bool(before)
            self._told.move_to_end(number)
            if len(self._told) > MOST_ORDERS:
                self._told.popitem(last=False)
            if before is None:
                kept.append(event)
            elif not before and has_value:
                kept.append(event._replace(data={**event.data, "completes": True}))
        return tuple(kept)
