"""Flamenco sleeves: polka dots, fans, guitar roses, tiles, whitewashed arches."""

import math

from demo.shop.covers.sleeve import (
    BOLD,
    BOLD_ITALIC,
    ITALIC,
    ROMAN,
    SERIF,
    Brief,
    Motif,
    Palette,
    block,
    circle,
    group,
    legible_on,
    line,
    path,
    polygon,
    rect,
    ring,
    words,
)

PALETTES: tuple[Palette, ...] = (
    Palette("#b3121d", "#7c0a14", "#fff4e0", "#14090a", "#f3b23c"),
    Palette("#f6ead2", "#e2c48f", "#7c0a14", "#b3121d", "#1d2a44"),
    Palette("#14110f", "#3b0d12", "#f5e3c0", "#cf1f28", "#d99a2b"),
    Palette("#1e4f6f", "#0f3048", "#fdf3dd", "#e08e2f", "#c8322b"),
)


def dots(brief: Brief) -> str:
    """A dress's polka dots with a ruffled hem and a label in the middle."""
    colours = brief.palette
    out = [rect(0, 0, 300, 300, colours.ground)]
    out.extend(
        circle(column * 36 + (18 if row % 2 else 0), row * 30 + 6, 9.5, colours.ink)
        for row in range(10)
        for column in range(10)
    )
    for layer, y in enumerate((214, 242, 270)):
        hem = f"M-10 {y}" + "".join(f"q15 {16 if step % 2 else -6} 30 0" for step in range(11)) + "V320H-10Z"
        out.append(
            path(
                hem,
                (colours.accent, colours.second, colours.accent)[layer],
                f'stroke="{colours.ink}" stroke-width="2.5"',
            )
        )
    out.append(rect(34, 62, 232, 108, colours.accent, f'stroke="{colours.other}" stroke-width="3" rx="3"'))
    out.append(
        block(
            brief.title,
            150,
            108,
            34,
            legible_on(colours.accent),
            font=SERIF,
            longest=16,
            leading=1,
            anchor="middle",
            width=210,
            style=BOLD_ITALIC,
        )
    )
    out.append(words(brief.artist, 150, 158, 15, legible_on(colours.accent), font=SERIF, anchor="middle", width=210))
    return "".join(out)


def fan(brief: Brief) -> str:
    """An open fan."""
    colours = brief.palette
    x, y, blades = 150.0, 258.0, 15
    out = [
        rect(0, 0, 300, 300, colours.ground),
        rect(9, 9, 282, 282, "none", f'stroke="{colours.other}" stroke-width="1.5"'),
    ]
    for place in range(blades):
        start = math.pi + 0.16 + place * (math.pi - 0.32) / blades
        end = start + (math.pi - 0.32) / blades
        corners = [
            (x + radius * math.cos(angle), y + radius * math.sin(angle))
            for radius, angle in ((62, start), (152, start), (160, (start + end) / 2), (152, end), (62, end))
        ]
        out.append(
            polygon(
                corners, colours.accent if place % 2 else colours.second, f'stroke="{colours.other}" stroke-width="1"'
            )
        )
        middle = (start + end) / 2
        out.append(line(f"M{x} {y}L{x + 62 * math.cos(middle):.1f} {y + 62 * math.sin(middle):.1f}", colours.other, 5))
        out.append(circle(x + 122 * math.cos(middle), y + 122 * math.sin(middle), 6, colours.other))
        out.append(circle(x + 138 * math.cos(middle), y + 138 * math.sin(middle), 2.5, colours.ink))
    out.append(circle(x, y, 8, colours.ink))
    out.append(words(brief.title, 150, 52, 38, colours.ink, font=ROMAN, anchor="middle", width=262, style=BOLD_ITALIC))
    out.append(
        words(
            brief.artist.upper(),
            150,
            78,
            14,
            colours.ink,
            font=ROMAN,
            anchor="middle",
            style='letter-spacing="1.5"',
            width=220,
        )
    )
    return "".join(out)


def guitar(brief: Brief) -> str:
    """The rose of a guitar, close, with its strings."""
    colours = brief.palette
    wood = "#c98a45" if colours.ground != "#f6ead2" else "#d99b55"
    out = [rect(0, 0, 300, 300, wood)]
    out.extend(
        line(f"M0 {y}C90 {y - 7} 190 {y + 9} 300 {y - 2}", "#8f5826", 0.8, 'opacity=".5"') for y in range(6, 300, 9)
    )
    out.append(circle(150, 178, 98, "#5a2c12"))
    for radius, colour in ((94, "#f3dfb4"), (88, colours.accent), (80, "#f3dfb4"), (76, "#2a1208")):
        out.append(circle(150, 178, radius, colour))
    for place in range(36):
        angle = place * math.pi / 18
        out.append(
            circle(150 + 84 * math.cos(angle), 178 + 84 * math.sin(angle), 3, "#f3dfb4" if place % 2 else colours.other)
        )
    for place in range(6):
        x = 108 + place * 17
        out.append(line(f"M{x} 90V300", "#fdf3d8" if place > 2 else "#d9b36a", 1.2 + (5 - place) * 0.35))
    out.append(rect(0, 0, 300, 88, colours.ground))
    out.append(rect(0, 86, 300, 3, colours.other))
    out.append(words(brief.title, 150, 48, 38, colours.ink, font=SERIF, anchor="middle", style=BOLD))
    out.append(words(brief.artist, 150, 74, 17, colours.ink, font=SERIF, anchor="middle", style=ITALIC))
    return "".join(out)


