"""Hip hop sleeves: spray, concrete, cassettes, turntables, blocks of flats at night."""

from demo.shop.covers.sleeve import (
    BOLD,
    BOLD_ITALIC,
    MONO,
    NARROW,
    SANS,
    Brief,
    Motif,
    Palette,
    block,
    circle,
    group,
    halftone,
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
    Palette("#f4b81c", "#e0431f", "#17130f", "#17130f", "#fff3d0"),
    Palette("#1c1a24", "#5b2a86", "#f7f0dd", "#ff5d3b", "#ffd23f"),
    Palette("#d9d2c3", "#9c9485", "#1b1a19", "#d62f26", "#2f6f8f"),
    Palette("#0f3d3e", "#136f63", "#f6e7c1", "#ff9f1c", "#e84a2b"),
    Palette("#c9272d", "#7d1220", "#fff1d6", "#ffd23f", "#1a1416"),
)


def towers(brief: Brief) -> str:
    """Blocks of flats before a big sun, some windows lit."""
    colours, dice = brief.palette, brief.dice
    out = [rect(0, 0, 300, 300, colours.ground), circle(205, 118, 74, colours.second)]
    x = -8.0
    while x < 300:
        width, height = dice.randint(38, 58), dice.randint(70, 168)
        out.append(rect(x, 300 - height, width, height, colours.ink if colours.ink != "#f7f0dd" else "#0b0a10"))
        for column in range(int(width // 12) - 1):
            for floor in range(int(height // 15) - 2):
                lit = dice.random() < 0.3
                fill = colours.other if lit else "#3a3340"
                out.append(rect(x + 9 + column * 12, 300 - height + 10 + floor * 15, 6, 8, fill))
        x += width + dice.choice((0, 3, 7))
    out.append(block(brief.title.upper(), 16, 46, 40, colours.ink, font=NARROW, longest=13, leading=0.9, style=BOLD))
    out.append(words(brief.artist, 284, 292, 13, "#fff", font=SANS, anchor="end", style=BOLD))
    return "".join(out)


def cassette(brief: Brief) -> str:
    """A big cassette on a tilted ground of stripes."""
    colours = brief.palette
    stripes = "".join(rect(-120, place * 36 - 120, 560, 18, colours.second) for place in range(16))
    body = (
        rect(0, 0, 220, 140, colours.accent, 'rx="10"')
        + rect(10, 10, 200, 84, colours.other, 'rx="5"')
        + rect(10, 24, 200, 3, colours.second)
        + rect(10, 31, 200, 3, colours.second)
        + rect(42, 46, 136, 36, "#1a1614", 'rx="17"')
        + "".join(circle(x, 64, 13, "#f5efe0") + circle(x, 64, 6, "#1a1614") for x in (62, 158))
        + rect(88, 52, 44, 24, "#4b3a2c")
        + polygon([(36, 140), (46, 108), (174, 108), (184, 140)], colours.second)
        + words(brief.artist, 16, 21.5, 12, "#1a1614", font=MONO, width=186, style=BOLD)
    )
    return (
        rect(0, 0, 300, 300, colours.ground)
        + group(stripes, 'transform="rotate(-24 150 150)" opacity=".8"')
        + group(body, 'transform="rotate(-9 150 130) translate(40 88)"')
        + rect(0, 0, 300, 58, colours.accent)
        + words(
            brief.title.upper(),
            150,
            43,
            38,
            legible_on(colours.accent),
            font=NARROW,
            anchor="middle",
            width=270,
            style=BOLD,
        )
    )


def deck(brief: Brief) -> str:
    """A record from above, cropped, with a hand's worth of bars."""
    colours, dice = brief.palette, brief.dice
    grooves = "".join(ring(206, 196, radius, "#4a4248", 0.8) for radius in range(54, 142, 8))
    bars = "".join(
        rect(14 + place * 15, 284 - height, 10, height, colours.accent if place % 3 else colours.other)
        for place, height in enumerate(dice.sample(range(20, 130), 7))
    )
    return (
        rect(0, 0, 300, 300, colours.ground)
        + halftone(0, 120, 300, 180, colours.second, step=12, most=6)
        + circle(206, 196, 146, "#151115")
        + grooves
        + path("M206 196L330 120A146 146 0 0 1 350 170Z M206 196L82 272A146 146 0 0 1 62 222Z", "#fff", 'opacity=".14"')
        + circle(206, 196, 46, colours.accent)
        + circle(206, 196, 46, "none", f'stroke="{colours.other}" stroke-width="4"')
        + circle(206, 196, 5, "#fff")
        + bars
        + block(brief.title, 16, 52, 44, colours.ink, longest=11, leading=0.92, style=BOLD_ITALIC)
        + words(brief.artist.upper(), 284, 22, 13, colours.ink, font=NARROW, anchor="end", width=200, style=BOLD)
    )


def spray(brief: Brief) -> str:
    """Bubble letters on a brick wall, with drips."""
    colours, dice = brief.palette, brief.dice
    bricks = "".join(
        rect(column * 50 - (25 if row % 2 else 0), row * 20, 48, 18, colours.second, 'opacity=".55"')
        for row in range(15)
        for column in range(7)
    )
    clouds = "".join(
        circle(dice.randint(20, 280), dice.randint(100, 215), dice.randint(26, 48), colours.other, 'opacity=".9"')
        for _ in range(13)
    )
    drips = "".join(
        line(f"M{x} {dice.randint(180, 200)}V{dice.randint(215, 268)}", colours.accent, dice.choice((3, 4, 6)))
        for x in dice.sample(range(30, 270), 8)
    )
    lettering = block(
        brief.title,
        150,
        150,
        54,
        colours.accent,
        longest=10,
        leading=0.86,
        anchor="middle",
        width=250,
        style='font-weight="bold" stroke-linejoin="round"',
    )
    outline = lettering.replace("<text ", f'<text stroke="{colours.ink}" stroke-width="13" ')
    shine = lettering.replace("<text ", '<text stroke="#fff" stroke-width="5" ')
    return (
        rect(0, 0, 300, 300, colours.ground)
        + bricks
        + clouds
        + drips
        + group(outline + shine + lettering, 'transform="rotate(-8 150 150)"')
        + rect(0, 268, 300, 32, colours.ink)
        + words(brief.artist.upper(), 150, 290, 17, colours.ground, font=NARROW, anchor="middle", style=BOLD)
    )


def boombox(brief: Brief) -> str:
    """A radio the size of a suitcase under a burst of rays."""
    colours = brief.palette
    speakers = "".join(
        circle(x, 196, 47, "#221c1c")
        + ring(x, 196, 40, colours.other, 3)
        + circle(x, 196, 27, colours.accent)
        + circle(x, 196, 11, "#221c1c")
        + ring(x, 196, 33, "#57494a", 1.5)
        for x in (78, 222)
    )
    keys = "".join(rect(112 + place * 13, 218, 10, 20, colours.other, 'rx="2"') for place in range(6))
    return (
        rect(0, 0, 300, 300, colours.ground)
        + rays(150, 196, 18, colours.second)
        + line("M70 134V104H230V134", "#221c1c", 11)
        + rect(16, 128, 268, 134, "#3d3433", 'rx="12"')
        + rect(22, 134, 256, 122, colours.ink if colours.ink.startswith("#1") else "#52474a", 'rx="9"')
        + speakers
        + rect(128, 146, 44, 60, colours.other, 'rx="4"')
        + rect(134, 154, 32, 20, "#221c1c")
        + line("M137 170L150 158L163 166", colours.accent, 2)
        + keys
        + words(brief.title.upper(), 150, 58, 42, colours.ink, font=NARROW, anchor="middle", style=BOLD)
        + words(brief.artist, 150, 84, 19, colours.ink, font=NARROW, anchor="middle", style=BOLD_ITALIC)
        + words("ESTÉREO", 150, 290, 11, colours.ink, font=MONO, anchor="middle", style=BOLD)
    )


MOTIFS: tuple[Motif, ...] = (towers, cassette, deck, spray, boombox)
