"""What motifs draw with: shapes as strings, lettering that fits, and the brief that a motif gets.

Coordinates run from 0 to 300.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

SANS = "'Century Gothic','Avenir Next','DejaVu Sans',Verdana,sans-serif"
NARROW = "'Arial Narrow','Liberation Sans Narrow','DejaVu Sans Condensed',sans-serif"
SERIF = "Georgia,'DejaVu Serif',serif"
ROMAN = "'Times New Roman','Liberation Serif',serif"
MONO = "'Courier New','Liberation Mono','DejaVu Sans Mono',monospace"

_WIDTHS = {SANS: 0.68, NARROW: 0.47, SERIF: 0.66, ROMAN: 0.5, MONO: 0.61}


@dataclass(frozen=True, slots=True)
class Palette:
    """Five colours: ground, second ground, ink (lettering), and two accents."""

    ground: str
    second: str
    ink: str
    accent: str
    other: str


@dataclass(frozen=True, slots=True)
class Brief:
    """What a motif is asked to draw."""

    title: str
    artist: str
    palette: Palette
    dice: random.Random


Motif = Callable[[Brief], str]


def legible_on(ground: str) -> str:
    """Lettering for a ground: near black on light colours, cream on dark ones."""
    red, green, blue = (int(ground[place : place + 2], 16) for place in (1, 3, 5))
    return "#1a1210" if red * 0.299 + green * 0.587 + blue * 0.114 > 120 else "#fff4dc"


def number(value: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def rect(x: float, y: float, width: float, height: float, fill: str, extra: str = "") -> str:
    """A rectangle."""
    place = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    return f'<rect {place} fill="{fill}" {extra}/>'


def circle(x: float, y: float, radius: float, fill: str, extra: str = "") -> str:
    """A disc."""
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{fill}" {extra}/>'


def ring(x: float, y: float, radius: float, stroke: str, width: float, extra: str = "") -> str:
    """A circle's line."""
    return circle(x, y, radius, "none", f'stroke="{stroke}" stroke-width="{number(width)}" {extra}')


def path(d: str, fill: str, extra: str = "") -> str:
    """A path."""
    return f'<path d="{d}" fill="{fill}" {extra}/>'


def line(d: str, stroke: str, width: float, extra: str = "") -> str:
    """A stroked path with round ends."""
    return (
        f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{number(width)}" stroke-linecap="round"'
        f' stroke-linejoin="round" {extra}/>'
    )


def polygon(points: list[tuple[float, float]], fill: str, extra: str = "") -> str:
    """A filled polygon."""
    return f'<polygon points="{" ".join(f"{number(x)},{number(y)}" for x, y in points)}" fill="{fill}" {extra}/>'


def group(body: str, extra: str) -> str:
    """Shapes under one transform or style."""
    return f"<g {extra}>{body}</g>"


def fade(name: str, top: str, bottom: str, *, middle: str | None = None) -> str:
    """A vertical gradient to fill with as `url(#name)`."""
    stops = [top, middle, bottom] if middle else [top, bottom]
    inner = "".join(
        f'<stop offset="{number(place / (len(stops) - 1))}" stop-color="{stop}"/>' for place, stop in enumerate(stops)
    )
    return f'<defs><linearGradient id="{name}" x1="0" y1="0" x2="0" y2="1">{inner}</linearGradient></defs>'


def rays(x: float, y: float, count: int, fill: str, *, turn: float = 0.0, reach: float = 430.0) -> str:
    """Every second of `2 * count` wedges around a point: a sunburst."""
    step = math.pi / count
    out = []
    for place in range(count):
        start = turn + 2 * place * step
        out.append(
            f"M{number(x)} {number(y)}L{number(x + reach * math.cos(start))} {number(y + reach * math.sin(start))}"
            f"L{number(x + reach * math.cos(start + step))} {number(y + reach * math.sin(start + step))}Z"
        )
    return path("".join(out), fill)


def star(x: float, y: float, points: int, outer: float, inner: float, fill: str, *, turn: float = -math.pi / 2) -> str:
    """A star."""
    corners = []
    for place in range(points * 2):
        radius = inner if place % 2 else outer
        angle = turn + place * math.pi / points
        corners.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
    return polygon(corners, fill)


def halftone(
    x: float, y: float, width: float, height: float, fill: str, *, step: float = 10.0, most: float = 4.6
) -> str:
    """Printer's dots that grow downwards."""
    out: list[str] = []
    rows = int(height / step)
    for row in range(rows):
        radius = most * (row + 1) / rows
        shift = step / 2 if row % 2 else 0.0
        out.extend(
            circle(x + shift + column * step, y + row * step + step / 2, radius, fill)
            for column in range(int(width / step) + 1)
        )
    return "".join(out)


def words(
    text: str,
    x: float,
    y: float,
    size: float,
    fill: str,
    *,
    font: str = SANS,
    width: float = 268.0,
    anchor: str = "start",
    style: str = "",
) -> str:
    """One line of lettering with its baseline at `y`, made smaller until it is at most `width` wide."""
    estimate = max(len(text), 1) * size * _WIDTHS[font] * (1.16 if text.isupper() else 1.0)
    squeeze = ""
    if estimate > width:
        size = max(size * width / estimate, 8.0)
        if len(text) * size * _WIDTHS[font] > width:
            squeeze = f'textLength="{number(width)}" lengthAdjust="spacingAndGlyphs" '
    return (
        f'<text x="{number(x)}" y="{number(y)}" font-family="{font}" font-size="{number(size)}" fill="{fill}"'
        f' text-anchor="{anchor}" {squeeze}{style}>{escape(text)}</text>'
    )


def wrap(text: str, longest: int) -> list[str]:
    """The text in lines of at most `longest` characters where its words allow it."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= longest:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines or [text]


def block(
    text: str,
    x: float,
    y: float,
    size: float,
    fill: str,
    *,
    longest: int = 12,
    leading: float = 0.95,
    font: str = SANS,
    width: float = 268.0,
    anchor: str = "start",
    style: str = "",
    up: bool = False,
) -> str:
    """Lettering on several lines; `y` is the first baseline, or the last one with `up`."""
    lines = wrap(text, longest)
    estimate = max(len(part) for part in lines) * size * _WIDTHS[font] * (1.16 if text.isupper() else 1.0)
    if estimate > width:
        size *= width / estimate
    top = y - (len(lines) - 1) * size * leading if up else y
    return "".join(
        words(part, x, top + place * size * leading, size, fill, font=font, width=width, anchor=anchor, style=style)
        for place, part in enumerate(lines)
    )


BOLD = 'font-weight="bold"'
ITALIC = 'font-style="italic"'
BOLD_ITALIC = 'font-weight="bold" font-style="italic"'
