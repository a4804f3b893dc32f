"""A record's cover as SVG bytes. The same record gives the same bytes at every start; two records never the same."""

import random

from demo.shop.catalogue import of_genre
from demo.shop.covers import bolero_y_salsa, electronica, flamenco, hip_hop, jazz, rock
from demo.shop.covers.sleeve import Brief, Motif, Palette
from demo.shop.record import Genre, Record

_STYLES: dict[str, tuple[tuple[Motif, ...], tuple[Palette, ...]]] = {
    "hip-hop": (hip_hop.MOTIFS, hip_hop.PALETTES),
    "flamenco": (flamenco.MOTIFS, flamenco.PALETTES),
    "jazz": (jazz.MOTIFS, jazz.PALETTES),
    "rock": (rock.MOTIFS, rock.PALETTES),
    "electronica": (electronica.MOTIFS, electronica.PALETTES),
    "bolero-y-salsa": (bolero_y_salsa.MOTIFS, bolero_y_salsa.PALETTES),
}


def _brief(record: Record) -> tuple[Motif, Brief]:
    motifs, palettes = _STYLES[record.genre.slug]
    place = sorted(other.id for other in of_genre(record.genre)).index(record.id)
    # the second round through the motifs starts at another palette, so that no pair comes twice
    palette = palettes[(place + place // len(motifs)) % len(palettes)]
    return motifs[place % len(motifs)], Brief(record.title, record.artist, palette, random.Random(record.id * 7919))


def draw_cover(record: Record) -> bytes:
    """The cover, 300 by 300."""
    motif, brief = _brief(record)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 300" width="300" height="300">'
        f"{motif(brief)}"
        '<path d="M0 0h300v300H0z" fill="none" stroke="#000" stroke-opacity=".25" stroke-width="2"/></svg>\n'
    ).encode()


def draw_badge(genre: Genre) -> bytes:
    """A genre's round badge, 72 by 72: its first motif without lettering."""
    motifs, palettes = _STYLES[genre.slug]
    drawing = motifs[0](Brief(" ", " ", palettes[0], random.Random(genre.id)))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 300" width="72" height="72">'
        '<defs><clipPath id="round"><circle cx="150" cy="150" r="146"/></clipPath></defs>'
        f'<g clip-path="url(#round)">{drawing}</g>'
        '<circle cx="150" cy="150" r="144" fill="none" stroke="#86262a" stroke-width="10"/></svg>\n'
    ).encode()
