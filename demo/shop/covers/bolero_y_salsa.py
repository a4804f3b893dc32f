"""Bolero and salsa sleeves: palms, congas, hearts, house fronts on the sea wall."""

import math

from demo.shop.covers.sleeve import (
    BOLD,
    BOLD_ITALIC,
    ITALIC,
    NARROW,
    ROMAN,
    SERIF,
    Brief,
    Motif,
    Palette,
    block,
    circle,
    fade,
    group,
    legible_on,
    line,
    path,
    polygon,
    rays,
    rect,
    ring,
    words,
)

PALETTES: tuple[Palette, ...] = (
    Palette("#0f6e6e", "#0a4a52", "#fff2cf", "#ff7a3d", "#ffd04a"),
    Palette("#f7a72c", "#e5562b", "#4a1230", "#b3124a", "#fff1cc"),
    Palette("#6d1236", "#430a26", "#ffe3c7", "#f2617a", "#f5b942"),
    Palette("#f9e3c4", "#f3bd8b", "#7a1f3d", "#e0475b", "#1f8a8a"),
)


def palms(brief: Brief) -> str:
    """Palms before the evening sea."""
    colours, dice = brief.palette, brief.dice

    def palm(x: float, y: float, size: float, lean: float) -> str:
        top_x, top_y = x + lean, y - size
        trunk = line(f"M{x} {y}Q{x + lean * 0.2:.0f} {y - size * 0.6:.0f} {top_x:.0f} {top_y:.0f}", "#24101c", 5)
        leaves = ""
        for place in range(8):
            angle = math.pi + place * math.pi / 7
            end_x, end_y = top_x + 44 * math.cos(angle), top_y + 22 * math.sin(angle) + 14
            leaves += path(
                f"M{top_x:.0f} {top_y:.0f}Q{top_x + 26 * math.cos(angle):.0f} {top_y - 22:.0f} {end_x:.0f} {end_y:.0f}Q{top_x + 18 * math.cos(angle):.0f} {top_y - 8:.0f} {top_x:.0f} {top_y:.0f}",
                "#24101c",
            )
        return trunk + leaves

    glints = "".join(
        rect(150 - width / 2, 204 + place * 8, width, 3, colours.other)
        for place, width in enumerate(dice.sample(range(30, 130), 8))
    )
    return (
        fade("evening", colours.second, colours.other, middle=colours.accent)
        + rect(0, 0, 300, 200, "url(#evening)")
        + circle(150, 172, 58, "#fff1cc")
        + rect(0, 198, 300, 102, colours.second)
        + glints
        + path("M0 300V268Q70 244 130 274T300 262V300Z", "#24101c")
        + palm(48, 276, 130, 22)
        + palm(256, 278, 150, -30)
        + palm(226, 280, 92, 14)
        + words(brief.title, 150, 50, 38, "#fff6dd", font=ROMAN, anchor="middle", style=BOLD_ITALIC)
        + words(brief.artist, 150, 292, 16, "#fff6dd", font=SERIF, anchor="middle", style=ITALIC)
    )


def congas(brief: Brief) -> str:
    """Two congas and a burst."""
    colours = brief.palette

    def conga(x: float, wide: float, skin: str) -> str:
        return (
            path(
                f"M{x - wide} 140C{x - wide - 14} 190 {x - wide * 0.8} 240 {x - wide * 0.6} 276H{x + wide * 0.6}C{x + wide * 0.8} 240 {x + wide + 14} 190 {x + wide} 140Z",
                skin,
            )
            + "".join(
                line(
                    f"M{x + part * wide} 150C{x + part * (wide + 14)} 196 {x + part * wide * 0.8} 240 {x + part * wide * 0.6} 274",
                    colours.second,
                    2,
                )
                for part in (-0.6, -0.2, 0.2, 0.6)
            )
            + f'<ellipse cx="{x}" cy="140" rx="{wide}" ry="15" fill="#fff1d8" stroke="#3a1a12" stroke-width="4"/>'
            + rect(x - wide - 3, 158, wide * 2 + 6, 6, "#3a1a12")
            + rect(x - wide * 0.6, 270, wide * 1.2, 7, "#3a1a12")
        )

    return (
        rect(0, 0, 300, 300, colours.ground)
        + rays(150, 150, 16, colours.second)
        + conga(104, 42, colours.accent)
        + conga(198, 36, colours.other if colours.other != "#fff1cc" else "#1f8a8a")
        + rect(0, 0, 300, 78, colours.ink if colours.ink.startswith(("#4", "#7")) else colours.second)
        + words(brief.title.upper(), 150, 44, 32, "#fff2cf", font=NARROW, anchor="middle", style=BOLD)
        + words(brief.artist, 150, 67, 17, "#ffd04a", font=SERIF, anchor="middle", style=BOLD_ITALIC)
    )


def heart(brief: Brief) -> str:
    """A heart in deco lines."""
    colours = brief.palette
    shape = "M150 250C70 190 52 150 60 118C68 84 112 76 150 116C188 76 232 84 240 118C248 150 230 190 150 250Z"
    nested = "".join(
        group(path(shape, ink), f'transform="translate({150 * (1 - size):.1f} {165 * (1 - size):.1f}) scale({size})"')
        for size, ink in (
            (1.0, colours.accent),
            (0.84, colours.ground),
            (0.72, colours.other),
            (0.54, colours.accent),
            (0.3, colours.ink),
        )
    )
    fans = "".join(
        ring(x, 300, radius, colours.other, 2, 'opacity=".7"') for x in (0, 300) for radius in range(16, 96, 13)
    )
    return (
        rect(0, 0, 300, 300, colours.ground)
        + rays(150, 165, 26, colours.second, turn=0.06)
        + fans
        + nested
        + rect(10, 10, 280, 280, "none", f'stroke="{colours.other}" stroke-width="2"')
        + words(brief.title, 150, 50, 31, colours.ink, font=SERIF, anchor="middle", width=256, style=BOLD_ITALIC)
        + words(brief.artist, 150, 76, 16, colours.ink, font=SERIF, anchor="middle", width=250)
    )


