"""Remembered fields and cookies: the same heads as if each were parsed, never somebody else's, and forgotten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.framing.encode import encode_request_head
from proxy.framing.error import FramingError
from proxy.framing.head import RequestHead
from proxy.framing.limits import Limits
from proxy.framing.request import parse_request_head
from proxy.headers.cookie import without_cookies
from proxy.remembered import GENERATION_S
from proxy.request_fields import SentFields
from tests.unit.proxy.asking import BLOCK, as_it_came, kept, read, reader, whole

LINES = [
    b"GET / HTTP/1.1",
    b"GET /a.png?x=1 HTTP/1.1",
    b"HEAD /a HTTP/1.1",
    b"POST /form HTTP/1.1",
    b"BREW /pot HTTP/1.1",
    b"GET /\xc3\xa9 HTTP/1.1",
    b"GET http://other.example/x HTTP/1.1",
    b"OPTIONS * HTTP/1.1",
    b"GET / HTTP/1.0",
    b"\r\nGET / HTTP/1.1",
    b"GET /x HTTP/1.1\r\nGET / HTTP/1.1",
    b"GET / HTTP/1.2",
    b"GET / HTTP/2.0",
    b"GET /a b HTTP/1.1",
    b"GET /a\tb HTTP/1.1",
    b"GET /a\x00b HTTP/1.1",
    b"GET /a\nb HTTP/1.1",
    b"GET  / HTTP/1.1",
    b"GET a HTTP/1.1",
    b"G@T / HTTP/1.1",
    b"CONNECT / HTTP/1.1",
    b"GET /" + b"x" * 20_000 + b" HTTP/1.1",
    b"",
]
BLOCKS = [
    BLOCK,
    b"Host: shop.example\r\nConnection: close\r\n\r\n",
    b"Host: shop.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    b"Host: shop.example\r\nContent-Length: 3\r\n\r\n",
    b"Host: shop.example\r\nContent-Length: 0\r\n\r\n",
    b"Host: shop.example\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"Host: shop.example\r\nExpect: 100-continue\r\n\r\n",
    b"Host: \r\n\r\n",
    b"\r\n",
    b"Host: a b\r\n\r\n",
    BLOCK.replace(b"a=1", b"b=2; c=3"),
    BLOCK.replace(b"a=1", b" \tb=2 "),
    BLOCK.replace(b"a=1", b""),
    BLOCK.replace(b"a=1", b"a\x00"),
    BLOCK.replace(b"a=1", b"a\nX: 1"),
    BLOCK.replace(b"a=1", b"a=1\r\n folded"),
    BLOCK.replace(b"Cookie", b"cookie"),
    BLOCK.replace(b"Cookie", b"COOKIE"),
    BLOCK.replace(b"Cookie: ", b"Cookie:"),
    BLOCK.replace(b"Cookie: a=1", b"Cookie: a=1\r\nCookie: b=2"),
    BLOCK.replace(b"Cookie: a=1", b"Cookie: a=1\r\nCookie: b=3"),
    b"Cookie: a=1\r\nHost: shop.example\r\n\r\n",
]


def parsed(data: bytes) -> RequestHead | tuple[int, str]:
    try:
        return parse_request_head(data)
    except FramingError as error:
        return error.status, error.reason


@given(st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(BLOCKS)), max_size=12))
def test_a_repeated_head_is_read_as_a_new_one(asked: list[tuple[bytes, bytes]]) -> None:
    repeated, _ = reader()
    for line, block in asked:
        data = line + b"\r\n" + block
        try:
            found: RequestHead | tuple[int, str] = as_it_came(repeated.read(data, b"1.2.3.4", b"http", False))
        except FramingError as error:
            found = error.status, error.reason
        assert found == parsed(data)


@given(st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(BLOCKS)), max_size=12))
def test_nothing_is_known_of_a_head_that_is_refused(asked: list[tuple[bytes, bytes]]) -> None:
    repeated, _ = reader()
    for line, block in [*asked * 3, *((LINES[0], block) for block in BLOCKS)]:
        data = line + b"\r\n" + block
        found = repeated.repeated(data, b"1.2.3.4", b"http")
        head = parsed(data)
        if found is not None:
            assert as_it_came(found) == head
            assert found[2].raw == head.index.get(b"cookie", b"")
        if isinstance(head, RequestHead):
            repeated.read(data, b"1.2.3.4", b"http", False)


def test_known_where_the_fields_came_before() -> None:
    repeated, _ = reader()
    kept(repeated)
    other = BLOCK.replace(b"a=1", b"b=2; c=3")
    assert repeated.repeated(b"HEAD /other HTTP/1.1\r\n" + other, b"1.2.3.4", b"http") is not None
    assert repeated.repeated(b"HEAD /other HTTP/1.1\r\n" + other, b"1.2.3.4", b"https") is None
    for block in (other[:-2], other + b"G", other.replace(b"c", b"\x00"), other.replace(b"c", b"c\r\nX: ")):
        assert repeated.repeated(b"HEAD /other HTTP/1.1\r\n" + block, b"1.2.3.4", b"http") is None


@given(st.lists(st.sampled_from(BLOCKS), max_size=12))
def test_cookies_are_those_of_the_request(blocks: list[bytes]) -> None:
    repeated, _ = reader()
    for block in blocks:
        head = parsed(b"GET / HTTP/1.1\r\n" + block)
        if isinstance(head, RequestHead):
            _, fields, cookies, _ = whole(repeated, block)
            assert cookies.raw == b"; ".join(head.get_all(b"cookie"))
            assert all(value == b"" for name, value in fields.head.headers if name.lower() == b"cookie")


def test_what_repeats_is_shared() -> None:
    repeated, _ = reader()
    fields = kept(repeated)
    assert read(repeated, b"GET /other HTTP/1.1") is fields


def test_browsers_of_one_make_share_all_but_their_cookies() -> None:
    repeated, _ = reader()
    mine, theirs = BLOCK, BLOCK.replace(b"a=1", b"a=2")
    fields = kept(repeated)
    for _ in range(3):
        (_, my_fields, my_cookies, _), (_, their_fields, their_cookies, _) = (
            whole(repeated, mine),
            whole(repeated, theirs),
        )
        assert my_fields is their_fields is fields
        assert (my_cookies.text, their_cookies.text) == ("a=1", "a=2")
    assert whole(repeated, mine)[2] is my_cookies


@pytest.mark.parametrize(
    ("block", "peer"),
    [(BLOCK.replace(b"x\r", b"y\r"), b"1.2.3.4"), (BLOCK, b"::1")],
    ids=["another browser", "another peer"],
)
def test_nobody_is_taken_for_somebody_else(block: bytes, peer: bytes) -> None:
    repeated, _ = reader()
    for _ in range(4):
        fields, cookies = whole(repeated, BLOCK)[1:3]
    for _ in range(4):
        assert whole(repeated, block, peer)[1] is not fields
    assert whole(repeated, BLOCK)[1:3] == (fields, cookies)


SAME_VISITOR = [b"Accept: image/*", b"Sec-Fetch-Dest: script", b"Referer: https://shop.example/a", b"DNT: 0"]
OTHER_ASKING = [
    b"Accept: text/html",
    b"Sec-Fetch-Dest: document",
    b"Sec-Purpose: prefetch",
    b"Sec-GPC: 1",
    b"DNT: 1",
    b"Cookie: b=2",
    b"User-Agent: a bot",
]


@pytest.mark.parametrize("line", [*SAME_VISITOR, *OTHER_ASKING])
def test_cookies_are_shared_by_all_that_tells_the_same_visitor(line: bytes) -> None:
    repeated, _ = reader()
    cookies = whole(repeated, BLOCK)[2]
    for _ in range(3):  # read whole, then remembered
        other = whole(repeated, line + b"\r\n" + BLOCK)[2]
        assert (other is cookies) is (line in SAME_VISITOR)
    assert whole(repeated, BLOCK)[2] is cookies


@pytest.mark.parametrize("block", BLOCKS[2:7], ids=["upgrade", "body", "empty body", "chunked", "expect"])
def test_what_is_no_ordinary_request_is_read_anew(block: bytes) -> None:
    repeated, _ = reader()
    assert read(repeated, b"GET / HTTP/1.1", block) is not read(repeated, b"GET / HTTP/1.1", block)


@pytest.mark.parametrize("between", ["=1", "=1\r\nCookie: b=2"], ids=["one", "two"])
def test_several_cookie_lines_are_never_split(between: str) -> None:
    repeated, _ = reader()
    block = BLOCK.replace(b"=1", between.encode())
    assert kept(repeated, block=block).is_split is (between == "=1")


def test_forgotten_within_two_generations() -> None:
    repeated, clock = reader()
    fields = kept(repeated)
    for _ in range(2):
        clock.now += GENERATION_S
        repeated.sweep(clock.now)
    assert read(repeated, b"GET / HTTP/1.1") is not fields


def test_forgets_all() -> None:
    repeated, _ = reader()
    fields = kept(repeated)
    repeated.forget()
    assert read(repeated, b"GET / HTTP/1.1") is not fields


def test_limits_hold_for_repeated_heads() -> None:
    repeated, _ = reader(Limits(target_bytes=10))
    read(repeated, b"GET / HTTP/1.1")
    with pytest.raises(FramingError, match="414"):
        read(repeated, b"GET /01234567890 HTTP/1.1")


PLAIN = st.sampled_from([b"Host: shop.example", b"Accept: */*", b"Connection: close", b"X-Of-No-Use: Cookie: a"])
BLANK = st.sampled_from([b"", b" ", b"  ", b"\t"])
VALUE = st.sampled_from(
    [b"", b"a=1", b"b=2; vitrina=x", b"vitrina=x", b"http://shop.example/a?b=1", b"a\x00", b"a\r\n b"]
)


def lines_of(*names: bytes) -> st.SearchStrategy[list[bytes]]:
    return st.lists(st.builds(lambda *parts: b"".join(parts), st.sampled_from(names), BLANK, VALUE, BLANK), max_size=2)


HEADS = st.builds(
    lambda plain, referrers, cookies: [b"Host: shop.example", *plain, *referrers, *cookies],
    st.lists(PLAIN.filter(lambda line: not line.startswith(b"Host")), max_size=2),
    lines_of(b"Referer:", b"referer:", b"REFERER:", b"Referer :"),
    lines_of(b"Cookie:", b"cookie:", b"cOOkie:"),
).flatmap(st.permutations)


@given(st.lists(HEADS, min_size=1, max_size=4))
def test_every_head_is_read_and_sent_as_the_strict_parser_says(heads: list[list[bytes]]) -> None:
    repeated, _ = reader()
    ours = (b"vitrina",)
    for lines in heads * 3:  # met, kept, known
        data = b"\r\n".join((b"GET / HTTP/1.1", *lines, b"", b""))
        strict = parsed(data)
        if not isinstance(strict, RequestHead):
            assert repeated.repeated(data, b"1.2.3.4", b"http") is None
            continue
        asked = repeated.read(data, b"1.2.3.4", b"http", False)
        assert as_it_came(asked) == strict
        _, fields, cookies, referrer = asked
        assert cookies.raw == b"; ".join(strict.get_all(b"cookie"))
        assert referrer.raw == strict.index.get(b"referer", b"")
        if fields.is_split:
            marked, referrer_line, cookie_line = fields.marked()
            sent = SentFields([*marked.headers, (b"Via", b"us")], referrer_line, cookie_line)
            passed = without_cookies(cookies.raw, ours)
            left = [(name, passed if name.lower() == b"cookie" else value) for name, value in strict.headers]
            left = [(name, value) for name, value in left if value or name.lower() != b"cookie"]
            expected = encode_request_head(b"GET", b"/", [*left, (b"Via", b"us")])
            assert sent.head(b"GET", b"/", referrer.raw, passed) == expected


@st.composite
def alike(draw: st.DrawFn) -> tuple[list[bytes], list[bytes]]:
    """Two heads, mostly with the same fields but for what stands in their Referer and Cookie lines."""
    apart = (draw(st.sampled_from([b"Referer: ", b"referer: "])), draw(st.sampled_from([b"Cookie: ", b"cookie: "])))
    named = draw(st.lists(st.sampled_from(apart), unique=True, min_size=1))
    lines = draw(st.permutations([b"Host: shop.example", b"Accept: */*", *named]))
    heads = [[line + draw(BLANK) + draw(VALUE) if line in apart else line for line in lines] for _ in range(2)]
    changes = [(b"*/*", b"*/*"), (b"*/*", b"*/x"), (b"example", b"exampla"), (b"Accept", b"X: 1\r\nAccept")]
    old, new = draw(st.sampled_from(changes))
    return heads[0], [line.replace(old, new) for line in heads[1]]


@given(alike())
def test_fields_of_the_request_before_are_taken_where_they_are_the_same(heads: tuple[list[bytes], list[bytes]]) -> None:
    before, data = (b"\r\n".join((b"GET / HTTP/1.1", *lines, b"", b"")) for lines in heads)
    if not isinstance(parsed(before), RequestHead):
        return
    fields = reader()[0].read(before, b"1.2.3.4", b"http", False)[1]
    for bytes_read in (data, data[:-1], data + b"x", data.replace(b"\r\n\r\n", b"\r\n\r\nX: y\r\n\r\n")):
        found = reader()[0].repeated(bytes_read, b"1.2.3.4", b"http", fields)  # it has nothing else to tell them by
        if found is not None:
            assert as_it_came(found) == parsed(bytes_read)
            assert found[1] is fields


@pytest.mark.parametrize(
    ("before", "lines"),
    [
        (b"Host: a\r\nReferer: b\r\nCookie: c", b"Host: a\r\nReferer: \r\nCookie: f=g"),
        (
            b"Host: a\r\nCookie: c\r\nX: y\r\nReferer: b\r\nZ: z",
            b"Host: a\r\nCookie: f=g\r\nX: y\r\nReferer: d\r\nZ: z",
        ),
        (b"Host: a\r\ncookie: c", b"Host: a\r\ncookie: f=g"),
        (b"Referer: b\r\nHost: a", b"Referer: d\r\nHost: a"),
    ],
    ids=["both", "turned", "cookies alone", "a referrer alone"],
)
def test_the_fields_of_the_request_before_need_no_memory(before: bytes, lines: bytes) -> None:
    repeated, (empty, _) = reader()[0], reader()
    fields = kept(repeated, block=before + b"\r\n\r\n")
    data = b"HEAD /b HTTP/1.1\r\n" + lines + b"\r\n\r\n"
    found = empty.repeated(data, b"1.2.3.4", b"http", fields)
    assert found is not None
    assert as_it_came(found) == parsed(data)
    assert empty.repeated(data, b"1.2.3.4", b"http") is None


def test_what_stands_behind_an_empty_line_does_not_become_a_field() -> None:
    repeated, _ = reader()
    for _ in range(3):
        repeated.read(b"\r\nGET / HTTP/1.1\r\n" + BLOCK, b"1.2.3.4", b"http", False)
    with pytest.raises(FramingError, match="field line without colon"):
        repeated.read(b"GET /x HTTP/1.1\r\nGET / HTTP/1.1\r\n" + BLOCK, b"1.2.3.4", b"http", False)


def test_what_is_remembered_of_who_asks_is_short() -> None:
    block = b"Host: shop.example\r\nUser-Agent: " + b"x" * 60_000 + b"\r\n\r\n"
    fields = read(reader()[0], b"GET / HTTP/1.1", block, b"8.8.8.8")
    assert fields.asker is not None
    assert sum(map(len, fields.asker)) < 1100
