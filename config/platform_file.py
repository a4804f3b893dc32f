"""A `Platform` written as the table that describes it, so that what was learnt can be read, corrected and kept.

Invariant: decoding what is written gives an equal platform.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

from config.platform import FormRule, ListRule, PathRule, Platform
from config.platforms import FORM_NAMES


def write_platform(platform: Platform, under: str = "platform") -> list[str]:
    """Lines of TOML for the table `under` (the whole of a platform file with "")."""
    prefix = f"{under}." if under else ""
    lines = [f"[{under}]"] if under else []
    lines += _pairs(
        template_by_kind=platform.template_by_kind,
        never_touch=platform.never_touch,
        never_read=platform.never_read,
        logout=_written(platform.logout),
        add_to_cart_links=_written(platform.add_to_cart_links),
    )
    lines += _table(
        f"{prefix}session",
        cookies=platform.session_cookies,
        params=platform.session_params,
        cart=platform.cart_cookies,
    )
    lines += _table(f"{prefix}kinds", **{kind: _written(rules) for kind, rules in platform.kinds.items()})
    lines += _table(
        f"{prefix}query",
        sort=platform.sort_params,
        page=platform.page_params,
        filter=platform.filter_params,
        search=platform.search_params,
        keep=platform.query_fields,
        hits_css=platform.hits_css,
    )
    lines += _table(
        f"{prefix}catalogue",
        product_id=platform.product_id,
        category_id=platform.category_id,
        breadcrumb_skip=platform.breadcrumb_skip,
        category_css=platform.category_css,
        product_mark=platform.product_mark,
        id_on_page=platform.id_on_page,
        as_shown=platform.as_shown,
    )
    if (product := platform.product) is not None:
        lines += _table(
            f"{prefix}product",
            name_css=product.name_css,
            price_css=product.price_css,
            price_attribute=product.price_attribute,
            breadcrumb_css=product.breadcrumb_css,
            sold_out_css=product.sold_out_css,
            image_css=product.image_css,
            id_css=product.id_css,
            id_attribute=product.id_attribute,
            id_pattern=product.id_pattern,
        )
    for rule in platform.lists:
        lines += ["", f"[[{prefix}list]]", *_list(rule)]
    for name in FORM_NAMES:
        form: FormRule | None = getattr(platform, name)
        further = platform.further.get(name, ())
        if form is not None:
            for each in (form, *further):
                lines += _form(f"{prefix}{name}", each, is_one_of_several=bool(further))
    lines += _table(
        f"{prefix}order",
        placed=_written(platform.order_placed),
        id_url=platform.order_id_url,
        id_css=platform.order_id_css,
        total_css=platform.order_total_css,
        item_css=platform.order_item_css,
    )
    return lines


def _list(rule: ListRule) -> list[str]:
    lines = _pairs(
        name=rule.name,
        items=rule.items,
        link=rule.link if rule.link != "a" else "",
        name_css=rule.name_css,
        price_css=rule.price_css,
        price_attribute=rule.price_attribute,
        image_css=rule.image_css if rule.image_css != "img" else "",
        id_css=rule.id_css,
        id_attribute=rule.id_attribute,
        id_pattern=rule.id_pattern,
    )
    return [*lines, "of_category = true"] if rule.of_category else lines


def _form(name: str, form: FormRule, *, is_one_of_several: bool) -> list[str]:
    lines = _pairs(
        at=_written(form.at),
        success=form.success if form.success != "redirect_away" else "",
        requires=form.requires,
        failure=form.failure,
        proves=form.proves,
        refutes=form.refutes,
    )
    lines = ["", f"[[{name}]]" if is_one_of_several else f"[{name}]", *lines]
    return lines + _table(f"{name}.fields", **form.fields) + _table(f"{name}.answer", **form.answer)


def _written(rules: Iterable[PathRule]) -> tuple[str, ...]:
    return tuple(f"{rule.path}?{_query(rule.query)}" if rule.query else rule.path for rule in rules)


def _query(query: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in query.items())


def _table(name: str, **values: str | bool | Sequence[str]) -> list[str]:
    pairs = _pairs(**values)
    return ["", f"[{name}]", *pairs] if pairs else []


def _pairs(**values: str | bool | Sequence[str]) -> list[str]:
    lines = []
    for key, value in values.items():
        if isinstance(value, bool):
            lines += [f"{key} = true"] if value else []
        elif isinstance(value, str):
            lines += [f"{key} = {_text(value)}"] if value else []
        elif value:
            joined = ", ".join(map(_text, value))
            whole = f"{key} = [{joined}]"
            lines += [whole] if len(whole) <= 110 else [f"{key} = [", *(f"  {_text(item)}," for item in value), "]"]
    return lines


def _text(value: str) -> str:
    """Expressions in single quotes, where no backslash has a meaning; anything else as a TOML basic string."""
    if "\\" in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False)
