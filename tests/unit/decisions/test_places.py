"""Where a placement applies: everywhere, by page kind, by path and query."""

import pytest

from config.settings import Placement
from decisions.places import Places

PLACES = Places(
    [
        Placement("greeting", ("*",), at="#welcome"),
        Placement("grid", ("home", "category"), items=".box"),
        Placement("hip_hop", ("/index.php?cPath=3",), at="h1"),
        Placement("help", ("/help/**", "account"), at="h1"),
    ]
)


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("home", "/", {"greeting", "grid"}),
        ("category", "/index.php?cPath=3", {"greeting", "grid", "hip_hop"}),
        ("category", "/index.php?cPath=4", {"greeting", "grid"}),
        ("account", "/account.php", {"greeting", "help"}),
        ("other", "/help/returns/how", {"greeting", "help"}),
        ("other", "/", {"greeting"}),
    ],
)
def test_here(kind: str, path: str, expected: set[str]) -> None:
    assert PLACES.here(kind, path) == expected
