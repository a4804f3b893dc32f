"""Assets by type, else by name."""

import pytest

from clicks.assets import is_asset, is_media


@pytest.mark.parametrize(
    ("path", "content_type", "asset", "media"),
    [
        ("/a.css", "", True, False),
        ("/a.PNG", "", True, False),
        ("/a", "image/webp", True, False),
        ("/thumb.php", "image/jpeg", True, False),
        ("/missing.png", "text/html; charset=utf-8", False, False),
        ("/data.json", "application/json", False, False),
        ("/a.js", "text/javascript", True, False),
        ("/clips/5.wav", "audio/x-wav", True, True),
        ("/clips/5.mp3", "", True, True),
        ("/film", "video/mp4", True, True),
        ("/", "", False, False),
        ("/index.php", "", False, False),
        ("/v1.2/list", "", False, False),
    ],
)
def test_is_asset(path: str, content_type: str, asset: bool, media: bool) -> None:
    assert is_asset(path, content_type) is asset
    assert is_media(path, content_type) is media
