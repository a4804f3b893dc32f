"""Where a shop's own pages lead: out of the account, to the cart, to the search."""

import re
from collections.abc import Sequence
from typing import Final

from selectolax.lexbor import LexborNode

from clicks.detecting.field_names import SEARCH
from clicks.detecting.form_rules import form_places
from clicks.detecting.forms import SeenForm
from clicks.detecting.sample import Sample, fold
from clicks.targets import Target
from config.platform import PathRule

_LOGOUT: Final = re.compile(
    r"(?:^|[/=_?&.-])(?:log-?_?off|log-?_?out|sign-?_?out|salir|cerrar-?sesion|abmelden|deconnexion|wyloguj)(?:$|[/=_?&.-])",
    re.IGNORECASE,
)
_CART: Final = re.compile(
    r"(?:^|[/=?&.])(?:(?:view|my)[-_])?(?:shopping[-_]?cart|cart|basket|bag|carrito|cesta|warenkorb|panier|carrello|koszyk)(?:$|[/?&.#-])",
    re.IGNORECASE,
)


_SAID_CART: Final = re.compile(
    r"(?:(?:my|view|your|shopping|mein|mi|mon|il mio) )*(?:cart|basket|bag|warenkorb|einkaufswagen|"
    r"carrito|cesta|panier|carrello|"
    r"koszyk|winkel(?:wagen|mand)|varukorg|kundvagn|handlekurv|kurv|ostoskori|sepet)\W*(?:\d|$)",
    re.IGNORECASE,
)
_SAID_CHECKOUT: Final = re.compile(
    r"(?:(?:zur|till|til|aan|go to|proceed to|ir a|passer) )*(?:check-?out|kasse|kassan?|caisse|caja|cassa|afrekenen|"
    r"finalizar (?:la )?compra|tramitar pedido|commander)\W*$",
    re.IGNORECASE,
)


def _said(samples: Sequence[Sample], expression: re.Pattern[str]) -> tuple[PathRule, ...]:
    """Where links lead whose words say so, whatever their address."""
    targets = [
        link.target for page in samples for link in page.links if expression.match(fold(link.node.text(deep=True)))
    ]
    return form_places(dict.fromkeys(targets))[:2]


def checkout_places(samples: Sequence[Sample]) -> tuple[PathRule, ...]:
    """Where links to the checkout lead."""
    return _said(samples, _SAID_CHECKOUT)


def place_of(samples: Sequence[Sample], expression: re.Pattern[str], *, bare: bool = False) -> tuple[PathRule, ...]:
    """Where links that say so lead, the most frequent first; with `bare` only those that do nothing (no add, no id)."""
    counts: dict[str, tuple[int, Target]] = {}
    for page in samples:
        for link in page.links:
            if expression.search(link.target.text) and not (bare and re.search(r"add|remove|\d", link.target.text)):
                times, target = counts.get(link.target.text, (0, link.target))
                counts[link.target.text] = (times + 1, target)
    ordered = sorted(counts.values(), key=lambda pair: -pair[0])
    return form_places(target for _, target in ordered)[:3]


_USUAL_LOGOUTS: Final = (
    *(
        PathRule(f"/**/{name}*")
        for name in ("logoff", "logout", "log-out", "log_out", "signout", "sign-out", "sign_out")
    ),
    *(PathRule(f"/**/{name}.*") for name in ("Logout", "LogOut", "Logoff", "LogOff", "SignOut", "Signout")),
    *(
        PathRule(f"/**/{name}{ending}")  # words of a language: nothing but they may stand there
        for name in (
            "salir",
            "cerrar-sesion",
            "cerrar_sesion",
            "abmelden",
            "deconnexion",
            "esci",
            "wyloguj",
            "sair",
            "loggaut",
            "LoggaUt",
            "logga-ut",
            "loggut",
            "logg-ut",
            "logud",
            "log-ud",
            "uitloggen",
            "odhlasit",
        )
        for ending in ("", ".*")
    ),
    *(PathRule("/**", {name: "*"}) for name in ("logout", "mylogout", "logoff")),
    *(
        PathRule("/**", {name: value})
        for name in ("action", "main_page", "page", "do", "cmd", "op")
        for value in ("logout", "logoff")
    ),
)
"""Who is not signed in is shown no link; where one is seen it may be another's (an administrator's)."""


def logout_places(samples: Sequence[Sample]) -> tuple[PathRule, ...]:
    """Where signing out leads: what links say, and the usual places."""
    return tuple(
        {f"{rule.path}?{rule.query}": rule for rule in (*place_of(samples, _LOGOUT), *_USUAL_LOGOUTS)}.values()
    )


def is_cart(path: str) -> bool:
    """The address itself says so."""
    return _CART.search(path) is not None


def cart_places(samples: Sequence[Sample]) -> tuple[PathRule, ...]:
    """The cart's page."""
    return place_of(samples, _CART, bare=True) or _said(samples, _SAID_CART)


def search_places(forms: Sequence[SeenForm]) -> tuple[tuple[PathRule, ...], tuple[str, ...]]:
    """The search page and the parameter with the words."""
    found = [form for form in forms if form.kind == "search"]
    names = tuple(
        dict.fromkeys(
            name
            for form in found
            for name, kind in form.fields
            if kind != "hidden" and (SEARCH.match(name) or kind == "search")
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
    return tuple(dict.fromkeys(name for name in names if SEARCH.match(name)))[:3]


def _is_typed(node: LexborNode) -> bool:
    return (node.attributes.get("type") or "text").lower() in ("text", "search")
