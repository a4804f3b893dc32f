"""The platforms that ship, each one file in `config/platforms/`, decoded as strictly as the operator's own.

Invariant: a platform that is returned compiles: every expression has its one group, every path is a sound pattern.
"""

import re
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

from config.errors import ConfigError, Problem
from config.expressions import expression_problem
from config.lines import read_lines
from config.patterns import pattern_problem
from config.platform import Banner, FormRule, ListRule, Marks, NamedForm, PathRule, Platform, ProductRule
from config.settings import Settings, TomlValue
from config.tables import ProblemLog, Table, nearest

PLATFORM_NAMES: tuple[str, ...] = ("phoenix", "oscar", "opencart", "woocommerce", "generic")
"""In the order in which their marks are tried on traffic; generic has none and is the safe ground for all others."""

OWN = "own"
"""The name of the platform that a configuration describes itself, in its [platform] table."""

PAGE_KINDS: tuple[str, ...] = (
    "home",
    "category",
    "product",
    "search",
    "cart",
    "checkout",
    "order",
    "account",
    "login",
    "other",
)
"""Kinds of pages that a platform tells apart and placements may name."""

_FOLDER = Path(__file__).parent / "platforms"
_SUCCESS = ("redirect_away", "redirect", "ok", "json", "cookie", "accepted")
FORM_NAMES: tuple[str, ...] = (
    "login",
    "register",
    "add_to_cart",
    "remove_from_cart",
    "checkout_details",
    "newsletter",
    "order_call",
)
"""The forms of a platform, in the order in which they are tried on a request that several could mean."""

_SECRET = re.compile(r"pass|pwd|card|cvv|cvc|iban|token|nonce|csrf|secret|ssn", re.IGNORECASE)


@cache
def load_platform(name: str) -> Platform:
    """The platform of that name; "auto" gives generic until the traffic has told more. Raises ConfigError."""
    if name == "auto":
        return load_platform("generic")
    if name not in PLATFORM_NAMES:
        raise ConfigError((Problem("", "platform", f'unknown platform "{name}"{nearest(name, PLATFORM_NAMES)}'),))
    return decode_platform((_FOLDER / f"{name}.toml").read_text("utf-8"), name)


def platform_of(settings: Settings) -> Platform:
    """The platform of a configuration: its own [platform] table, or the one it names; with the operator's own rules."""
    return as_configured(settings.platform or load_platform(settings.site.platform), settings)


def as_configured(platform: Platform, settings: Settings) -> Platform:
    """The platform with the operator's forms, banners and currency; the very same one when there are none."""
    forms, banners, currency = settings.forms, settings.banners, settings.site.currency
    if (platform.forms, platform.banners, platform.currency) == (forms, banners, currency):
        return platform
    return replace(platform, forms=forms, banners=banners, currency=currency)


def read_own_forms(top: Table) -> tuple[NamedForm, ...]:
    """[[form]]: name, at, fields, success, traits."""
    found: list[NamedForm] = []
    for table in top.tables("form"):
        name = table.required_text("name")
        if name in {form.name for form in found}:
            table.problem("name", f'there are two forms named "{name}"')
        names = table.texts("fields", or_one=True)
        for field in names:
            if _SECRET.search(field):
                table.problem("fields", f'"{field}" looks like a secret; such fields are never read')
        traits = _inner(table, "traits")
        chosen = {trait: traits.required_text(trait) for trait in traits.names()}
        for trait, field in chosen.items():
            if field not in names:
                traits.problem(trait, f'"{field}" is not among the fields{nearest(field, names)}')
        rule = FormRule(
            at=_paths(table, "at"),
            success=table.one_of("success", _SUCCESS, "accepted"),
            fields={field: (field,) for field in names},
            requires=table.texts("requires"),
            failure=_patterns(table, "failure"),
            proves=table.texts("proves"),
            refutes=table.texts("refutes"),
        )
        if not rule.at:
            table.problem(None, 'lacks "at"')
        table.finish()
        found.append(NamedForm(name, rule, chosen))
    return tuple(found)


