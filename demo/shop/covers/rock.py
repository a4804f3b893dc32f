"""Rock sleeves: lightning, amplifiers, psychedelic hills, the road under a moon."""

import math

from demo.shop.covers.sleeve import (
    BOLD,
    BOLD_ITALIC,
    ITALIC,
    NARROW,
    ROMAN,
    SANS,
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
    star,
    words,
)

PALETTES: tuple[Palette, ...] = (
    Palette("#1a1414", "#7a1010", "#f6e9cf", "#e8b01d", "#d4331f"),
    Palette("#f2c14e", "#f08a24", "#3b1c32", "#c2185b", "#f7f0d8"),
    Palette("#243447", "#141d26", "#f0f3f4", "#d9e76c", "#ff6f59"),
    Palette("#efe5d0", "#cdbd9a", "#1c1a17", "#b3261e", "#31556b"),
    Palette("#3a0f4b", "#6a1b6e", "#ffe9b8", "#ff7f32", "#25b0a5"),
)


def lightning(brief: Brief) -> str:
    """A bolt through a ring."""
    colours = brief.palette
    return (
        rect(0, 0, 300, 300, colours.ground)
        + rays(150, 156, 22, colours.second, turn=0.07)
        + circle(150, 156, 92, colours.ground)
        + ring(150, 156, 92, colours.accent, 8)
        + ring(150, 156, 80, colours.ink, 1.5)
        + polygon(
            [(176, 40), (96, 172), (142, 172), (116, 272), (212, 132), (160, 132), (196, 40)],
            colours.accent,
            f'stroke="{colours.ground}" stroke-width="6"',
        )
        + words(brief.artist.upper(), 150, 34, 27, colours.ink, font=NARROW, anchor="middle", style=BOLD)
        + words(brief.title.upper(), 150, 289, 24, colours.ink, font=NARROW, anchor="middle", style=BOLD)
    )


def hills(brief: Brief) -> str:
    """Bands of hills in colours that do not exist."""
    colours, dice = brief.palette, brief.dice
    bands = (colours.second, colours.accent, colours.other, colours.ink, colours.second, colours.accent, colours.ground)
    out = [rect(0, 0, 300, 300, colours.ground)]
    for radius, ink in ((88, colours.accent), (70, colours.other), (52, colours.second), (34, colours.ink)):
        out.append(circle(150, 172, radius, ink))
    for place, ink in enumerate(bands):
        y, swing, shift = 150 + place * 22, dice.randint(18, 44), dice.randint(-50, 50)
        out.append(
            path(
                f"M-10 {y}C{60 + shift} {y - swing} {110 + shift} {y + swing} 160 {y}"
                f"S{250 + shift} {y - swing} 310 {y + 6}V310H-10Z",
                ink,
            )
        )
    out.extend(
        star(dice.randint(12, 288), dice.randint(82, 130), 4, dice.randint(3, 7), 1.5, colours.ink) for _ in range(9)
    )
    out.append(words(brief.title, 150, 46, 36, colours.ink, font=SERIF, anchor="middle", style=BOLD_ITALIC))
    out.append(words(brief.artist, 150, 72, 18, colours.ink, font=SERIF, anchor="middle", style=ITALIC))
    return "".join(out)


def amplifier(brief: Brief) -> str:
    """The front of an amplifier, every knob at the end."""
    colours = brief.palette
    weave = "".join(
        line(f"M{x} 92L{x + 170} 262M{x + 170} 92L{x} 262", "#5c5148", 0.8, 'opacity=".8"')
        for x in range(-140, 300, 11)
    )
    knobs = "".join(
        circle(52 + place * 40, 60, 13, "#16110f")
        + circle(52 + place * 40, 60, 10, "#d9cdb8")
        + line(f"M{52 + place * 40} 60L{60 + place * 40} 66", colours.other, 3)
        for place in range(5)
    )
    return (
        rect(0, 0, 300, 300, "#16110f")
        + rect(8, 8, 284, 284, colours.second, 'rx="12"')
        + rect(16, 34, 268, 50, colours.accent, 'rx="4"')
        + knobs
        + circle(262, 60, 6, "#ff3b1f", 'stroke="#5c0a00" stroke-width="2"')
        + '<defs><clipPath id="front"><path d="M16 92h268v152H16z"/></clipPath></defs>'
        + group(rect(16, 92, 268, 152, "#2f2823") + weave, 'clip-path="url(#front)"')
        + rect(16, 92, 268, 152, "none", f'stroke="{colours.accent}" stroke-width="3"')
        + group(
            words(brief.artist, 0, 0, 34, "#fff6dd", font=SERIF, anchor="middle", width=226, style=BOLD_ITALIC),
            'transform="translate(150 176) rotate(-6)"',
        )
        + words(brief.title.upper(), 150, 276, 25, colours.ink, font=NARROW, anchor="middle", style=BOLD)
    )


