"""A click as a sentence for the demo's terminal: `José opened “Ritmo & Rabia” → 5 records moved, 0.4 ms added`. Pure."""

from collections.abc import Mapping

from clicks.click import Click
from config.settings import Settings
from demo.personas import persona_at
from demo.shop.catalogue import BY_ID, GENRE_BY_ID

_DONE: Mapping[str, str] = {
    "login": "signed in",
    "logout": "signed out",
    "register": "registered",
    "newsletter": "subscribed to the newsletter",
    "purchase": "placed an order",
}
_PAGES: Mapping[str, str] = {
    "home": "the home page",
    "cart": "the cart",
    "checkout": "the checkout",
    "account": "the account",
}
_UNCHANGED: Mapping[str, str] = {
    "NO_CONSENT": "no consent, so the shop's own bytes",
    "HOLDOUT": "held out, so the shop's own bytes",
    "DISABLED": "switched off, so the shop's own bytes",
    "BOT": "a bot, so the shop's own bytes",
    "CAPPED": "shown often enough, so the shop's own bytes",
}


class ClickLines:
    """Tells clicks; what an experience does to a page is read from the configuration."""

    def __init__(self, settings: Settings) -> None:
        self._does: dict[str, str] = {}
        for experience in settings.experiences:
            offer = settings.offers.get(str(experience.settings.get("offer", "")))
            if offer is not None:
                self._does[experience.id] = f"offered {offer.code or offer.name}"
            elif "text" in experience.settings:
                self._does[experience.id] = "greeted"

    def line(self, click: Click, *, is_store_down: bool) -> tuple[str, str] | None:
        """Who, and the rest of the sentence; None for what nobody wants to read (images, our own pages, consent)."""
        if click.asset or click.path.startswith(("/_vitrina/", "/cookie_policy")):
            return None
        did = _did(click)
        if did is None:
            return None
        return _who(click), f"{did} → {self._outcome(click, is_store_down)}, {click.added_us / 1000:.1f} ms added"

    def _outcome(self, click: Click, is_store_down: bool) -> str:
        shown = [reason.experience for reason in click.reasons if reason.code == "TARGETING_MATCH"]
        parts = [self._does[experience] for experience in shown if experience in self._does]
        if click.moved:
            parts.append(f"{click.moved} record{'s' if click.moved > 1 else ''} moved")
        if parts:
            return ", ".join(parts)
        if click.status >= 300:
            return f"the shop's own answer ({click.status})"
        codes = {reason.code for reason in click.reasons}
        if codes == {"NO_PROFILE"} and click.profile is not None:
            return f"no profile {'to be had' if is_store_down else 'in time'}, so the shop's own bytes"
        if "NO_PROFILE" in codes:
            return "nothing known yet, so the shop's own bytes"
        return next((text for code, text in _UNCHANGED.items() if code in codes), "the shop's own bytes")


def _who(click: Click) -> str:
    persona = persona_at(click.host)
    return persona.customer.firstname if persona and persona.customer else "A stranger"


def _did(click: Click) -> str | None:
    query = click.query or {}
    events = {event.name: event.data for event in click.events}
    for name, text in _DONE.items():
        if name in events:
            return text
    if "add_to_cart" in events:
        return f"put {_record(str(events['add_to_cart'].get('product', '')))} into the cart"
    if "media_play" in events:
        return "listened to a clip"
    if click.method == "POST":
        return f"sent {click.path}"
    if click.kind == "login":
        return None
    if click.kind == "search":
        return f"searched for “{query.get('keywords', '')}”"
    if click.product is not None:
        return f"opened {_record(click.product)}"
    if click.kind == "category" and query.get("cPath", "").isdecimal():
        genre = GENRE_BY_ID.get(int(query["cPath"]))
        return f"opened the category {genre.name}" if genre else f"opened {click.path}"
    return f"opened {_PAGES.get(click.kind, click.path)}"


def _record(product: str) -> str:
    record = BY_ID.get(int(product)) if product.isdecimal() else None
    return f"“{record.title}”" if record else f"record {product}"
