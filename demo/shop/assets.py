"""Everything that is not a page: pictures, covers, clips, the stylesheet, robots.txt; made when asked for, kept."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from demo.shop.catalogue import BY_ID, GENRES
from demo.shop.clips import synthesise
from demo.shop.covers.drawing import draw_badge, draw_cover
from demo.shop.forms import whole
from demo.shop.pixels import PICTURES, SPACER_GIF

_THEME = Path(__file__).parent / "theme"
_SVG = "image/svg+xml"
_ROBOTS = b"User-agent: *\r\nDisallow: /admin/\r\nDisallow: /account\r\nDisallow: /shopping_cart.php\r\nDisallow: /checkout_\r\n"


@dataclass(frozen=True, slots=True)
class Asset:
    """A finished file with a validator."""

    content_type: str
    data: bytes
    etag: str


def _asset(content_type: str, data: bytes) -> Asset:
    return Asset(content_type, data, f'"{hashlib.sha256(data).hexdigest()[:16]}"')


def _theme_files() -> dict[str, tuple[str, Callable[[], bytes]]]:
    files: dict[str, tuple[str, Callable[[], bytes]]] = {
        "stylesheet.css": ("text/css", (_THEME / "stylesheet.css").read_bytes),
        "robots.txt": ("text/plain", lambda: _ROBOTS),
        "favicon.ico": (_SVG, (_THEME / "bullet.svg").read_bytes),
        "images/pixel_trans.gif": ("image/gif", lambda: SPACER_GIF),
    }
    for name in ("logo", "hero", "vinyl", "vinyl_big", "bullet", "play"):
        files[f"images/{name}.svg"] = (_SVG, (_THEME / f"{name}.svg").read_bytes)
    for name, draw in PICTURES.items():
        files[f"images/{name}"] = ("image/png", draw)
    for genre in GENRES:
        files[f"images/genres/{genre.slug}.svg"] = (_SVG, lambda genre=genre: draw_badge(genre))  # type: ignore[misc]
    return files


@dataclass(slots=True)
class Assets:
    """The files by address, each made once."""

    made: dict[str, Asset] = field(default_factory=dict)
    files: dict[str, tuple[str, Callable[[], bytes]]] = field(default_factory=_theme_files)

    async def find(self, address: str) -> Asset | None:
        """The asset of an address without its leading slash, or None; what takes long is drawn in a thread."""
        asset = self.made.get(address)
        if asset is not None:
            return asset
        maker = self.files.get(address) or _of_record(address)
        if maker is None:
            return None
        content_type, draw = maker
        asset = _asset(content_type, await asyncio.to_thread(draw))
        self.made[address] = asset
        return asset


def _of_record(address: str) -> tuple[str, Callable[[], bytes]] | None:
    folder, _, name = address.rpartition("/")
    stem, _, extension = name.partition(".")
    record = BY_ID.get(whole(stem) or 0)
    if record is None or stem != str(record.id):
        return None
    match folder, extension:
        case "images/covers", "svg":
            return _SVG, lambda: draw_cover(record)
        case "clips", "wav":
            return "audio/x-wav", lambda: synthesise(record)
        case _:
            return None
