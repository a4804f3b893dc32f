"""Patterns: where their segments are on a body, and which bodies are of none; in clear and as fingerprints alike."""

import pytest

from transforms.page.pattern import Fingerprints, Segments, are_clean, cut

LONG = b"</p><p>a segment that is longer than a probe</p>"


@pytest.mark.parametrize(
    ("gaps", "expected"),
    [
        ([], True),
        ([b"a"], True),
        ([b"a", b" b"], True),
        ([b"a", b" "], False),
        ([b"\n", b"a"], False),
        ([b"a", b"<"], False),
        ([b"a\0", b"b"], False),
        ([b"'"], False),
    ],
)
def test_clean(gaps: list[bytes], expected: bool) -> None:
    assert are_clean(gaps) is expected


def test_cut() -> None:
    assert cut(b"abcdef", ()) == (b"abcdef",)
    assert cut(b"abcdef", ((1, 2), (4, 6))) == (b"a", b"cd", b"")


MATCHED: list[tuple[str, tuple[bytes, ...], bytes, list[int]]] = [
    ("no gap", (b"<p>a</p>",), b"<p>a</p>", [0]),
    ("a gap", (b"<p>", b"</p>"), b"<p>abc</p>", [0, 6]),
    ("a gap of one byte", (b"<p>", b"</p>"), b"<p>a</p>", [0, 4]),
    ("a long segment", (b"<p>", LONG), b"<p>abc" + LONG, [0, 6]),
    ("two gaps", (b"<p>", b"</p><b>", b"</b>"), b"<p>1</p><b>22</b>", [0, 4, 13]),
    ("the first of equal segments", (b"<p>", b"</p>", b"</p>"), b"<p>1</p>2</p>", [0, 4, 9]),
    ("a comment", (b"<!-- ", b" -->"), b"<!-- 12 -->", [0, 7]),
    ("a comment ended on a line of its own", (b"<!--\n", b"\n--><p>"), b"<!--\n12\n--><p>", [0, 7]),
    ("a value", (b'<p title="', b'">a'), b'<p title="x y">a', [0, 13]),
]
APART: list[tuple[str, tuple[bytes, ...], bytes]] = [
    ("another", (b"<p>a</p>",), b"<p>b</p>"),
    ("longer", (b"<p>a</p>",), b"<p>a</p>b"),
    ("shorter", (b"<p>a</p>",), b"<p>a</p"),
    ("no gap", (b"<p>", b"</p>"), b"<p></p>"),
    ("a gap of blanks", (b"<p>", b"</p>"), b"<p> \n</p>"),
    ("a gap with a tag", (b"<p>", b"</p>"), b"<p>a<b></p>"),
    ("a gap with a reference", (b"<p>", b"</p>"), b"<p>a&lt;</p>"),
    ("a gap with a quote", (b"<p>", b"</p>"), b"<p>a'b</p>"),
    ("a gap without an end", (b"<p>", b"</p>"), b"<p>abc"),
    ("another end", (b"<p>", b"</p>"), b"<p>abc</b>"),
    ("another beginning", (b"<p>", b"</p>"), b"<b>abc</p>"),
    ("a long segment that begins alike", (b"<p>", LONG), b"<p>abc" + LONG[:-1] + b"!"),
    ("an end and more", (b"<p>", b"</p>"), b"<p>abc</p>d"),
    ("a comment of nothing", (b"<!-- ", b" -->"), b"<!--  -->"),
]


@pytest.mark.parametrize("kind", [Segments, Fingerprints])
@pytest.mark.parametrize(("segments", "body", "ends"), [row[1:] for row in MATCHED], ids=[row[0] for row in MATCHED])
def test_matched(kind: type, segments: tuple[bytes, ...], body: bytes, ends: list[int]) -> None:
    pattern = Segments(segments, 9) if kind is Segments else Fingerprints(segments)
    for _ in range(4):
        layout = pattern.match(body)
        assert layout is not None
        assert list(layout.ends) == ends
    if isinstance(pattern, Fingerprints):
        layout = pattern.match(body)
        assert layout is not None
        assert pattern.cut(body, layout) == segments


