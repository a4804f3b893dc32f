"""What selectors depend on: attributes whose values they test may not vary within a template."""

import pytest

from transforms.page.query import Field, Query
from transforms.page.selectors import attributes_used

CASES = [
    ("a[href]", set(), "presence is no value"),
    ("form[ action ]", set(), "with blanks"),
    ("input[name=q]", {"name"}, "equal"),
    ("input[name = 'q' i]", {"name"}, "equal, with blanks, quotes and a flag"),
    ("a[href^='/p/'], a[title*=x]", {"href", "title"}, "prefix and substring"),
    ("[class~=a][lang|=es][data-x$='1']", {"class", "lang", "data-x"}, "word, language, suffix"),
    ("[*|href='x']", {"href"}, "any namespace"),
    ("li:not([ID=x])", {"id"}, "inside a pseudo-class, in capitals"),
]


@pytest.mark.parametrize(("css", "expected", "name"), CASES, ids=[case[2] for case in CASES])
def test_attributes_used(css: str, expected: set[str], name: str) -> None:
    assert attributes_used((Query("q", css),)) == expected
    assert attributes_used((Query("q", "p", (Field("f", css, "text"),)),)) == expected
