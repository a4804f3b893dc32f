"""A person's journey in English, session by session, as one would tell it: from where, which pages, how long, what came
of it.

Invariant: only what is in the sessions; a time that nobody knows is told as such.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from clicks.click import Event
from clicks.sessions import PageSeen, Session
from clicks.sources import TrafficSource

Clock = Callable[[float], str]
"""Unix seconds → text, in the reader's time zone."""


def told(sessions: Sequence[Session], names: Mapping[str, str], day: Clock, hour: Clock, now: float) -> Iterator[str]:
    """Lines. `names` has products' names by id, as far as they are known."""
    for number, session in enumerate(sessions, 1):
        if number > 1:
            yield ""
        who = " as a customer" if session.customer else ""
        yield f"{day(session.started)}, {hour(session.started)}: came {_from(session.source)}{who} ({session.agent})"
        yield from _steps(session, names, hour)
        yield f"  {_ending(session, now)}"


def _from(source: TrafficSource) -> str:
    match source.channel:
        case "direct":
            text = "directly"
        case "search":
            text = f"from a search at {source.source}"
        case "paid_search" | "paid_social":
            text = f"from an advert at {source.source}"
        case "social":
            text = f"from {source.source}"
        case "email":
            text = f"from an e-mail ({source.source})"
        case "partner":
            text = f"from the partner {source.source}"
        case "referral":
            text = f"from {source.source}"
        case "campaign":
            text = f"from {source.source} ({source.medium})"
    named = [(word, value) for word, value in (("campaign", source.campaign), ("banner", source.content)) if value]
    return ", ".join((text, *(f"{word} {value}" for word, value in named)))


def _steps(session: Session, names: Mapping[str, str], hour: Clock) -> Iterator[str]:
    pages = [(page.at, 0, _opened(page, names)) for page in session.pages]
    events = [
        (happened.at, 1, text)
        for happened in session.events
        if (text := _happened(happened.event, names, session)) is not None
    ]
    for at, _, text in sorted(pages + events):
        yield f"  {hour(at)}  {text}"


def _opened(page: PageSeen, names: Mapping[str, str]) -> str:
    name = names.get(page.product or "", "")
    what = f"{page.page}, {name}" if name else page.page
    if page.visible_s is not None:
        return f"opened {what}: looked at it for {duration(page.visible_s)}"
    if page.dwell_s is not None:
        return f"opened {what}: {duration(page.dwell_s)} until the next page"
    return f"opened {what}: how long is not known"


def _happened(event: Event, names: Mapping[str, str], session: Session) -> str | None:
    data = event.data
    product = str(data.get("product") or "")
    named = names.get(product, f"product {product}" if product else "something")
    quantity = data.get("quantity")
    many = f"{quantity} × " if isinstance(quantity, int) and quantity > 1 else ""
    match event.name:
        case "search":
            return f'searched for "{data.get("term")}"'
        case "add_to_cart":
            return f"put {many}{named} into the cart"
        case "remove_from_cart":
            return f"took {many}{named} out of the cart"
        case "begin_checkout":
            return "went to the checkout"
        case "purchase":
            order = str(data.get("id") or "")
            if order and order not in session.orders:
                return f"saw order {order} again"
            value = data.get("value_cents")
            worth = f" for {value / 100:.2f}" if isinstance(value, int) else ""
            items = data.get("items")
            bought = [names.get(str(item), str(item)) for item in items] if isinstance(items, list | tuple) else []
            what = f": {', '.join(bought)}" if bought else ""
            return f"bought{what}, order {order}{worth}" if order else f"bought{what}{worth}"
        case "login":
            return "signed in"
        case "register":
            return "opened an account"
        case "logout":
            return "signed out"
        case "newsletter":
            return "subscribed to the newsletter"
        case "not_found":
            return f"found nothing at {data.get('path')}"
        case "media_play":
            return f"played {data.get('path')}"
        case "form":
            return "filled in a form"
        case "select_promotion":
            return f"followed the offer of {data.get('experience')}"
        case _:
            return None


def _ending(session: Session, now: float) -> str:
    count = len(session.pages)
    pages = f"{count} page{'' if count == 1 else 's'}"
    lasted = f" in {duration(session.ended - session.started)}" if count > 1 else ""
    if not session.is_over(now):
        return f"{pages}{lasted}; still there"
    ends = [f"left at {session.exit}" if session.exit else "left"]
    if session.cart:
        count = sum(session.cart.values())
        ends.append(f"{count} thing{'' if count == 1 else 's'} stayed in the cart")
    elif session.is_bounce:
        ends.append("a bounce")
    return f"{pages}{lasted}; {', '.join(ends)}"


def duration(seconds: float) -> str:
    """ "45 s", "3 min 20 s", "1 h 5 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
