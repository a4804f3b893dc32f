"""Which requests are assets (images, styles, scripts, media): logged, but counted rather than folded one by one."""

_STYLES = ("css", "js", "mjs", "map", "wasm", "webmanifest", "woff", "woff2", "ttf", "otf", "eot")
_IMAGES = ("png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "ico", "bmp")
_MEDIA = ("mp3", "ogg", "oga", "opus", "wav", "m4a", "aac", "flac", "mp4", "webm", "ogv", "mov", "m4v", "swf")
_EXTENSIONS = frozenset((*_STYLES, *_IMAGES, *_MEDIA))
_TYPES = ("image/", "font/", "audio/", "video/", "text/css", "text/javascript", "application/javascript")
_MORE_TYPES = ("application/x-javascript", "application/font", "application/wasm", "application/manifest+json")


def is_asset(path: str, content_type: str = "") -> bool:
    """By content type where it tells, else by the path's extension."""
    told = is_asset_type(content_type)
    if told is not None:
        return told
    _, dot, extension = path.rpartition("/")[2].rpartition(".")
    return bool(dot) and extension.lower() in _EXTENSIONS


def is_asset_type(content_type: str) -> bool | None:
    """What the content type alone tells; None: nothing."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type.startswith(_TYPES) or media_type.startswith(_MORE_TYPES):
        return True
    return False if media_type in ("text/html", "application/xhtml+xml", "application/json") else None


def is_media(path: str, content_type: str = "") -> bool:
    """Sound or film: something that is played."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type:
        return media_type.startswith(("audio/", "video/"))
    return path.rpartition(".")[2].lower() in _MEDIA
