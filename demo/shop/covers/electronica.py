"""Electronic sleeves: grids, waves, patch cables, pixels."""

import math

from demo.shop.covers.sleeve import (
    BOLD,
    BOLD_ITALIC,
    MONO,
    Brief,
    Motif,
    Palette,
    block,
    circle,
    fade,
    group,
    line,
    path,
    polygon,
    rect,
    ring,
    words,
)

PALETTES: tuple[Palette, ...] = (
    Palette("#1b0b3b", "#5a1a78", "#ffe8ff", "#ff3d9a", "#22d3ee"),
    Palette("#0a1518", "#0f3a3f", "#d8fff4", "#2ee6a8", "#f2ff5c"),
    Palette("#ece9e2", "#c9c4b8", "#18181a", "#ff4b1f", "#1f5bff"),
    Palette("#ff8a5c", "#ffb88a", "#2b1640", "#f4f06a", "#2bb3b0"),
)


def horizon(brief: Brief) -> str:
    """A grid that runs to a striped sun."""
    colours = brief.palette
    top = colours.ground if colours.ground != "#ece9e2" else "#18181a"
    slots = "".join(rect(60, 118 + place * 13, 180, 2 + place * 1.2, top) for place in range(5))
    grid = "".join(line(f"M150 186L{150 + place * 62} 310", colours.other, 1.3) for place in range(-9, 10))
    grid += "".join(line(f"M0 {186 + place * place * 2.6:.1f}H300", colours.other, 1.3) for place in range(8))
    palm = path(
        "M0 0C4-30 2-60-6-88C-26-96-40-88-48-74C-38-84-24-86-10-84C-26-78-34-66-36-52C-28-66-16-76-5-80C-4-66 0-58 6-52C4-66 2-74-1-82C12-82 22-76 30-64C28-80 16-92-2-90C6-60 8-30 6 0Z",
        "#0d0620",
    )
    return (
        fade("sun", colours.other if top == "#ff8a5c" else "#ffe14d", colours.accent)
        + fade("night", top, colours.second)
        + rect(0, 0, 300, 186, "url(#night)")
        + circle(150, 116, 74, "url(#sun)")
        + slots
        + rect(0, 186, 300, 114, "#0d0620")
        + grid
        + group(palm, 'transform="translate(52 196)"')
        + group(palm, 'transform="translate(258 200) scale(-1.2 1.2)"')
        + words(brief.title, 150, 276, 32, "#fff", anchor="middle", style=BOLD_ITALIC)
        + words(brief.artist.upper(), 150, 30, 15, "#fff", anchor="middle", style='letter-spacing="3"', width=210)
    )


def ridges(brief: Brief) -> str:
    """Lines that a signal has lifted."""
    colours, dice = brief.palette, brief.dice
    out = [rect(0, 0, 300, 300, colours.ground)]
    for row in range(21):
        base = 78 + row * 9
        centre, spread = 150 + dice.randint(-30, 30), dice.randint(26, 52)
        points = []
        for step in range(61):
            x = 40 + step * 3.667
            lift = (
                math.exp(-(((x - centre) / spread) ** 2)) * (26 + 14 * math.sin(step * 0.9 + row)) + dice.random() * 2
            )
            points.append(f"{x:.1f} {base - max(lift, 0):.1f}")
        out.append(
            path(
                "M" + "L".join(points),
                colours.ground,
                f'stroke="{colours.accent if row % 5 == 2 else colours.ink}" stroke-width="1.5"',
            )
        )
    out.append(words(brief.title, 40, 38, 24, colours.ink, width=222, style=BOLD))
    out.append(words(brief.artist, 40, 287, 13, colours.ink, font=MONO, width=222))
    return "".join(out)