def fronts(brief: Brief) -> str:
    """A row of house fronts on the sea wall."""
    colours, dice = brief.palette, brief.dice
    paint = ["#f2a0a8", "#8fd0c4", "#f7d36b", "#f3ead2", "#9fb8e0", "#f08a5c"]
    dice.shuffle(paint)
    out = [rect(0, 0, 300, 300, colours.ground), circle(52, 108, 24, "#fff6d8")]
    for place in range(5):
        x, top = place * 60, dice.randint(106, 140)
        out.append(rect(x, top, 60, 170 - top + 90, paint[place]))
        out.append(rect(x - 1, top - 7, 62, 8, "#fff6e6"))
        for row in range(2):
            for column in range(2):
                left, high = x + 10 + column * 24, top + 14 + row * 50
                out.append(
                    path(
                        f"M{left} {high + 34}V{high + 8}a8 8 0 0 1 16 0V{high + 34}Z",
                        colours.ink if colours.ink.startswith(("#4", "#7")) else "#24505c",
                    )
                )
                out.append(line(f"M{left + 8} {high + 2}V{high + 34}", "#fff6e6", 1.2))
                out.append(rect(left - 3, high + 34, 22, 3, "#fff6e6"))
    out.append(rect(0, 246, 300, 20, "#d8c7a2"))
    out.append(rect(0, 266, 300, 34, colours.second))
    out.append(words(brief.title, 150, 48, 36, colours.ink, font=SERIF, anchor="middle", style=BOLD_ITALIC))
    out.append(words(brief.artist, 150, 74, 17, colours.ink, font=SERIF, anchor="middle"))
    out.append(line("M0 288" + "q8-8 15 0t15 0" * 10, "#fff6e6", 2))
    return "".join(out)


def flower(brief: Brief) -> str:
    """A big tropical flower."""
    colours = brief.palette
    petal = path(
        "M0 0C-54-30-50-96 0-118C50-96 54-30 0 0Z", colours.accent, f'stroke="{colours.ink}" stroke-width="1.5"'
    )
    vein = line("M0-10C-4-50 4-80 0-108M0-40L-22-76M0-40L22-76", colours.second, 2)
    petals = "".join(
        group(petal + vein, f'transform="translate(168 172) rotate({turn})"') for turn in range(0, 360, 72)
    )
    leaf = path(
        "M0 0C40-60 110-60 150-10C100 20 40 30 0 0Z", colours.other if colours.other != "#fff1cc" else "#1f8a8a"
    )
    stamen = line("M168 172C186 150 206 142 232 110", colours.other, 7) + "".join(
        circle(214 + place * 7, 126 - place * 7, 4.5, "#ffd04a") for place in range(4)
    )
    return (
        rect(0, 0, 300, 300, colours.ground)
        + group(leaf, 'transform="translate(120 220) rotate(30)"')
        + group(leaf, 'transform="translate(170 190) rotate(205)"')
        + group(leaf, 'transform="translate(180 160) rotate(-62)"')
        + petals
        + circle(168, 172, 13, colours.second)
        + stamen
        + rect(0, 0, 300, 62, colours.second)
        + words(brief.title, 16, 33, 27, legible_on(colours.second), font=ROMAN, style=BOLD_ITALIC)
        + words(brief.artist, 17, 53, 15, legible_on(colours.second), font=SERIF, width=260)
    )


def maracas(brief: Brief) -> str:
    """Two maracas crossed over a chequered floor."""
    colours = brief.palette

    def maraca(turn: int, ink: str) -> str:
        body = (
            rect(-5, 20, 10, 96, "#7a4a24", 'rx="4"')
            + f'<ellipse cx="0" cy="-18" rx="36" ry="46" fill="{ink}"/>'
            + line("M-34-28Q0-14 34-28M-35-12Q0 4 35-12", colours.other, 5)
            + "".join(circle(x, -40, 4, colours.other) for x in (-16, 0, 16))
        )
        return group(body, f'transform="translate(150 160) rotate({turn}) translate(0 -28)"')

    floor = "".join(
        polygon(
            [
                (150 + (column * 44 - 22) * (0.5 + row * 0.3), 224 + row * 20),
                (150 + (column * 44 + 22) * (0.5 + row * 0.3), 224 + row * 20),
                (150 + (column * 44 + 22) * (0.8 + row * 0.3), 244 + row * 20),
                (150 + (column * 44 - 22) * (0.8 + row * 0.3), 244 + row * 20),
            ],
            colours.ink if (row + column) % 2 else colours.second,
        )
        for row in range(4)
        for column in range(-7, 8)
    )
    return (
        rect(0, 0, 300, 300, colours.ground)
        + floor
        + circle(150, 150, 86, colours.other, 'opacity=".35"')
        + maraca(38, colours.accent)
        + maraca(-38, colours.second if colours.second != "#f3bd8b" else "#1f8a8a")
        + block(brief.title, 150, 48, 34, colours.ink, font=SERIF, longest=20, leading=1, anchor="middle", style=BOLD)
        + rect(40, 264, 220, 26, colours.ground)
        + words(brief.artist, 150, 283, 16, colours.ink, font=SERIF, anchor="middle", width=208, style=ITALIC)
    )


MOTIFS: tuple[Motif, ...] = (heart, congas, palms, flower, fronts, maracas)
