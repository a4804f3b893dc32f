"""Aligning a body with the fixed parts of a template: the gaps, between ‹ and ›, or no alignment at all."""

import pytest

from transforms.page.align import common_prefix, grow

TAIL = "</p><p>the rest of it</p>"


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [(b"", b"", 0), (b"abc", b"abc", 3), (b"abc", b"abd", 2), (b"abc", b"xbc", 0), (b"ab", b"abc", 2)]
    + [(b"a" * n + b"b", b"a" * n + b"c" * 9, n) for n in range(9)],
)
def test_common_prefix(left: bytes, right: bytes, expected: int) -> None:
    assert common_prefix(left, right) == expected
    assert common_prefix(right, left) == expected


def gaps_of(marked: str) -> tuple[bytes, list[tuple[int, int]]]:
    """A body and its gaps."""
    body, gaps = "", []
    for number, part in enumerate(marked.replace("›", "‹").split("‹")):
        if number % 2:
            gaps.append((len(body), len(body) + len(part)))
        body += part
    return body.encode(), gaps


ALIGNED = [
    ("the same", ["<p>a</p>"], "<p>a</p>"),
    ("a run of text", ["<p>cart 1</p>"], "<p>‹cart 23›</p>"),
    ("a run that is empty in none", ["<p>a</p>"], "<p>‹bcd›</p>"),
    ("a value", ["<p title='x1y'>a</p>"], "<p title='‹x22y›'>a</p>"),
    ("a value in double quotes", ['<p title="x1y">a</p>'], '<p title="‹z›">a</p>'),
    ("text behind a reference", ["<p>a&amp; 1 b</p>"], "<p>a&‹amp; 2 b›</p>"),
    ("two runs", ["<p>1</p><b>2</b>"], "<p>‹3›</p><b>‹4›</b>"),
    ("a known gap", ["<p>", TAIL], "<p>‹12›" + TAIL),
    ("a known gap of another length", ["<p>", TAIL], "<p>‹1234567›" + TAIL),
    ("a known gap of the greatest length", ["<p>", TAIL], "<p>‹123456789›" + TAIL),
    ("a known gap of the least length", ["<p>", TAIL], "<p>‹1›" + TAIL),
    ("a known gap, the first of two ends", ["<p>", "</p>", "</p>x"], "<p>‹1›</p>‹2›</p>x"),
    ("a known gap, then a change", ["<p>", "</p><b>1</b>"], "<p>‹1›</p><b>‹2›</b>"),
    ("a known gap, then a change in the first 24 bytes", ["<p>", "</p><b>1</b>"], "<p>‹12›</p><b>‹345›</b>"),
    ("two known gaps", ["<p>", "</p><b>", "</b>"], "<p>‹1›</p><b>‹2›</b>"),
    ("at the very limit of gaps", ["<p>1</p>" * 3], "<p>‹2›</p>" * 3),
    ("words of a comment", ["<!-- took 12 ms -->"], "<!-- took ‹345› ms -->"),
    ("the first word of a comment", ["<!-- 12 ms -->"], "<!-- ‹3› ms -->"),
    ("the last word of a comment", ["<!-- took 12 -->"], "<!-- took ‹345› -->"),
    ("words between equal ends", ["<!-- a1b 2 a1b -->"], "<!-- a1b ‹34› a1b -->"),
    ("a word that begins alike", ["<!-- took 121 ms -->"], "<!-- took ‹123› ms -->"),
    ("a word that ends alike", ["<!-- took 121 ms -->"], "<!-- took ‹221› ms -->"),
    ("a word that begins with one letter alike", ["<!-- took a1 ms -->"], "<!-- took ‹a2› ms -->"),
    ("a word that begins with three letters alike", ["<!-- took abc1 ms -->"], "<!-- took ‹abc2› ms -->"),
    ("a word that ends with two letters alike", ["<!-- took 1ab ms -->"], "<!-- took ‹2ab› ms -->"),
    ("more words", ["<!-- took 1 ms -->"], "<!-- took 1 ‹2 3 ms› -->"),
    ("fewer words", ["<!-- a b c -->"], "<!-- a ‹c› -->"),
    ("words between line ends and tabs", ["<!--\n\t1\r\n\f-->"], "<!--\n\t‹2›\r\n\f-->"),
]


@pytest.mark.parametrize(("segments", "marked"), [row[1:] for row in ALIGNED], ids=[row[0] for row in ALIGNED])
def test_aligned(segments: list[str], marked: str) -> None:
    body, gaps = gaps_of(marked)
    assert grow([segment.encode() for segment in segments], body, 3, 9) == gaps


APART = [
    ("shorter", ["<p>a</p>"], "<p>a"),
    ("longer", ["<p>a</p>"], "<p>a</p>b"),
    ("another tag", ["<p>a</p>"], "<b>a</b>"),
    ("another name behind", ["<p>a</p><b>"], "<p>a</p><i>"),
    ("other quotes", ["<p title='a1'>"], '<p title="a2">'),
    ("an attribute more", ["<p title='a'>"], "<p title='a' id='b'>"),
    ("a run where there was none", ["<p></p>"], "<p>1</p>"),
    ("no run where there was one", ["<p>1</p>"], "<p></p>"),
    ("blank text", ["<p>1</p>"], "<p> </p>"),
    ("blank text before", ["<p> </p>"], "<p>1</p>"),
    ("a NUL", ["<p>1</p>"], "<p>\0</p>"),
    ("before any delimiter", ["abc<p>"], "abd<p>"),
    ("after every delimiter", ["<p>abc"], "<p>abd"),
    ("the end of a body", ["<p>abc</p>"], "<p>abd"),
    ("too many gaps", ["<p>1</p>" * 4], "<p>2</p>" * 4),
    ("too many gaps of a template", ["<p>"] + ["</p><p>"] * 3 + ["</p>"], "<p>1</p>" * 4),
    ("a known gap that is too long", ["<p>", TAIL], "<p>1234567890" + TAIL),
    ("a known gap that is too long, by one byte of the next", ["<p>", "</p>"], "<p>1234567890</p>"),
    ("a known gap that is empty", ["<p>", TAIL], "<p>" + TAIL),
    ("a known gap with a tag", ["<p>", TAIL], "<p>1<b>" + TAIL),
    ("a known gap of blanks", ["<p>", TAIL], "<p>  " + TAIL),
    ("a known gap without an end", ["<p>", TAIL], "<p>12"),
    ("a comment that becomes a doctype", ["<!-- a -->"], "<!doctype a>"),
    ("a comment's dashes", ["<!-- a -->"], "<!-- b >"),
    ("a comment without its dashes before", ["<!- 1 -->"], "<!- 2 -->"),
    ("a comment that was none", ["<!a 1 -->"], "<!-- 2 -->"),
    ("a comment that did not end", ["<!-- 1 >"], "<!-- 2 -->"),
    ("a comment that touches its beginning", ["<!--1 -->"], "<!--2 -->"),
    ("a comment that touches its end", ["<!-- 1-->"], "<!-- 2-->"),
    ("a comment's word with a NUL", ["<!-- 1 -->"], "<!-- \0 -->"),
    ("a comment's word that had a NUL", ["<!-- \0 -->"], "<!-- 1 -->"),
]


@pytest.mark.parametrize(("segments", "body"), [row[1:] for row in APART], ids=[row[0] for row in APART])
def test_apart(segments: list[str], body: str) -> None:
    assert grow([segment.encode() for segment in segments], body.encode(), 3, 9) is None
