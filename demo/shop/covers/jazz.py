"""Jazz sleeves: two inks, big type, cut paper, piano keys and smoke."""

import math

from demo.shop.covers.sleeve import (
    BOLD,
    BOLD_ITALIC,
    ITALIC,
    NARROW,
    SANS,
    SERIF,
    Brief,
    Motif,
    Palette,
    block,
    circle,
    group,
    line,
    path,
    polygon,
    rect,
    ring,
    words,
)

PALETTES: tuple[Palette, ...] = (
    Palette("#12305a", "#1f5a9a", "#f4efe2", "#f28a1e", "#0a1a33"),
    Palette("#f1e8d6", "#d8c9a8", "#16130f", "#c8371b", "#1d5c63"),
    Palette("#0f1113", "#2a2f36", "#f1e8d6", "#e3b341", "#2f7fa3"),
    Palette("#e8871e", "#c25a12", "#1a120b", "#14324f", "#f7e6c4"),
    Palette("#2f4a3c", "#1d3027", "#f3ead5", "#e8b04b", "#c9492f"),
)


def bars(brief: Brief) -> str:
    """Upright bars like a row of doors, type in the gap."""
    colours, dice = brief.palette, brief.dice
    out = [rect(0, 0, 300, 300, colours.ground)]
    for place in range(10):
        height = dice.randint(50, 165)
        out.append(
            rect(
                16 + place * 27.2,
                284 - height,
                21,
                height,
                (colours.accent, colours.second, colours.ink)[dice.randrange(3)],
            )
        )
    out.append(block(brief.title.lower(), 16, 50, 43, colours.ink, longest=13, leading=0.9, style=BOLD))
    out.append(words(brief.artist, 17, 127, 15, colours.accent, style=BOLD))
    return "".join(out)


def keys(brief: Brief) -> str:
    """Piano keys that bend away."""
    colours = brief.palette
    out = [rect(0, 0, 300, 300, colours.ground), circle(232, 76, 52, colours.accent)]
    white, black = [], []
    for place in range(15):
        top, low = 96 + place * 12, place * 34 - 110
        white.append(
            polygon(
                [(top, 168), (top + 12, 168), (low + 34, 300), (low, 300)],
                colours.ink,
                f'stroke="{colours.ground}" stroke-width="1.5"',
            )
        )
        if place % 7 not in (2, 6):
            black.append(
                polygon(
                    [
                        (top + 8, 168),
                        (top + 15, 168),
                        (low + 26 + (top - low) * 0.42 + 8, 240),
                        (low + 8 + (top - low) * 0.42 + 8, 240),
                    ],
                    colours.other,
                )
            )
    ground_is_light = colours.ground in ("#f1e8d6", "#e8871e")
    keyboard = "".join(white) + "".join(black)
    if ground_is_light:
        keyboard = keyboard.replace(f'fill="{colours.ink}"', 'fill="#fffaf0"')
    out.append(keyboard)
    out.append(rect(0, 160, 300, 9, colours.accent))
    out.append(block(brief.title, 18, 58, 38, colours.ink, font=SERIF, longest=13, leading=0.98, style=BOLD_ITALIC))
    out.append(
        words(
            brief.artist.upper(),
            18,
            148,
            15,
            colours.ink,
            font=NARROW,
            style='font-weight="bold" letter-spacing="1"',
            width=230,
        )
    )
    return "".join(out)


def trumpet(brief: Brief) -> str:
    """A trumpet cut out of paper."""
    colours = brief.palette
    horn = (
        path("M196 112C238 110 258 92 276 62V206C258 176 238 158 196 156Z", colours.accent)
        + rect(40, 124, 170, 18, colours.accent)
        + path(
            "M92 134H200A26 26 0 0 1 200 190H96A26 26 0 0 1 70 164",
            "none",
            f'stroke="{colours.accent}" stroke-width="13"',
        )
        + path("M30 122h14v22H30z", colours.accent)
        + "".join(
            rect(112 + place * 28, 92, 15, 112, colours.accent, 'rx="4"')
            + circle(119.5 + place * 28, 88, 8, colours.ink)
            for place in range(3)
        )
    )
    return (
        rect(0, 0, 300, 300, colours.ground)
        + polygon([(0, 60), (300, 0), (300, 190), (0, 250)], colours.second)
        + circle(74, 214, 58, colours.other)
        + group(horn, 'transform="rotate(-14 150 150) translate(0 6)"')
        + words(brief.title, 18, 46, 36, colours.ink, width=264, style=BOLD)
        + words(brief.artist, 284, 282, 18, colours.ink, font=SERIF, anchor="end", style=ITALIC)
    )