@pytest.mark.parametrize("kind", [Segments, Fingerprints])
@pytest.mark.parametrize(("segments", "body"), [row[1:] for row in APART], ids=[row[0] for row in APART])
def test_apart(kind: type, segments: tuple[bytes, ...], body: bytes) -> None:
    pattern = Segments(segments, 9) if kind is Segments else Fingerprints(segments)
    assert pattern.match(body) is None
    assert pattern.match(body) is None


def test_gaps_that_change_their_length_from_body_to_body() -> None:
    pattern = Segments((b"<p>", LONG, b"</i>"), 9)
    for first in (1, 2, 9, 3, 3, 1, 9, 9):
        for second in (1, 5, 5):
            body = b"<p>" + b"x" * first + LONG + b"y" * second + b"</i>"
            layout = pattern.match(body)
            assert layout is not None
            assert list(layout.ends) == [0, 3 + first, 3 + first + len(LONG) + second]


def test_the_guess_of_a_short_segment_is_not_taken_for_its_place() -> None:
    pattern = Segments((b"<p>", b"</p>", b"<b>"), 9)
    assert pattern.match(b"<p>123</p>4<b>") is not None
    layout = pattern.match(b"<p>1</p>23<b>")
    assert layout is not None
    assert list(layout.ends) == [0, 4, 10]


@pytest.mark.parametrize("more", [0, 80], ids=["few gaps", "many gaps"])
def test_a_layout_is_kept_once_two_bodies_of_a_length_had_it(more: int) -> None:
    pattern = Segments((b"<p>", b"</p><b>", b"</b>", *[b"</i>"] * more), 9)
    rest = b"u</i>" * more
    first, second, third = (pattern.match(b"<p>%b</p><b>z</b>" % word + rest) for word in (b"ab", b"cd", b"ef"))
    assert first is not second
    assert second is third
    # Bodies as long, of another layout, are matched as well.
    other = pattern.match(b"<p>a</p><b>yz</b>" + rest)
    assert other is not None
    assert list(other.ends)[:3] == [0, 4, 13]
    assert pattern.match(b"<p>gh</p><b>z</b>" + rest) is second
    # What has that layout's length but not its content is none.
    assert pattern.match(b"<p>ab</p><i>z</b>" + rest) is None
    assert pattern.match(b"<p>ab</p><b>z</i>" + rest) is None
    assert pattern.match(b"<p> \n</p><b>z</b>" + rest) is None
    assert pattern.match(b"<p>a<</p><b>z</b>" + rest) is None


def test_few_layouts_are_kept() -> None:
    pattern = Segments((b"<p>", b"</p>"), 99)
    bodies = [b"<p>" + b"x" * n + b"</p>" for n in range(1, 12)]
    for body in bodies:
        pattern.match(body)
    assert len(pattern._seen) == 4
    for body in bodies:
        pattern.match(body)
        pattern.match(body)
    assert len(pattern._layouts) == 4
    assert pattern.match(bodies[-1]) is pattern.match(bodies[-1])
    assert pattern.match(bodies[0]) is not pattern.match(bodies[0])


def test_gaps_of_other_kinds_hold_what_may_stand_there() -> None:
    texts = Segments((b"<p>", b"</p>"), 9, "t")
    assert texts.match(b"<p>a &amp; b</p>") is not None
    assert texts.match(b"<p>a<b></p>") is None
    plain = Segments((b"<p>", b"</p>"), 9)
    assert plain.match(b"<p>a &amp; b</p>") is None
    values = Segments((b'<p title="', b'">'), 9, '"')
    assert values.match(b'<p title="it\'s">') is not None


def test_sizes() -> None:
    assert Segments((b"<p>", b"</p>"), 9).size == 7
    assert Fingerprints((b"<p>", b"</p>", b"x")).size == 51
