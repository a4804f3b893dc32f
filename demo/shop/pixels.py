"""The theme's bitmaps, drawn pixel by pixel: gradients for tabs, headings and buttons, wood, the spacer GIF."""

import random
import struct
import zlib
from collections.abc import Callable
from itertools import pairwise

Colour = tuple[int, int, int]

SPACER_GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x01D\x00;"
)
"""The transparent pixel that holds tables apart."""


def png(width: int, height: int, pixel: Callable[[int, int], Colour]) -> bytes:
    """A true-colour PNG whose pixels a function gives."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            rows.extend(pixel(x, y))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(bytes(rows), 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _colour(code: str) -> Colour:
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def gradient(height: int, *stops: tuple[float, str]) -> bytes:
    """A strip one pixel wide through colour stops at 0 to 1; two stops at one place make an edge, the gloss of then."""
    places = [(place, _colour(code)) for place, code in stops]

    def pixel(_x: int, y: int) -> Colour:
        at = y / max(height - 1, 1)
        for (from_place, start), (to_place, end) in pairwise(places):
            if at <= to_place and to_place > from_place:
                share = max(at - from_place, 0.0) / (to_place - from_place)
                return (
                    round(start[0] + (end[0] - start[0]) * share),
                    round(start[1] + (end[1] - start[1]) * share),
                    round(start[2] + (end[2] - start[2]) * share),
                )
        return places[-1][1]

    return png(1, height, pixel)


def wood() -> bytes:
    """A tile of dark planks that repeats without a seam."""
    grain = random.Random(1987)
    width, height, planks = 120, 160, 3
    plank_width = width // planks
    tint = [grain.randint(-5, 5) for _ in range(planks)]
    streak = [grain.randint(-4, 4) for _ in range(width)]
    flecks = {(grain.randrange(width), grain.randrange(height)) for _ in range(260)}

    def pixel(x: int, y: int) -> Colour:
        shade = tint[x // plank_width] + streak[x]
        if any((x, (y - back) % height) in flecks for back in range(9)):
            shade -= 5
        if x % plank_width == 0:
            shade -= 18
        elif x % plank_width == 1:
            shade += 8
        return max(58 + shade, 0), max(32 + shade * 3 // 4, 0), max(20 + shade // 2, 0)

    return png(width, height, pixel)


PICTURES: dict[str, Callable[[], bytes]] = {
    "wood.png": wood,
    "heading.png": lambda: gradient(26, (0, "#a8423a"), (0.48, "#86262a"), (0.5, "#741b22"), (1, "#5e141c")),
    "tab.png": lambda: gradient(30, (0, "#6b4024"), (0.5, "#54301b"), (1, "#3f2213")),
    "tab_here.png": lambda: gradient(30, (0, "#fff9e8"), (1, "#f3e4bf")),
    "bar.png": lambda: gradient(38, (0, "#f3e4bf"), (1, "#e7d09b")),
    "button.png": lambda: gradient(24, (0, "#c9574a"), (0.48, "#a3302f"), (0.5, "#8f2228"), (1, "#7b1a22")),
    "button_plain.png": lambda: gradient(24, (0, "#ffffff"), (0.48, "#f2e6c9"), (0.5, "#e9d9b2"), (1, "#dfca98")),
    "ribbon.png": lambda: gradient(30, (0, "#f8ecd0"), (1, "#ecd7a8")),
}
"""The theme's bitmaps by file name, each drawn when first asked for."""
