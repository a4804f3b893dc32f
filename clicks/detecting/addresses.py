"""What the addresses of a shop mean, learnt from links whose meaning is known: which lead to products and which do not.

Invariant: a rule is kept only when it tells (almost) every product link from (almost) all others; where addresses say
nothing (`/red-dress`, `/about-us`) there is no rule, and the page itself has to tell.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from clicks.targets import Target
from config.platform import PathRule

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


def path_rule(pattern: str) -> PathRule:
    """A pattern such as `/index.php?route=product&id=*` as a rule."""
    path, _, query = pattern.partition("?")
    return PathRule(
        path, {name: value or "*" for name, _, value in (part.partition("=") for part in query.split("&") if part)}
    )


def product_rule(products: Sequence[Target], others: Sequence[Target]) -> AddressRule | None:
    """The best rule for product links; None without any."""
    products = _distinct(products)
    known = {target.text for target in products}
    others = [target for target in _distinct(others) if target.text not in known]
    if not products:
        return None
    paths = {target.path for target in products}
    apart = [target for target in others if target.path not in paths]
    for find in (_by_query, _by_number, _by_inner_folder, _by_folder, _by_segment):
        rule = find(products, others if find is _by_query else apart)
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
    best: AddressRule | None = None
    for place in _NUMBERED:
        expression = re.compile(_start(products, prefix, place) + place)
        found = [match[1] for target in products if (match := expression.search(target.text))]
        if len(found) < MIN_COVER * len(products) or len(set(found)) < 0.95 * len(products):
            continue
        false = _share(others, expression)
        if best is None or false < best.false:
            best = AddressRule("", expression.pattern, len(found) / len(products), false)
    return best and replace(best, path=_glob(products, prefix, others))


def _by_folder(products: Sequence[Target], others: Sequence[Target]) -> AddressRule | None:
    """`/product/red-dress/`: a folder of their own, the last segment identifies."""
    prefix = common_folder(products)
    if prefix == "/" or len(products) < 2:
        return None
    glob = _glob(products, prefix, others)
    if not glob:
        return None
    depths = _depths(products, prefix)
    deeper = f"(?:[^/?#]+/){{{depths[0] - 1}}}" if len(depths) == 1 else "(?:[^?#]*/)?"
    expression = re.compile(f"^{_folder_expression(prefix)}{deeper}([^/?#]+?)(?:\\.html?)?/?(?:$|[?#])")
    return AddressRule(glob, expression.pattern, 1.0, _share(others, expression))


def _by_inner_folder(products: Sequence[Target], others: Sequence[Target]) -> AddressRule | None:
    """`/collections/sale/products/red-dress`: the folder of all is the categories' too, the word in it is products'."""
    depths = _depths(products, common_folder(products))
    return _by_segment(products, others) if depths == [3] else None


def _by_segment(products: Sequence[Target], others: Sequence[Target]) -> AddressRule | None:
    """`/products/red-dress` and `/sale/products/red-dress`: the same word before the last segment."""
    words = Counter(parts[-2] for target in products if len(parts := target.path.strip("/").split("/")) > 1)
    if not words or len(products) < 2:
        return None
    word, times = words.most_common(1)[0]
    expression = re.compile(f"/{re.escape(word)}/([^/?#]+?)(?:\\.html?)?/?(?:$|[?#])")
    ids = {match[1] for target in products if (match := expression.search(target.text))}
    strange = [target for target in others if (match := expression.search(target.text)) is None or match[1] not in ids]
    false = _share(strange, expression)  # a product has several addresses, lists lead to one of them
    if times < MIN_COVER * len(products) or false > MAX_FALSE:
        return None
    tail = "/" if all(target.path.endswith("/") for target in products) else ""
    return AddressRule(f"/**/{word}/*{tail}", expression.pattern, times / len(products), false)


_LOCALE: Final = re.compile(r"^/[a-z]{2}(?:[-_][A-Za-z]{2})?/")


def _folder_expression(prefix: str) -> str:
    """The folder as an expression; another language's folder is as good."""
    found = _LOCALE.match(prefix)
    return f"/[^/?#]+/{re.escape(prefix[found.end() :])}" if found else re.escape(prefix)


def _start(products: Collection[Target], prefix: str, place: str) -> str:
    """What comes before the number's own slash or mark: the folder, and as many levels as all products have.

    A mark stands in the last of these levels; a slash of the number's own begins it, or the one before (`/42/a-lamp`).
    """
    depths = _depths(products, prefix)
    folder = _folder_expression(prefix).removesuffix("/")
    if len(depths) != 1:
        return f"^{folder}(?:/[^?#]*?)?"
    own = 0 if not place.startswith("/") else 2 if place.count("/[^/?#]+/") else 1
    levels = depths[0] - max(own, 1)
    return f"^{folder}(?:/[^/?#]+){{{levels}}}" + ("/[^/?#]*?" if own == 0 else "") if levels >= 0 else r"^(?!)"


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
    marks = [f"{mark}{ending}{tail}" for mark in ("*_*", *_infix(products), "*")]
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


def _infix(targets: Sequence[Target]) -> Iterator[str]:
    """`*-p-*` for `/lamp-p-31` and `/oak-chair-p-7`: the few letters that all have before their number."""
    found = {
        match[1] if (match := re.search(r"([-_][a-z]{1,4}[-_]?)\d+[^/]*/?$", target.path)) else "" for target in targets
    }
    infix = next(iter(found)) if len(found) == 1 else ""
    if infix:
        yield f"*{infix}*"


def _regex(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|\*\*|\*)", pattern)
    written = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
    return re.compile("^" + "".join(written.get(part, re.escape(part)) for part in parts) + "$")


def _share(targets: Sequence[Target], expression: re.Pattern[str]) -> float:
    return sum(expression.search(target.text) is not None for target in targets) / len(targets) if targets else 0.0


_ARRANGES: Final = {
    "sort": r"^(?:sort(?:_?by|ing)?|order(?:_?by)?|orden|sortierung|dir|product_list_order)$",
    "page": r"^(?:page|p|pg|pagina|seite|paged|start|offset|product-page)$",
    "filter": r"^(?:filter\w*|f|fq|min_price|max_price|price\w*|p?from|p?to|limit|rating\w*|selected_\w+|attr\w*)$",
}


def arranging(targets: Sequence[Target]) -> dict[str, tuple[str, ...]]:
    """Query parameters by what they do to a list: "sort", "page", "filter", told by their usual names."""
    names = {name for target in targets for name, _ in target.query}
    return {
        use: tuple(sorted(name for name in names if re.match(expression, name, re.IGNORECASE)))
        for use, expression in _ARRANGES.items()
    }


def arranges(link: Target, page: Target) -> bool:
    """A link that shows the same page in another order, or a part of it."""
    if link.path != page.path or not link.query:
        return False
    added = {name for name, _ in link.query} - {name for name, _ in page.query}
    return bool(added) and all(
        any(re.match(each, name, re.IGNORECASE) for each in _ARRANGES.values()) for name in added
    )
