"""Selectors: checked in both engines before they meet a page, and what they depend on."""

import re
from collections.abc import Sequence

import turbohtml
from selectolax.lexbor import LexborHTMLParser

from transforms.page.query import Query

_ATTRIBUTE = re.compile(r"\[\s*(?:[\w*-]*\|)?([\w-]+)\s*[~|^$*]?=")
_OF_TAG = re.compile(r"""(?:^|(?<=[\s>+~,(]))([a-zA-Z][\w-]*)((?:\[(?:"[^"]*"|'[^']*'|[^\[\]"'])*\])+)""")
_PSEUDO = re.compile(r":+([\w-]+)")
_BRACKETS = re.compile(r"\[[^\]]*\]")
_NTH = re.compile(r":nth-[\w-]+\([^()]*\)")
_PARENTHESES = re.compile(r"\(([^()]*)\)")
_COMPOUND = re.compile(r"[>+~,]|[^\s>+~,]+")
_TAG = re.compile(r"[a-zA-Z][\w-]*")
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\\.")

STRUCTURAL = frozenset(
    "first-child last-child only-child first-of-type last-of-type only-of-type not is where has root empty".split()  # noqa: SIM905
) | frozenset(f"nth{side}-{kind}" for side in ("", "-last") for kind in ("child", "of-type"))
"""Pseudo-classes that depend on nothing but structure, classes, ids and the attributes named in the selector."""


def problems(queries: Sequence[Query]) -> list[str]:
    """What is wrong with `queries`, each naming its query: selectors that one of the engines refuses, double names."""
    found = []
    names: set[str] = set()
    for query in queries:
        if query.name in names:
            found.append(f"query {query.name!r}: the name is used twice")
        names.add(query.name)
        found += [f"query {query.name!r}: {problem}" for problem in _selector_problems(query.css)]
        fields: set[str] = set()
        for field in query.fields:
            if field.name in fields:
                found.append(f"query {query.name!r}: field {field.name!r} is there twice")
            fields.add(field.name)
            if not field.take:
                found.append(f"query {query.name!r}: field {field.name!r} takes nothing; allowed: text or an attribute")
            if field.css:
                problem = _selector_problems(field.css)
                found += [f"query {query.name!r}: field {field.name!r}: {text}" for text in problem]
    return found


def _selector_problems(css: str) -> list[str]:
    if not css.strip():
        return ["the selector is empty"]
    found = []
    try:
        turbohtml.parse("<p>").select(css)
    except ValueError as error:
        found.append(f"selector {css!r}: {error}")
    try:
        LexborHTMLParser("<p>").css(css)
    except Exception as error:
        found.append(f"selector {css!r}: the second engine refuses it ({type(error).__name__}: {error})")
    unknown = [name for name in _PSEUDO.findall(_STRING.sub("", css)) if name.lower() not in STRUCTURAL]
    allowed = ", ".join(sorted(STRUCTURAL))
    return found + [f"selector {css!r}: :{name} is not supported; allowed: {allowed}" for name in unknown]


def attributes_used(queries: Sequence[Query]) -> frozenset[str]:
    """The attributes whose values selectors of `queries` test; those are never learnt as varying.

    Of elements of one tag only ("input name") where every test says so. `a[href]` asks only whether the attribute is
    there, and a gap inside its value changes nothing of that.
    """
    found: set[str] = set()
    for css in [css for query in queries for css in (query.css, *(field.css for field in query.fields))]:
        for compound in _OF_TAG.finditer(css):
            found |= {f"{compound[1]} {name}".lower() for name in _ATTRIBUTE.findall(compound[2])}
        found |= {name.lower() for name in _ATTRIBUTE.findall(_OF_TAG.sub("", css))}
    return frozenset(found)


def tags_by_siblings(css: str) -> frozenset[str] | None:
    """The tags of elements that a selector tests by what stands beside them (`+`, `~`, `:first-child` …).

    None when that may be an element of any tag, or one that is tested by what is inside (`:empty`, `:has`).
    """
    plain = _NTH.sub(":nth-child", _BRACKETS.sub("", _STRING.sub("", css)))
    for inner in _PARENTHESES.findall(plain):
        if tags_by_siblings(inner) != frozenset():
            return None
    found: set[str] = set()
    combinator = ""
    for compound in _COMPOUND.findall(_PARENTHESES.sub("", plain)):
        if compound in ">+~,":
            combinator = compound
            continue
        pseudo = {name.lower() for name in _PSEUDO.findall(compound)} - {"not", "is", "where", "root"}
        if combinator in ("+", "~") or pseudo:
            tag = _TAG.match(compound)
            if tag is None or not pseudo.isdisjoint(("empty", "has")):
                return None
            found.add(tag[0].lower())
        combinator = ""
    return frozenset(found)