def circles(brief: Brief) -> str:
    """Arcs and quarters on a grid."""
    colours, dice = brief.palette, brief.dice
    inks = (colours.accent, colours.second, colours.other, colours.ink)
    out = [rect(0, 0, 300, 300, colours.ground)]
    for row in range(3):
        for column in range(4):
            x, y, ink = column * 75, 75 + row * 75, inks[dice.randrange(4)]
            match dice.randrange(5):
                case 0:
                    out.append(circle(x + 37.5, y + 37.5, 33, ink))
                case 1:
                    out.append(path(f"M{x} {y}h75a75 75 0 0 1-75 75Z", ink))
                case 2:
                    out.append(path(f"M{x + 75} {y + 75}h-75a75 75 0 0 1 75-75Z", ink))
                case 3:
                    out.append(ring(x + 37.5, y + 37.5, 26, ink, 12))
                case _:
                    out.append(polygon([(x, y + 75), (x + 37.5, y), (x + 75, y + 75)], ink))
    out.append(words(brief.title, 14, 42, 38, colours.ink, width=186, style=BOLD))
    out.append(block(brief.artist, 286, 26, 15, colours.ink, longest=10, leading=1.1, anchor="end", width=88))
    return "".join(out)


def smoke(brief: Brief) -> str:
    """A microphone and smoke in the light of a lamp."""
    colours, dice = brief.palette, brief.dice
    curls = []
    for _ in range(11):
        x, drift = dice.randint(110, 260), dice.randint(-44, 44)
        curls.append(
            line(
                f"M{x} 310C{x + drift} 240 {x - drift} 190 {x + drift // 2} 140S{x - drift} 40 {x + drift} -10",
                colours.ink,
                dice.choice((1, 1.5, 2.5)),
                'opacity=".28"',
            )
        )
    microphone = (
        rect(-5, 40, 10, 190, "#8d8578")
        + rect(-27, -46, 54, 92, "#d8d0c0", 'rx="27"')
        + "".join(rect(-27, y, 54, 3, "#57504a") for y in range(-30, 36, 9))
        + rect(-30, 4, 60, 9, colours.accent)
    )
    return (
        rect(0, 0, 300, 300, colours.ground)
        + path("M96 0H204L286 300H14Z", colours.second, 'opacity=".8"')
        + path("M126 0H174L222 300H78Z", colours.accent, 'opacity=".35"')
        + "".join(curls)
        + group(microphone, 'transform="translate(208 132) rotate(10)"')
        + block(
            brief.title,
            18,
            232,
            50,
            colours.ink,
            font=SERIF,
            longest=12,
            leading=0.95,
            width=250,
            style=BOLD_ITALIC,
            up=True,
        )
        + words(brief.artist, 20, 268, 18, colours.accent, font=SANS, style=BOLD)
    )


def bass(brief: Brief) -> str:
    """A double bass drawn with one long line."""
    colours = brief.palette
    right = "M0-58C26-58 38-40 32-20C28-8 28 2 38 18C56 50 40 92 0 92"
    body = right + "C-40 92-56 50-38 18C-28 2-28-8-32-20C-38-40-26-58 0-58Z"
    figure = (
        path(body, colours.accent)
        + line(body, colours.ink, 3)
        + rect(-5, -150, 10, 180, colours.ink)
        + path("M-8-150q8-22 16 0z", colours.ink)
        + "".join(line(f"M{x}-148V68", colours.ground, 0.9) for x in (-3, -1, 1, 3))
        + rect(-15, 50, 30, 6, colours.ink)
        + line("M-22 4c-8 10 6 18-2 30M22 4c8 10-6 18 2 30", colours.ink, 2.5)
        + line("M0 92V112", colours.ink, 4)
    )
    waves = "".join(ring(214, 196, radius, colours.second, 5) for radius in range(70, 260, 18))
    return (
        rect(0, 0, 300, 300, colours.ground)
        + waves
        + group(figure, 'transform="translate(214 176) rotate(12)"')
        + block(brief.title, 18, 60, 36, colours.ink, longest=11, leading=1, width=170, style=BOLD)
        + block(
            brief.artist,
            18,
            268,
            17,
            colours.ink,
            font=SERIF,
            longest=12,
            leading=1.1,
            width=140,
            style=ITALIC,
            up=True,
        )
        + rect(18, 280, math.floor(min(len(brief.artist) * 8, 120)), 5, colours.accent)
    )


MOTIFS: tuple[Motif, ...] = (bars, keys, circles, trumpet, smoke, bass)
