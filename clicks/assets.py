"""Which requests are assets (images, styles, scripts, media): logged, but counted rather than folded one by one."""


def is_asset(path: str, content_type: str = "") -> bool:
    """By content type where it tells, else by the path's extension."""
    raise NotImplementedError
