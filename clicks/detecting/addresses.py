"""What the addresses of a shop mean, learnt from links whose meaning is known: which lead to products and which do not.

Invariant: a rule is kept only when it tells (almost) every product link from (almost) all others; where addresses say
nothing (`/red-dress`, `/about-us`) there is no rule, and the page itself has to tell.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from clicks.targets import Target

MIN_COVER: Final = 0.95
MAX_FALSE: Final = 0.05
_NUMBERED: Final = (
    # The number that identifies, most telling place first; all are searched in path?query.
    r"[_-](\d+)/?(?:$|[?#])",
    r"-p-?(\d+)(?:\.html?|/|$|[?#])",
    r"/(\d+)/?(?:$|[?#])",
    r"/(\d+)[-_][^/?#]+/?(?:$|[?#])",
    r"/(\d+)/[^/?#]+/?(?:$|[?#])",
    r"[-_.]p?(\d+)\.(?:html?|php|aspx?)(?:$|[?#])",
    r"/[a-z]{1,3}(\d+)(?:[-_/.][^?#]*)?(?:$|[?#])",
)


@dataclass(frozen=True, slots=True)
class AddressRule:
    """How product pages are recognised: `path` as in `PathRule` ("" when only the page tells), `id` an expression."""

    path: str
    id: str
    cover: float
    """Share of the product links that the rule means."""
    false: float
    """Share of the other links that it means too."""


def product_rule(products: Sequence[Target], others: Sequence[Target]) -> AddressRule | None:
    """The best rule for product links; None without any."""
    products = _distinct(products)
    known = {target.text for target in products}
    others = [target for target in _distinct(others) if target.text not in known]
    if not products:
        return None
    paths = {target.path for target in products}
    apart = [target for target in others if target.path not in paths]
    for rule in (_by_query(products, others), _by_number(products, apart), _by_folder(products, apart)):
        if rule is not None:
            return rule
    return AddressRule("", r"^/(?:[^?#]*/)?([^/?#]+?)(?:\.(?:html?|php|aspx?))?/?(?:$|[?#])", 1.0, 1.0)


def _distinct(targets: Sequence[Target]) -> list[Target]:
    return list({target.text: target for target in targets}.values())


def _by_query(products: Sequence[Target], others: Sequence[Target]) -> AddressRule | None:
    """`/index.php?route=product&product_id=42`: one parameter identifies, others may be constant."""
    paths = Counter(target.path for target in products)
    path, times = paths.most_common(1)[0]
    if times < MIN_COVER * len(products):
        return None
    values: dict[str, list[str]] = defaultdict(list)
    for target in products:
        if target.path == path:
            for name, value in dict(target.query).items():
                values[name].append(value)
    whole = {name: found for name, found in values.items() if len(found) >= MIN_COVER * len(products)}
    varied = sorted(
        (name for name, found in whole.items() if len(set(found)) > 1 or len(products) == 1),
        key=lambda name: (-len(set(whole[name])), "id" not in name.lower(), len(name)),
    )
    if not varied:
        return None
    name = varied[0]
    constant = {key: found[0] for key, found in whole.items() if len(set(found)) == 1 and key != name}
    meaning = {
        key: value
        for key, value in constant.items()
        if not any(dict(target.query).get(key) == value for target in others if name not in dict(target.query))
    }
    query = "&".join(
        [*(f"{key}={value}" for key, value in meaning.items() if "/" in value or len(meaning) == 1), f"{name}=*"]
    )
    value = r"(\d+)" if all(value.isdigit() for value in whole[name]) else "([^&#]+)"
    rule = f"[?&]{re.escape(name)}={value}"
    false = _share(others, re.compile(f"^{re.escape(path)}[?](?:.*&)?{re.escape(name)}="))
    return AddressRule(f"{path}?{query}", rule, times / len(products), false)


def _by_number(products: Sequence[Target], others: Sequence[Target]) -> AddressRule | None:
    prefix = common_folder(products)
    for place in _NUMBERED:
        expression = re.compile(_start(products, prefix) + place)
        found = [match[1] for target in products if (match := expression.search(target.text))]
        if len(found) < MIN_COVER * len(products) or len(set(found)) < 0.95 * len(products):
            continue
        false = _share(others, expression)
        glob = _glob(products, prefix, others)
        return AddressRule(glob, expression.pattern, len(found) / len(products), false)
    return None


def _by_folder(products: Sequence[Target], others: Sequence[Target]) -> AddressRule | None:
    """`/product/red-dress/`: a folder of their own, the last segment identifies."""
    prefix = common_folder(products)
    if prefix == "/" or len(products) < 2:
        return None
    glob = _glob(products, prefix, others)
    if not glob:
        return None
    expression = re.compile(f"^{_folder_expression(prefix)}(?:[^?#]*/)?([^/?#]+?)(?:\\.html?)?/?(?:$|[?#])")
    return AddressRule(glob, expression.pattern, 1.0, _share(others, expression))


_LOCALE: Final = re.compile(r"^/[a-z]{2}(?:[-_][A-Za-z]{2})?/")


def _folder_expression(prefix: str) -> str:
    """The folder as an expression; another language's folder is as good."""
    found = _LOCALE.match(prefix)
    return f"/[^/?#]+/{re.escape(prefix[found.end() :])}" if found else re.escape(prefix)