def read_own_banners(top: Table) -> tuple[Banner, ...]:
    """[[banner]]: name, at."""
    found = []
    for table in top.tables("banner"):
        banner = Banner(table.required_text("name"), _paths(table, "at"))
        if not banner.at:
            table.problem(None, 'lacks "at"')
        table.finish()
        found.append(banner)
    return tuple(found)


def read_own_platform(top: Table) -> Platform | None:
    """The [platform] table of a configuration, written as platform files are; what it leaves out is generic's."""
    table = top.table("platform")
    if table is None:
        return None
    own, ground = _platform(table, OWN), load_platform("generic")
    return replace(
        own,
        session_cookies=own.session_cookies or ground.session_cookies,
        session_params=own.session_params or ground.session_params,
        never_touch=own.never_touch if "never_touch" in table else ground.never_touch,
        never_read=own.never_read if "never_read" in table else ground.never_read,
    )


def platforms() -> tuple[Platform, ...]:
    """All platforms that ship."""
    return tuple(load_platform(name) for name in PLATFORM_NAMES)


def decode_platform(text: str, name: str) -> Platform:
    """Decode one platform's file. Raises ConfigError with every problem."""
    place = f"{name}.toml"
    try:
        data: dict[str, TomlValue] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError((Problem(place, "", str(error)),)) from error
    log = ProblemLog(place, read_lines(text))
    platform = _platform(Table(data, (), log), name)
    if log.problems:
        raise ConfigError(log.in_order())
    return platform


def _platform(table: Table, name: str) -> Platform:
    session = _inner(table, "session")
    query = _inner(table, "query")
    catalogue = _inner(table, "catalogue")
    order = _inner(table, "order")
    forms = {name: _form(table, name) for name in FORM_NAMES}
    platform = Platform(
        name=name,
        session_cookies=session.texts("cookies"),
        session_params=session.texts("params"),
        cart_cookies=session.texts("cart"),
        kinds=_kinds(table),
        template_by_kind=_known_kinds(table, "template_by_kind"),
        product_id=_expressions(catalogue, "product_id"),
        category_id=_expressions(catalogue, "category_id"),
        category_css=catalogue.text("category_css"),
        product_mark=catalogue.text("product_mark"),
        id_on_page=catalogue.flag("id_on_page", False),
        as_shown=catalogue.flag("as_shown", False),
        breadcrumb_skip=catalogue.texts("breadcrumb_skip"),
        product=_product(table),
        lists=tuple(_list(inner) for inner in table.tables("list")),
        sort_params=query.texts("sort"),
        page_params=query.texts("page"),
        filter_params=query.texts("filter"),
        search_params=query.texts("search"),
        query_fields=query.texts("keep"),
        hits_css=query.text("hits_css"),
        login=forms["login"],
        register=forms["register"],
        add_to_cart=forms["add_to_cart"],
        remove_from_cart=forms["remove_from_cart"],
        checkout_details=forms["checkout_details"],
        newsletter=forms["newsletter"],
        order_call=forms["order_call"],
        further={name: rules for name in FORM_NAMES if (rules := _further(table, name))},
        add_to_cart_links=_paths(table, "add_to_cart_links"),
        logout=_paths(table, "logout"),
        order_placed=_paths(order, "placed"),
        order_id_url=_expressions(order, "id_url"),
        order_id_css=order.text("id_css"),
        order_total_css=order.text("total_css"),
        order_item_css=order.text("item_css"),
        never_touch=_patterns(table, "never_touch"),
        never_read=_patterns(table, "never_read"),
        recognise=_marks(table),
    )
    for inner in (session, query, catalogue, order, table):
        inner.finish()
    return platform


def _inner(table: Table, key: str) -> Table:
    return table.table(key) or Table({}, (*table.path, key), table.log)


def _kinds(table: Table) -> dict[str, tuple[PathRule, ...]]:
    kinds = _inner(table, "kinds")
    found = {}
    for kind in kinds.names():
        if kind not in PAGE_KINDS:
            kinds.problem(kind, f"unknown page kind{nearest(kind, PAGE_KINDS)}")
        found[kind] = _paths(kinds, kind)
    return found


