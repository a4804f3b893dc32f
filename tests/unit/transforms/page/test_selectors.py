"""What selectors depend on: attributes whose values they test may not vary within a template."""

import pytest

from transforms.page.query import Field, Query
from transforms.page.selectors import attributes_used, problems, tags_by_siblings

CASES = [
    ("a[href]", set(), "presence is no value"),
    ("form[ action ]", set(), "with blanks"),
    ("[name=q]", {"name"}, "equal"),
    ("input[name = 'q' i]", {"input name"}, "of one tag, equal, with blanks, quotes and a flag"),
    ("a[href^='/p/'], a[title*=x]", {"a href", "a title"}, "prefix and substring"),
    ("ul > INPUT[type=a][name='b[]'] + p", {"input type", "input name"}, "two of one tag, brackets in a string"),
    ("input[name=q], .x[name=q]", {"input name", "name"}, "of one tag and of any"),
    ("p.x[lang=q], *[dir=a], p:not(b)[title=c]", {"lang", "dir", "title"}, "a tag and more: of any"),
    ("[alt='p[title=x]']", {"alt", "title"}, "what looks like a selector in a string: too many rather than too few"),
    ("[class~=a][lang|=es][data-x$='1']", {"class", "lang", "data-x"}, "word, language, suffix"),
    ("[*|href='x']", {"href"}, "any namespace"),
    ("li:not([ID=x])", {"id"}, "inside a pseudo-class, in capitals"),
    ("li:not(b[ID=x])", {"b id"}, "of one tag inside a pseudo-class"),
]


@pytest.mark.parametrize(("css", "expected", "name"), CASES, ids=[case[2] for case in CASES])
def test_attributes_used(css: str, expected: set[str], name: str) -> None:
    assert attributes_used((Query("q", css),)) == expected
    assert attributes_used((Query("q", "p", (Field("f", css, "text"),)),)) == expected


ALLOWED = (
    "empty, first-child, first-of-type, has, is, last-child, last-of-type, not, nth-child, nth-last-child, "
    "nth-last-of-type, nth-of-type, only-child, only-of-type, root, where"
)
TWICE = Field("f", "", "text")
PROBLEMS: list[tuple[str, tuple[Query, ...], list[str]]] = [
    ("none", (Query("q", "p"), Query("r", "li:nth-child(2n) > a[href]:not(.x)", (Field("f", "b", "text"),))), []),
    ("a colon in a string", (Query("q", "a[href='x:hover']"),), []),
    ("an escaped colon", (Query("q", ".a\\:hover"),), []),
    ("a name twice", (Query("q", "p"), Query("q", "b")), ["query 'q': the name is used twice"]),
    ("empty", (Query("q", " "),), ["query 'q': the selector is empty"]),
    ("a field twice", (Query("q", "p", (TWICE, TWICE)),), ["query 'q': field 'f' is there twice"]),
    ("a field of nothing", (Query("q", "p", (Field("f", "b", ""),)),),
     ["query 'q': field 'f' takes nothing; allowed: text or an attribute"]),
    ("a field's selector", (Query("q", "p", (Field("f", " ", "text"),)),),
     ["query 'q': field 'f': the selector is empty"]),
]  # fmt: skip


@pytest.mark.parametrize(("queries", "expected"), [row[1:] for row in PROBLEMS], ids=[row[0] for row in PROBLEMS])
def test_problems(queries: tuple[Query, ...], expected: list[str]) -> None:
    assert problems(queries) == expected


def test_what_no_engine_or_only_one_reads() -> None:
    neither = problems((Query("q", "p["),))
    assert len(neither) == 2
    assert neither[0].startswith("query 'q': selector 'p[': ")
    assert neither[1].startswith("query 'q': selector 'p[': the second engine refuses it (SelectolaxError: ")
    assert problems((Query("q", "a:HOVER"),))[-1] == (
        f"query 'q': selector 'a:HOVER': :HOVER is not supported; allowed: {ALLOWED}"
    )


SIBLINGS: list[tuple[str, set[str] | None]] = [
    ("p", set()),
    ("div > p .x #y", set()),
    ("p + b", {"b"}),
    ("p ~ B.x", {"b"}),
    ("p+b>i", {"b"}),
    ("p + b + i", {"b", "i"}),
    ("p + b, li:first-child", {"b", "li"}),
    ("li:nth-child(2n + 1)", {"li"}),
    ("li:NTH-CHILD(2)", {"li"}),
    ("p + .x", None),
    (":first-child", None),
    (".x:last-child", None),
    ("p:empty", None),
    ("div:has(p)", None),
    ("p:not(.x)", set()),
    ("p:is(.x, .y)", set()),
    ("p:not(b + i)", None),
    ("p:not(:first-child)", None),
    ("a[href='p + b']", set()),
    ("a[title='x:first-child'] + b", {"b"}),
    (":root > p", set()),
    ("p > b", set()),
]


@pytest.mark.parametrize(("css", "expected"), SIBLINGS)
def test_tags_by_siblings(css: str, expected: set[str] | None) -> None:
    assert tags_by_siblings(css) == expected
