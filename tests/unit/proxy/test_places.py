"""What a target is, on its raw bytes."""

import pytest

from config.platform import PathRule, Platform
from proxy.places import Places

PLATFORM = Platform(
    "x",
    kinds={"home": (PathRule("/"),), "product": (PathRule("/product.php"),)},
    product_id=(r"/product\.php\?id=(\d+)",),
    query_fields=("id",),
)
PLACES = Places(PLATFORM, ("/admin/**", "/checkout_payment*"), ("/account/**",))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"/_vitrina", True),
        (b"/_vitrina/", True),
        (b"/_vitrina?x", True),
        (b"/_vitrina/a/b", True),
        (b"/_vitrinas", False),
        (b"//_vitrina/", False),
        (b"/%5Fvitrina/", False),
        (b"/./_vitrina/", False),
        (b"/_VITRINA/", False),
        (b"*", False),
    ],
)
def test_ours_is_decided_on_the_bytes_that_are_forwarded(raw: bytes, expected: bool) -> None:
    assert PLACES.at(raw).is_own is expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"/admin/x", True),
        (b"//admin//x?y=1", True),
        (b"/%61dmin/x", True),
        (b"/a/../admin/x", True),
        (b"/a/%2e%2e/admin/x", True),
        (b"/checkout_payment.php?step=2", True),
        (b"/_vitrina/x", True),
        (b"/administrator/x", False),
        (b"/account/x", False),
    ],
)
def test_never_read_holds_for_every_spelling(raw: bytes, expected: bool) -> None:
    assert PLACES.at(raw).is_never_read is expected


def test_what_is_never_read_keeps_no_query() -> None:
    place = PLACES.at(b"/admin/x?id=5&utm_source=a")
    assert (dict(place.query), dict(place.campaign), place.product) == ({}, {}, None)
    assert place.is_never_touched


def test_a_product_page() -> None:
    place = PLACES.at(b"/product.php?id=7&token=abc")
    assert (place.kind, place.product, dict(place.query)) == ("product", "7", {"id": "7"})
    assert not place.is_asset
    assert PLACES.at(b"/images/a.JPG").is_asset
    assert PLACES.at(b"/account/x").is_never_touched