def _known_kinds(table: Table, key: str) -> tuple[str, ...]:
    kinds = table.texts(key)
    for kind in kinds:
        if kind not in PAGE_KINDS:
            table.problem(key, f'unknown page kind "{kind}"{nearest(kind, PAGE_KINDS)}')
    return kinds


def _paths(table: Table, key: str) -> tuple[PathRule, ...]:
    """Rules written as "/path" or "/path?name=value&other=*"."""
    rules = []
    for pattern in _patterns(table, key):
        path, _, query = pattern.partition("?")
        fields = {name: value or "*" for name, _, value in (part.partition("=") for part in query.split("&") if part)}
        rules.append(PathRule(path, fields))
    return tuple(rules)


def _patterns(table: Table, key: str) -> tuple[str, ...]:
    patterns = table.texts(key)
    for pattern in patterns:
        if problem := pattern_problem(pattern):
            table.problem(key, f'pattern "{pattern}" {problem}')
    return patterns


def _expression(table: Table, key: str) -> str:
    return next(iter(_expressions(table, key, or_one=True)), "")


def _expressions(table: Table, key: str, *, or_one: bool = False) -> tuple[str, ...]:
    expressions = table.texts(key, or_one=or_one)
    for expression in expressions:
        if problem := expression_problem(expression):
            table.problem(key, f'expression "{expression}" {problem}')
    return expressions


def _product(table: Table) -> ProductRule | None:
    inner = table.table("product")
    if inner is None:
        return None
    rule = ProductRule(
        name_css=inner.required_text("name_css"),
        price_css=inner.text("price_css"),
        breadcrumb_css=inner.text("breadcrumb_css"),
        sold_out_css=inner.text("sold_out_css"),
        image_css=inner.text("image_css"),
        id_css=inner.text("id_css"),
        id_attribute=inner.text("id_attribute"),
        id_pattern=_expression(inner, "id_pattern"),
        price_attribute=inner.text("price_attribute"),
    )
    inner.finish()
    return rule


def _list(inner: Table) -> ListRule:
    rule = ListRule(
        name=inner.required_text("name"),
        items=inner.required_text("items"),
        link=inner.text("link", "a"),
        name_css=inner.text("name_css"),
        price_css=inner.text("price_css"),
        image_css=inner.text("image_css", "img"),
        id_css=inner.text("id_css"),
        id_attribute=inner.text("id_attribute"),
        id_pattern=_expression(inner, "id_pattern"),
        price_attribute=inner.text("price_attribute"),
        of_category=inner.flag("of_category", False),
    )
    inner.finish()
    return rule


def _form(table: Table, key: str) -> FormRule | None:
    """[login], or the first of several [[login]]."""
    if isinstance(table.take(key), list):
        tables = table.tables(key)
        inner = tables[0] if tables else None
    else:
        inner = table.table(key)
    return None if inner is None else _form_rule(inner)


def _further(table: Table, key: str) -> tuple[FormRule, ...]:
    return tuple(map(_form_rule, table.tables(key)[1:])) if isinstance(table.take(key), list) else ()


def _form_rule(inner: Table) -> FormRule:
    fields, answer = _inner(inner, "fields"), _inner(inner, "answer")
    rule = FormRule(
        at=_paths(inner, "at"),
        success=inner.one_of("success", _SUCCESS, "redirect_away"),
        fields={name: fields.texts(name, or_one=True) for name in fields.names()},
        requires=inner.texts("requires"),
        failure=_patterns(inner, "failure"),
        proves=inner.texts("proves"),
        refutes=inner.texts("refutes"),
        answer={name: answer.required_text(name) for name in answer.names()},
    )
    if not rule.at:
        inner.problem(None, 'lacks "at"')
    inner.finish()
    return rule


def _marks(table: Table) -> Marks:
    inner = _inner(table, "recognise")
    marks = Marks(inner.texts("cookies"), _patterns(inner, "paths"), inner.texts("generator"))
    inner.finish()
    return marks
