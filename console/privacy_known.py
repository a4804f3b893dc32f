"""What is known of a visitor, in plain words, and why the last page was as it was. Pure: profile in, texts out.

Invariant: names and the e-mail address are only told to whoever has proven in this very session that they are theirs.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from clicks.catalogue import Product
from config.settings import Condition, Experience, Settings
from decisions.proven import proven
from visitors.conditions import written
from visitors.interests import shares, with_scores
from visitors.profile import Profile
from visitors.segments import explain_who, matcher
from visitors.visitor import Visitor

Words = Callable[[str], str]
MOST_LISTED = 6
ONE_PAGE_S = 2.0
"""Experiences shown within this time were on one page."""


@dataclass(frozen=True, slots=True)
class Known:
    """`rows` are (what, value); `why` are sentences about the last page that was changed, at `changed_at` (or "")."""

    rows: tuple[tuple[str, str], ...]
    why: tuple[str, ...]
    changed_at: str


def known(
    profile: Profile | None,
    visitor: Visitor,
    settings: Settings,
    products: Mapping[str, Product],
    words: Words,
    now: float,
) -> Known:
    """What the page tells. `now`: Unix seconds."""
    own = proven(profile, visitor)
    if own is None:
        return Known((), (), "")
    t = words
    rows = (
        (t("Name"), " ".join(filter(None, (own.first_name, own.last_name)))),
        (t("E-mail"), own.email or ""),
        (t("Visits"), str(own.visits) if own.visits else ""),
        (t("Pages opened"), str(own.page_views) if own.page_views else ""),
        (t("Last seen"), _date(own.last_click, t)),
        (t("Known since"), _date(own.created, t)),
        (t("Came from"), ", ".join(_source(one, t) for one in _sources(own))),
        (t("Interests"), ", ".join(list(shares(own.categories))[:MOST_LISTED])),
        (t("Products looked at"), _products(own, products)),
        (t("Searches"), ", ".join(own.searches[-MOST_LISTED:])),
        (t("In the cart"), ", ".join(f"{count} × {_name(item, products)}" for item, count in own.cart.items())),
        (t("Orders"), f"{own.orders} · {own.value_cents / 100:.2f}" if own.orders else ""),
        (t("Bought"), ", ".join(_name(item, products) for item in list(own.bought)[-MOST_LISTED:])),
        (t("Groups you belong to"), ", ".join(_segments(own, visitor, settings, now))),
        (t("Your answers in forms"), ", ".join(f"{name}: {value}" for name, value in own.traits.items())),
    )
    why, at = _why(own, visitor, settings, words, now)
    return Known(tuple(row for row in rows if row[1]), why, _date(at, t))


def as_json(profile: Profile | None, visitor: Visitor) -> str:
    """Everything that is kept, for a program; maps as maps, interests as their scores at `updated`."""
    own = proven(profile, visitor)
    if own is None:
        return "{}\n"
    told = with_scores(own, own.updated)
    plain = {name: _plain(getattr(told, name)) for name in Profile._fields if name != "unknown_fields"}
    return json.dumps(plain, ensure_ascii=False, indent=2) + "\n"


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return asdict(value)  # type: ignore[call-overload]
    return list(value) if isinstance(value, tuple) else value


def _why(
    profile: Profile, visitor: Visitor, settings: Settings, words: Words, now: float
) -> tuple[tuple[str, ...], float]:
    last = {name: times[-1] for name, times in profile.exposures.items() if times}
    latest = max(last.values(), default=0.0)
    shown = [each for each in settings.experiences if last.get(each.id, 0.0) >= latest - ONE_PAGE_S and latest]
    return tuple(_sentence(each, profile, visitor, settings, words, now) for each in shown), latest


def _sentence(
    experience: Experience, profile: Profile, visitor: Visitor, settings: Settings, words: Words, now: float
) -> str:
    t, of = words, experience.settings
    reorder = of.get("reorder")
    if isinstance(reorder, dict):
        what = {
            "affinity": t("Products were put in an order that follows your interests."),
            "new_for_you": t("Products that you have not seen yet came first."),
            "popular": t("Products that many people look at came first."),
        }.get(str(reorder.get("by")), t("Products were put in another order."))
    elif "offer" in of:
        what = t("You were shown an offer.")
    elif "text" in of:
        what = t("You were shown a message.")
    else:
        what = t("A part of the page was changed.")
    held = [
        _condition(condition, words)
        for condition, _, holds in explain_who(experience.who, profile, visitor, settings.segments, now)
        if holds
    ]
    if not held:
        return f"{what} {t('Every visitor gets this.')}" if not isinstance(reorder, dict) else what
    return f"{what} {t('Because:')} {', '.join(held)}"


def _condition(condition: Condition, t: Words) -> str:
    """A condition as somebody reads it who has never seen a configuration."""
    if condition.field == "logged_in":
        return t("you are signed in") if condition.value is True else t("you are not signed in")
    value = written(condition).split(" ", 2)[2]
    match condition.field:
        case "has":
            personal = {"first_name": t("Name"), "last_name": t("Name"), "email": t("E-mail")}
            known = personal.get(value, value.replace("_", " "))
            return f"{t('this is known')}: {known[:1].lower()}{known[1:]}"
        case "segment":
            member = t("you belong to the group") if condition.op != "ne" else t("you do not belong to the group")
            return f"{member} “{value.replace('_', ' ')}”"
    name = {
        "orders": t("Orders"),
        "visits": t("Visits"),
        "page_views": t("Pages opened"),
        "likes": t("Interests"),
        "searches": t("Searches"),
        "bought": t("Bought"),
    }.get(condition.field, condition.field.replace("_", " "))
    how = {
        "gte": t("at least"),
        "gt": t("more than"),
        "lte": t("at most"),
        "lt": t("less than"),
        "ne": t("not"),
    }.get(condition.op, "")
    return " ".join(filter(None, (f"{name[:1].lower()}{name[1:]}:", how, value)))


def _segments(profile: Profile, visitor: Visitor, settings: Settings, now: float) -> list[str]:
    found = []
    for segment in settings.segments.values():
        is_meant = matcher(segment.who, settings.segments)
        if is_meant is None or is_meant(profile, visitor, now):
            found.append(segment.name.replace("_", " "))
    return found


def _products(profile: Profile, products: Mapping[str, Product]) -> str:
    recent = reversed(list(profile.products)[-MOST_LISTED:])
    return ", ".join(_name(item, products) for item in recent)


def _name(product_id: str, products: Mapping[str, Product]) -> str:
    product = products.get(product_id)
    return product.name if product is not None and product.name else product_id


def _sources(profile: Profile) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (profile.first_source, profile.last_source))))


def _source(source: str, t: Words) -> str:
    """`direct`, `search:google`, `partner:blog.example` … in words."""
    kind, _, name = source.partition(":")
    named = {
        "search": t("a search at"),
        "campaign": t("the campaign"),
        "partner": t("the site"),
        "social": "",
    }
    plain = {"direct": t("directly"), "email": t("an e-mail")}
    return plain.get(source, " ".join(filter(None, (named.get(kind, kind), name))))


def _date(at: float, t: Words) -> str:
    if not at:
        return ""
    moment = datetime.fromtimestamp(at, UTC)
    months = (
        *(t("January"), t("February"), t("March"), t("April"), t("May"), t("June"), t("July"), t("August")),
        *(t("September"), t("October"), t("November"), t("December")),
    )
    named = t("{day} {month} {year}, {time} UTC")
    return named.format(day=moment.day, month=months[moment.month - 1], year=moment.year, time=moment.strftime("%H:%M"))