def tiles(brief: Brief) -> str:
    """A wall of Sevillian tiles around a label."""
    colours = brief.palette
    one = (
        rect(0, 0, 60, 60, colours.ink)
        + path("M0 0Q30 12 60 0Q48 30 60 60Q30 48 0 60Q12 30 0 0Z", colours.second)
        + path("M30 6Q38 22 54 30Q38 38 30 54Q22 38 6 30Q22 22 30 6Z", colours.other)
        + circle(30, 30, 8, colours.accent)
        + "".join(
            path(f"M{x} {y}m-9 0a9 9 0 1 0 18 0a9 9 0 1 0-18 0", colours.accent)
            for x, y in ((0, 0), (60, 0), (0, 60), (60, 60))
        )
        + rect(0, 0, 60, 60, "none", f'stroke="{colours.ground}" stroke-width="1"')
    )
    wall = "".join(
        group(one, f'transform="translate({column * 60} {row * 60})"') for row in range(5) for column in range(5)
    )
    clip = '<defs><clipPath id="wall"><path d="M0 0h300v300H0z"/></clipPath></defs>'
    return (
        clip
        + group(wall, 'clip-path="url(#wall)"')
        + path(
            "M60 240V132Q60 60 150 60Q240 60 240 132V240Z", colours.ground, f'stroke="{colours.other}" stroke-width="5"'
        )
        + block(
            brief.title,
            150,
            138,
            31,
            colours.ink,
            font=SERIF,
            longest=10,
            leading=1,
            anchor="middle",
            width=156,
            style=BOLD_ITALIC,
        )
        + words(brief.artist, 150, 222, 14, colours.ink, font=SERIF, anchor="middle", width=160)
    )


def arches(brief: Brief) -> str:
    """A whitewashed village with an enormous moon."""
    colours, dice = brief.palette, brief.dice
    out = [
        rect(0, 0, 300, 300, colours.second),
        rect(0, 150, 300, 150, colours.ground, 'opacity=".6"'),
        circle(204, 104, 66, colours.other),
    ]
    out.append(ring(204, 104, 76, colours.other, 1.5, 'opacity=".6"'))
    x, walls = -12, ("#fdf6e6", "#f1e4c9", "#e4d3b0")
    place = 0
    while x < 300:
        width, top = dice.randint(42, 70), dice.randint(158, 214)
        out.append(rect(x, top, width, 300 - top, walls[place % 3]))
        out.append(polygon([(x - 4, top), (x + width + 4, top), (x + width - 3, top - 9), (x + 3, top - 9)], "#a8502c"))
        middle = x + width / 2
        out.append(
            path(
                f"M{middle - 9} {top + 56}V{top + 30}a9 9 0 0 1 18 0V{top + 56}Z",
                colours.accent if place % 2 else "#2b1a12",
            )
        )
        for pot in (-15, 13):
            out.append(circle(middle + pot, top + 62, 4, colours.accent))
            out.append(circle(middle + pot + 3, top + 59, 3, "#3f7a3a"))
        x += width + 2
        place += 1
    out.append(path("M0 300V276Q80 258 160 276T300 270V300Z", "#2b1a12"))
    out.append(
        block(
            brief.title, 18, 48, 36, legible_on(colours.second), font=ROMAN, longest=12, leading=0.95, style=BOLD_ITALIC
        )
    )
    out.append(words(brief.artist, 150, 294, 14, "#f5e3c0", font=SERIF, anchor="middle"))
    return "".join(out)


def rose(brief: Brief) -> str:
    """One rose."""
    colours = brief.palette
    petals = []
    for layer, (count, radius, size) in enumerate(((9, 58, 40), (7, 40, 32), (6, 24, 24), (4, 10, 15))):
        for place in range(count):
            angle = place * 2 * math.pi / count + layer * 0.5
            petals.append(
                circle(
                    150 + radius * math.cos(angle),
                    142 + radius * math.sin(angle),
                    size,
                    colours.accent if layer % 2 == 0 else colours.second,
                    f'stroke="{colours.ink}" stroke-width="1.3"',
                )
            )
    leaf = path("M0 0Q34-34 74-18Q54 22 0 0Z", "#2f5a34", f'stroke="{colours.ink}" stroke-width="1.2"')
    return (
        rect(0, 0, 300, 300, colours.ground)
        + rect(14, 14, 272, 272, "none", f'stroke="{colours.other}" stroke-width="4"')
        + rect(21, 21, 258, 258, "none", f'stroke="{colours.other}" stroke-width="1"')
        + group(leaf, 'transform="translate(196 190) rotate(18)"')
        + group(leaf, 'transform="translate(104 190) scale(-1 1) rotate(18)"')
        + "".join(petals)
        + path("M150 142m-6 0a6 6 0 1 1 6 6a11 11 0 1 1 11-11", "none", f'stroke="{colours.ink}" stroke-width="2"')
        + rect(14, 226, 272, 60, colours.other)
        + words(
            brief.title, 150, 254, 27, legible_on(colours.other), font=SERIF, anchor="middle", width=252, style=BOLD
        )
        + words(
            brief.artist, 150, 275, 14, legible_on(colours.other), font=SERIF, anchor="middle", width=250, style=ITALIC
        )
    )


MOTIFS: tuple[Motif, ...] = (dots, fan, guitar, tiles, arches, rose)
