"""Every key of a TOML text is found on its line."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from config.lines import KeyPath, read_lines

TEXT = '''# a comment with = and [
version = 1
"quoted key" = "a # b"
a.b = 2
[site]
origin = "http://x"   # [not.a.table]
text = """
[fake]
fake = 1
"""
other = \'\'\'
x = 1\'\'\'
list = [
  "one",  # ,
  { deep = { er = 1 }, two = [1, 2] },
]
[placement.greeting]
at = "x"
[[experience]]
id = "one"
cap = { times = 1, per = "7d" }
[[experience]]
id = "two"
[experience.who]
has = ["x"]
[[experience]]
'''


def test_lines() -> None:
    lines = read_lines(TEXT)
    expected: dict[KeyPath, int] = {
        ("version",): 2,
        ("quoted key",): 3,
        ("a", "b"): 4,
        ("site",): 5,
        ("site", "origin"): 6,
        ("site", "text"): 7,
        ("site", "other"): 11,
        ("site", "list"): 13,
        ("site", "list", 1, "deep"): 15,
        ("site", "list", 1, "deep", "er"): 15,
        ("site", "list", 1, "two"): 15,
        ("placement", "greeting"): 17,
        ("placement", "greeting", "at"): 18,
        ("experience", 0): 19,
        ("experience", 0, "cap", "per"): 21,
        ("experience", 1): 22,
        ("experience", 1, "who"): 24,
        ("experience", 1, "who", "has"): 25,
        ("experience", 2): 26,
    }
    assert {path: lines.find(path) for path in expected} == expected


def test_what_is_not_there_is_found_at_what_is_around_it() -> None:
    lines = read_lines(TEXT)
    assert lines.find(("placement", "greeting", "nothing", 3)) == 17
    assert lines.find(("nothing",)) is None
    assert lines.find(()) is None


def test_windows_line_ends() -> None:
    assert read_lines("a = 1\r\nb = 2\r\n").find(("b",)) == 2


@given(st.text(alphabet="ab.=[]{}\"'#\n ,1", max_size=60))
def test_any_toml_is_scanned_to_its_end(text: str) -> None:
    lines = read_lines(text)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    for key in data:
        line = lines.find((key,))
        assert line is not None
        assert line <= text.count("\n") + 1