def patch(brief: Brief) -> str:
    """A synthesiser's panel with hanging cables."""
    colours, dice = brief.palette, brief.dice
    panel = colours.second
    out = [rect(0, 0, 300, 300, colours.ground), rect(12, 12, 276, 206, panel, 'rx="5"')]
    jacks = []
    for row in range(4):
        for column in range(6):
            x, y = 38 + column * 45, 40 + row * 50
            if (row + column) % 3 == 0:
                angle = dice.uniform(-2.4, 2.4)
                out.append(
                    circle(x, y, 15, "#15141a")
                    + line(
                        f"M{x} {y}L{x + 12 * math.sin(angle):.1f} {y - 12 * math.cos(angle):.1f}",
                        colours.ink if colours.ink != "#18181a" else "#fff",
                        2.5,
                    )
                )
            else:
                out.append(circle(x, y, 9, "#d6d2c8") + circle(x, y, 5, "#15141a"))
                jacks.append((x, y))
    for start, end, ink in zip(
        dice.sample(jacks, 6), dice.sample(jacks, 6), (colours.accent, colours.other) * 3, strict=True
    ):
        droop = max(start[1], end[1]) + dice.randint(40, 90)
        out.append(line(f"M{start[0]} {start[1]}C{start[0]} {droop} {end[0]} {droop} {end[0]} {end[1]}", ink, 5))
    out.append(rect(0, 226, 300, 74, colours.ground))
    out.append(words(brief.title, 14, 262, 32, colours.ink, width=272, style=BOLD))
    out.append(words(brief.artist, 15, 285, 14, colours.accent, font=MONO, style=BOLD))
    return "".join(out)


def pixels(brief: Brief) -> str:
    """A robot's face or a plant out of big pixels, mirrored."""
    colours, dice = brief.palette, brief.dice
    out = [rect(0, 0, 300, 300, colours.ground)]
    inks = (colours.accent, colours.other, colours.ink)
    for row in range(9):
        for column in range(5):
            if dice.random() < 0.62:
                ink = inks[dice.randrange(3)]
                y = 58 + row * 20
                out.append(rect(130 - column * 20 + 10, y, 19, 19, ink))
                out.append(rect(150 + column * 20 - 10 + 20 - 20 + 10, y, 19, 19, ink))
    out.append(words(brief.title, 150, 38, 24, colours.ink, font=MONO, anchor="middle", style=BOLD))
    out.append(words(brief.artist, 150, 276, 18, colours.accent, font=MONO, anchor="middle", style=BOLD))
    return "".join(out)


def moire(brief: Brief) -> str:
    """Two sets of rings that disturb each other."""
    colours = brief.palette
    one = "".join(ring(112, 160, radius, colours.accent, 2.2) for radius in range(8, 210, 8))
    other = "".join(ring(196, 140, radius, colours.other, 2.2) for radius in range(8, 210, 8))
    return (
        rect(0, 0, 300, 300, colours.ground)
        + group(one, 'opacity=".9"')
        + group(other, 'opacity=".8"')
        + rect(0, 222, 300, 54, colours.ink)
        + words(brief.title, 16, 250, 25, colours.ground, style=BOLD)
        + words(brief.artist, 16, 268, 13, colours.ground, font=MONO)
    )


def beach(brief: Brief) -> str:
    """Flat shapes: sea, sun, a parasol."""
    colours = brief.palette
    slices = "".join(
        polygon(
            [
                (0, 0),
                (math.cos(start) * 66, math.sin(start) * 66),
                (math.cos(start + 0.4488) * 66, math.sin(start + 0.4488) * 66),
            ],
            "#fff" if place % 2 else colours.accent,
        )
        for place in range(14)
        for start in (place * 0.4488,)
    )
    sea = "#1b8fa8" if colours.ground != "#0a1518" else colours.second
    waves = "".join(
        line(f"M{-20 + place % 2 * 15} {150 + place * 13}" + "q8-7 15 0t15 0" * 11, "#fff", 1.8, 'opacity=".6"')
        for place in range(5)
    )
    return (
        rect(0, 0, 300, 300, colours.ground)
        + circle(226, 92, 40, colours.accent)
        + rect(0, 140, 300, 160, sea)
        + waves
        + path("M0 212Q90 190 180 222T310 216V310H0Z", "#f4dca6")
        + circle(100, 250, 66, "#000", 'opacity=".12" transform="translate(8 6)"')
        + group(slices, 'transform="translate(100 246)"')
        + block(brief.title, 16, 46, 36, colours.ink, longest=12, leading=0.95, width=190, style=BOLD)
        + words(brief.artist, 286, 288, 18, "#2b1640", anchor="end", width=110, style=BOLD)
    )


MOTIFS: tuple[Motif, ...] = (horizon, patch, ridges, moire, pixels, beach)