def _start(products: Collection[Target], prefix: str) -> str:
    """What comes before the number's own slash or mark: the folder, and as many levels as all products have."""
    depths = _depths(products, prefix)
    folder = _folder_expression(prefix).removesuffix("/")
    return f"^{folder}(?:/[^/?#]+){{{depths[0] - 1}}}(?:/[^/?#]*?)?" if len(depths) == 1 else f"^{folder}(?:/[^?#]*?)?"


def _depths(targets: Collection[Target], prefix: str) -> list[int]:
    return sorted({len(target.path[len(prefix) :].strip("/").split("/")) for target in targets})


def common_folder(targets: Collection[Target]) -> str:
    """The longest folder that all paths are in, with a slash at both ends."""
    folders = [target.path.rstrip("/").split("/")[:-1] for target in targets]
    common: list[str] = []
    for level in zip(*folders, strict=False):
        if len(set(level)) != 1:
            break
        common.append(level[0])
    return "/".join(common).rstrip("/") + "/"


def _glob(products: Sequence[Target], prefix: str, others: Sequence[Target]) -> str:
    """A pattern that means the products and hardly anything else; "" when there is none.

    A shop has more products than its lists on the samples show: under a folder of their own some more are likely.
    """
    depths = _depths(products, prefix)
    tail = "/" if all(target.path.endswith("/") for target in products) else ""
    endings = {match[0] if (match := re.search(r"\.\w{2,5}$", target.path)) else "" for target in products}
    ending = next(iter(endings)) if len(endings) == 1 else ""
    marks = [f"{mark}{ending}{tail}" for mark in ("*_*", "*-p-*", "*")]
    folder = f"/*/{prefix[found.end() :]}" if (found := _LOCALE.match(prefix)) else prefix
    if len(depths) == 1:
        patterns = [f"{folder}{'*/' * (depths[0] - 1)}{mark}" for mark in marks]
    else:
        patterns = [f"{folder}**/{mark}" for mark in marks] + [f"{folder}**"]
    allowed = max(1.0, MAX_FALSE * len(others), 0.0 if folder in ("/", "/*/") else 0.5 * len(products))
    for pattern in patterns:
        expression = _regex(pattern)
        meant = sum(expression.match(target.path) is not None for target in products)
        if meant >= MIN_COVER * len(products) and sum(bool(expression.match(t.path)) for t in others) <= allowed:
            return pattern
    return ""


def _regex(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|\*\*|\*)", pattern)
    written = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
    return re.compile("^" + "".join(written.get(part, re.escape(part)) for part in parts) + "$")


def _share(targets: Sequence[Target], expression: re.Pattern[str]) -> float:
    return sum(expression.search(target.text) is not None for target in targets) / len(targets) if targets else 0.0


def arranging(targets: Sequence[Target]) -> dict[str, tuple[str, ...]]:
    """Query parameters by what they do to a list: "sort", "page", "filter", told by their usual names."""
    names = {name for target in targets for name, _ in target.query}
    usual = {
        "sort": r"^(?:sort(?:_?by|ing)?|order(?:_?by)?|orden|sortierung|dir|product_list_order)$",
        "page": r"^(?:page|p|pg|pagina|seite|paged|start|offset|product-page)$",
        "filter": r"^(?:filter\w*|f|fq|min_price|max_price|price\w*|p?from|p?to|limit|rating\w*|selected_\w+|attr\w*)$",
    }
    return {
        use: tuple(sorted(name for name in names if re.match(expression, name, re.IGNORECASE)))
        for use, expression in usual.items()
    }
