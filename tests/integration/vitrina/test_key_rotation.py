"""Keys rotated under a shop's visitors: nobody is lost, no address is closed, and old cookies are signed anew."""

import secrets
from pathlib import Path

from tests.fixtures.gramola import Site, greeting, profile_id, site_config
from tests.fixtures.installation import installation

PRIVACY = "/_vitrina/privacy"
EMAIL = "rosa@correo.example"


def key_of(cookie: str) -> str:
    """The id of the key that signed a cookie."""
    return cookie.split(".")[1]


def test_no_visitor_is_lost(shop_port: int, tmp_path: Path) -> None:
    config = site_config(shop_port, head="workers = 1")
    with installation(tmp_path, config) as before:
        site = Site(before, shop_port)
        rosa, stranger = site.visitor(), site.visitor()
        rosa.register(EMAIL, "secret123", "Rosa")
        stranger.look_at("5", "6")
        before.settle()
        ids = profile_id(rosa), profile_id(stranger)
        keys = before.data / "keys"
    assert keys.stat().st_mode & 0o777 == 0o600
    keys.write_text(f"2:{secrets.token_hex(32)}\n{keys.read_text()}")

    with installation(tmp_path, config) as after:
        site = Site(after, shop_port)
        for person in (rosa, stranger):
            person.site = after.url + "/"
            person.page = None
            assert key_of(person.cookies["vitrina"]) == "1"
        home = rosa.open("index.php")
        assert greeting("Rosa").encode() in home.body
        assert EMAIL in rosa.open(PRIVACY).text
        stranger.open("index.php")
        assert (profile_id(rosa), profile_id(stranger)) == ids
        rosa.open("/logoff.php")
        assert key_of(rosa.cookies["vitrina"]) == "2", "what is signed now is signed by the new key"
        rosa.log_in(EMAIL, "secret123")
        assert profile_id(rosa) == ids[0], "the address leads to the same customer"
        after.settle()
        shown = after.command("profile", "show", *ids, "--config", str(after.config))
        assert EMAIL in shown
        assert shown.count("visits") == 2
