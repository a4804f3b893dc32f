"""Where the referrer and the cookies stand in a head's bytes behind its request line: cut out, and found again.

Invariant: what is left when both are cut out and the two values make up all of these bytes.
"""

COOKIE = (b"\r\nCookie: ", b"\r\ncookie: ")
REFERRER = (b"\r\nReferer: ", b"\r\nreferer: ")
"""As browsers write them, and as proxies do that speak HTTP/2 to browsers."""


def cut(lines: bytes, spellings: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """What stands in the last line of a name, and the lines without that: it is mostly nearer to their end."""
    for name in spellings:
        before, found, after = lines.rpartition(name)
        if found:
            value, end, rest = after.partition(b"\r\n")
            return value, b"".join((before, name, end, rest))
    return b"", lines


class Layout:
    """A block of fields with nothing in its Referer and Cookie lines, as `cut` leaves it."""

    __slots__ = ("_between", "_end", "_is_cookie_first", "_start")

    def __init__(self, block: bytes) -> None:
        referrer, cookie = _place(block, REFERRER), _place(block, COOKIE)
        first, second = (*sorted(place for place in (referrer, cookie) if place), len(block), len(block))[:2]
        self._start, self._between, self._end = block[:first], block[first:second], block[second:]
        self._is_cookie_first = cookie == first

    def values(self, data: bytes, at: int) -> tuple[bytes, bytes] | None:
        """The cookies and the referrer of a head whose bytes from `at` on are this block, but for these two; None if
        they are not, or the block has neither line.

        To compare costs less than to cut. That the values are one line each is not seen here: they may hold anything.
        """
        start, between, end = self._start, self._between, self._end
        begin, last = at + len(start), len(data) - len(end)
        if data[at:begin] != start or data[last:] != end:
            return None
        stop = data.find(b"\r\n", begin)
        behind = stop + len(between)
        if stop < 0 or behind > last or data[stop:behind] != between:
            return None
        first, second = data[begin:stop], data[behind:last]
        if second and not end:  # one of the two lines is all that the block has
            return None
        return (first, second) if self._is_cookie_first else (second, first)


def _place(block: bytes, spellings: tuple[bytes, bytes]) -> int:
    """Where the value stood that `cut` took out; 0 without such a line."""
    for name in spellings:
        at = block.rfind(name)
        if at >= 0:
            return at + len(name)
    return 0
