"""Where a greeting is seen by visitors: a place that is once on every page, and is not put back by scripts."""

import re
from collections.abc import Sequence
from typing import Final

from selectolax.lexbor import LexborNode

from clicks.detecting.pointing import Root, pointer
from clicks.detecting.sample import Sample, elements, fold
from clicks.detecting.signature import plain_id
from clicks.hydration import MARKS_CSS

_REGIONS: Final = (
    "main", "[role=main]", "#content", "#main", "#main-content", "#bodyContent", "#page-content", ".main-content",
    "#wrapper", "#page", "#container", ".container",
)  # fmt: skip


_OVER_THE_PAGE: Final = re.compile(
    r"cookie|consent|gdpr|modal|popup|overlay|toast|hidden|skip|nav|menu|drawer|off-?canvas|banner|search|debug",
    re.IGNORECASE,
)


def greeting_place(pages: Sequence[Sample]) -> tuple[str, str] | None:
    """(selector, where to insert) of a place that is once on every page and is seen by visitors."""
    if not pages:
        return None
    if any(_is_hydrated(page) for page in pages):
        return "body", "start"
    own = [(page.tree, node) for page in pages if (node := greets(page)) is not None]
    if len(own) == len(pages):
        pairs: list[tuple[Root, LexborNode]] = list(own)
        if css := pointer(pairs, unique=True):
            return css, "end"
    for css in _REGIONS:
        if all(len(page.tree.css(css)) == 1 for page in pages):
            return css, "start"
    if (place := _main_part(pages)) is not None:
        return place
    for page in pages[:1]:
        for node in page.tree.css("body > [id]"):
            if (
                not _OVER_THE_PAGE.search(f"{node.attributes.get('id')} {node.attributes.get('class')}")
                and (one := plain_id(node)) is not None
                and all(len(other.tree.css(f"#{one}")) == 1 for other in pages)
            ):
                return f"#{one}", "start"
    return "body", "start"


_STATE: Final = re.compile(
    r"__(?:NEXT|NUXT|INITIAL|PRELOADED|APOLLO|REACT_QUERY|remix|sveltekit)\w*\b|self\.__next_f|hydrateRoot|createRoot\("
    r"|window\.\w*(?:Context|State|Props)\s*=\s*\{",
)


def _is_hydrated(page: Sample) -> bool:
    """Scripts take the page over and put back what was changed inside of their root: only the body itself is safe."""
    if page.tree.css_first(MARKS_CSS) is not None:
        return True
    root = page.tree.css_first("#app, #root")
    return root is not None and any(
        _STATE.search(script.text(deep=True) or "") for script in page.tree.css("script:not([src])")
    )


def _main_part(pages: Sequence[Sample]) -> tuple[str, str] | None:
    """The child of the body that has most of the text, when that is one with the same name on every page.

    Pages laid out with tables: before the one with most of the text, for nothing but rows stands in a table.
    """
    found: list[tuple[Root, LexborNode]] = []
    for page in pages:
        children = [
            node
            for node in (elements(page.body) if page.body is not None else ())
            if node.tag in ("div", "section", "table")
            and not _OVER_THE_PAGE.search(f"{node.attributes.get('id')} {node.attributes.get('class')}")
        ]
        if not children:
            return None
        found.append((page.tree, max(children, key=lambda node: len(node.text(deep=True)))))
    css = pointer(found, unique=True)
    if css is None:
        return None
    return css, "before" if any(node.tag == "table" for _, node in found) else "start"


def greets(page: Sample) -> LexborNode | None:
    """The element with which the shop itself greets or names its visitor, if it does."""
    said = re.compile(
        r"\b(?:welcome|bienvenid[oa]s?|willkommen|bienvenue|benvenut[oi]|witaj|hello|hola)\b", re.IGNORECASE
    )
    for node in page.tree.css(
        '[class*="welcome"], [class*="greet"], header span, header div, header p, #header span, #header div'
    ):
        text = fold(node.text(deep=True))
        if 0 < len(text) < 120 and said.search(text) and next(iter(node.css("h1, h2, form, img")), None) is None:
            return node
    return None