def road(brief: Brief) -> str:
    """A straight road to a huge moon."""
    colours, dice = brief.palette, brief.dice
    light = colours.ground in ("#f2c14e", "#efe5d0")
    top = colours.ink if light else colours.ground
    out = [fade("dusk", top, colours.other, middle=colours.second), rect(0, 0, 300, 196, "url(#dusk)")]
    out.extend(
        circle(dice.randint(0, 300), dice.randint(0, 110), dice.choice((0.8, 1.2, 1.6)), "#fff") for _ in range(34)
    )
    out.append(circle(150, 150, 62, "#fff1c9"))
    out.extend(
        circle(150 + x, 150 + y, radius, "#ead9a6") for x, y, radius in ((-22, -20, 11), (16, -30, 7), (26, 2, 9))
    )
    out.append(path("M0 196L40 160L78 186L116 168L150 190L190 162L232 188L268 156L300 190V200H0Z", "#2a1620"))
    out.append(rect(0, 194, 300, 106, "#3b2228"))
    out.append(polygon([(144, 194), (156, 194), (262, 300), (38, 300)], "#15101a"))
    for place in range(5):
        y, height = 202 + place * place * 4.5, 5 + place * 4
        width = 1 + place * 1.3
        out.append(
            polygon(
                [(150 - width / 2, y), (150 + width / 2, y), (150 + width, y + height), (150 - width, y + height)],
                colours.accent,
            )
        )
    out.append(
        block(
            brief.title,
            150,
            44,
            34,
            "#fff4d8",
            font=ROMAN,
            longest=18,
            leading=0.95,
            anchor="middle",
            style=BOLD_ITALIC,
        )
    )
    out.append(
        words(
            brief.artist.upper(),
            150,
            290,
            15,
            "#fff4d8",
            font=NARROW,
            anchor="middle",
            style='font-weight="bold" letter-spacing="2"',
            width=200,
        )
    )
    return "".join(out)


def rings(brief: Brief) -> str:
    """Black and white circles that make the eye tremble."""
    colours = brief.palette
    out = [rect(0, 0, 300, 300, colours.ink)]
    for place in range(15):
        radius = 190 - place * 13
        x = 150 + 22 * math.sin(place * 0.55)
        y = 158 + 16 * math.cos(place * 0.4)
        out.append(circle(x, y, radius, colours.ground if place % 2 == 0 else colours.ink))
    out.append(circle(150, 160, 24, colours.other))
    out.append(rect(0, 0, 300, 62, colours.accent))
    dark = legible_on(colours.accent)
    out.append(words(brief.title, 14, 34, 29, dark, width=272, style=BOLD))
    out.append(words(brief.artist, 15, 53, 15, dark, style=ITALIC))
    return "".join(out)


def stripes(brief: Brief) -> str:
    """A star over three stripes that turn a corner."""
    colours = brief.palette
    bands = "".join(
        path(
            f"M-10 {250 - place * 24}H{110 + place * 10}L{230 + place * 10} {90 - place * 24}H310",
            "none",
            f'stroke="{ink}" stroke-width="24"',
        )
        for place, ink in enumerate((colours.second, colours.other, colours.accent))
    )
    return (
        rect(0, 0, 300, 300, colours.ground)
        + bands
        + star(84, 126, 5, 58, 23, colours.ink)
        + star(84, 126, 5, 44, 17, colours.ground)
        + words(brief.title, 18, 285, 28, colours.ink, font=SANS, style=BOLD_ITALIC)
        + block(
            brief.artist.upper(),
            282,
            226,
            20,
            colours.ink,
            font=NARROW,
            longest=12,
            leading=1,
            anchor="end",
            width=120,
            style=BOLD,
        )
    )


MOTIFS: tuple[Motif, ...] = (amplifier, hills, lightning, road, rings, stripes)
