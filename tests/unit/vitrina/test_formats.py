"""Formats that outlive a process: bytes frozen at their first version are read for ever, those of the next one survive.

`tests/golden/formats/NAME-VERSION.hex` is never rewritten: a change of format adds a file.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack
import pytest
from msgspec.structs import replace

from clicks.catalogue import Product
from clicks.click import Click, Event
from clicks.wire import decode_click, encode_click
from storage.catalogue import decode_product, encode_product
from storage.control import ControlPage
from storage.folding import Folding
from storage.records import frame, unpack_records
from storage.snapshot import Item, unpacked
from tests.unit.clicks.test_wire import FULL as CLICK
from tests.unit.docs.reading import ROOT, rows_by_code
from tests.unit.vitrina.test_profile_json import FULL as PROFILE
from visitors.cookie import Keyring, VisitorCookie, decode_cookie, encode_cookie
from visitors.interests import HALF_LIFE_S, growth, with_scores
from visitors.profile import PROFILE_VERSION
from visitors.resting import RESTING_VERSION
from visitors.sealing import seal, unseal
from visitors.wire import decode_profile, encode_profile, encode_resting, open_profile
from vitrina.archive import VERSION as BACKUP_VERSION
from vitrina.datafolder import FORMAT, DataFolder
from vitrina.failures import BAD_DATA_FOLDER, Failure
from vitrina.keys import load_keyring

GOLDEN = ROOT / "tests" / "golden" / "formats"
KEYRING = Keyring((("k1", b"0123456789abcdef0123456789abcdef"),))
PRODUCT = Product(
    "7",
    "Lunares",
    1495,
    ("Música", "Flamenco"),
    "/i/7.jpg",
    "/product_info.php?products_id=7",
    False,
    1_700_000_000.0,
    1_700_000_100.0,
    2.5,
)
ITEM = Item("hash", b"vitrina:{vitrina}:shipped", {b"s1": b"9"})
AS_FROZEN = PROFILE._replace(traits={}, bare_orders=())
"""Traits and orders without a number were appended after the bytes were frozen."""
AT_REST = decode_profile(encode_resting(AS_FROZEN._replace(moved_to="c2")))
"""The last field is set, so that all of the array is there."""
COOKIE = "1.k1.AbCdEfGhIjKlMnOpQrStUv.c.6553f100.6553f164.YmluZGluZyE.ndy8uD7PYxrwhN0lJ1iN4e_o"
SEALED = "s1.k1.cBcaq1dy7rOm0civ9YqHMowcb6cG1TAnbT5IXBtvmrE="


def golden(name: str) -> bytes:
    return bytes.fromhex((GOLDEN / f"{name}.hex").read_text("ascii"))


def fields(data: bytes) -> list[Any]:
    unpacked_fields: list[Any] = msgpack.unpackb(data, use_list=True, strict_map_key=False)
    return unpacked_fields


PACKED: list[tuple[str, object, Callable[[Any], bytes], Callable[[bytes], object]]] = [
    ("click-1", CLICK, encode_click, decode_click),
    ("profile-3", AS_FROZEN, encode_profile, decode_profile),
    ("profile-2", AT_REST, encode_resting, decode_profile),
    ("product-1", PRODUCT, encode_product, decode_product),
    ("backup-item-1", ITEM, lambda item: item.packed(), lambda data: next(iter(unpacked([data])))),
]


WRITTEN_ALIKE = [row for row in PACKED if row[0] != "profile-2"]


@pytest.mark.parametrize(("name", "value", "encode", "decode"), WRITTEN_ALIKE, ids=[row[0] for row in WRITTEN_ALIKE])
def test_frozen_bytes_are_read_and_still_written_at_their_places(
    name: str, value: object, encode: Callable[[Any], bytes], decode: Callable[[bytes], object]
) -> None:
    frozen = golden(name)
    assert decode(frozen) == value
    assert fields(encode(value))[: len(fields(frozen))] == fields(frozen)


@pytest.mark.parametrize(("name", "value", "encode", "decode"), PACKED, ids=[row[0] for row in PACKED])
def test_what_the_next_version_appends_does_no_harm(
    name: str, value: object, encode: Callable[[Any], bytes], decode: Callable[[bytes], object]
) -> None:
    newer = msgpack.packb([*fields(encode(value)), {"later": [1, 2.5, None]}, "more"])
    read = decode(newer)
    if name.startswith("profile"):
        assert encode(read) == newer
    else:
        assert read == value


def test_interests_with_moments_of_their_own_are_read() -> None:
    """As profiles had them before version 3, awake or at rest."""
    moment = {"products": {"9": 2.0 * growth(8.0)}, "categories": {"Bread": 1.5 * growth(8.0)}}
    for reader in (decode_profile, open_profile):
        assert reader(golden("profile-1")) == AS_FROZEN._replace(**moment)
        assert reader(golden("profile-2")) == AT_REST._replace(**moment)


def test_a_profile_of_version_1_is_folded_on_as_version_3() -> None:
    before = golden("profile-1").replace(b"\xa2c2", b"\xc0")  # it had moved
    time = 8.0 + HALF_LIFE_S
    seen = (Event("product_view", {"product": "9"}),)
    click = Click(time, "shop.example", "GET", "/", 200, profile="c1", session="s9", kind="product", events=seen)
    folding = Folding({"c1": before}, {})
    folding.apply([(click, "ff" * 16, 0)])
    [change] = folding.changes()
    assert (change.expected, fields(change.raw)[0]) == (before, 3)
    found = with_scores(open_profile(change.raw), time)
    assert (found.products, found.categories) == ({"9": 2.0}, {"Cooking": 0.5, "Bread": 1.75})


def test_interests_at_rest_are_written_where_they_were_but_of_one_moment() -> None:
    frozen = fields(golden("profile-2"))
    assert [frozen[12], frozen[13]] == [["Bread", 150, -6], ["9", 200, -6]]
    frozen[12], frozen[13] = ["Bread", 150, 0], ["9", 200, 0]
    assert fields(encode_resting(AT_REST)) == frozen


def test_a_record_of_the_spool_is_where_it_was() -> None:
    frozen = golden("record-1")
    [record] = unpack_records(frozen)
    assert (record.sequence, decode_click(record.payload)) == (41, CLICK)
    assert frame(41, record.payload) == frozen


def test_cookies_and_sealed_addresses_of_before_are_known() -> None:
    cookie = VisitorCookie("AbCdEfGhIjKlMnOpQrStUv", True, 1_700_000_000, 1_700_000_100, "YmluZGluZyE")
    assert decode_cookie(KEYRING, COOKIE) == cookie
    assert encode_cookie(KEYRING, cookie) == COOKIE
    assert unseal(KEYRING, SEALED) == "jose@example.com"
    assert seal(KEYRING, "jose@example.com") == SEALED


def test_the_keys_file_of_before_is_read(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"2:{'ab' * 32}\n1:{'cd' * 32}\ncustomer:{'ef' * 32}\n")
    (tmp_path / "keys").chmod(0o600)
    keyring = load_keyring(tmp_path / "keys")
    assert keyring.keys == (("2", b"\xab" * 32), ("1", b"\xcd" * 32))
    assert keyring.customer_key == b"\xef" * 32


def test_an_older_fold_keeps_what_a_newer_profile_holds() -> None:
    """Upgrade, a day of traffic, downgrade, a click, upgrade again: nothing of the newer version is lost."""
    later = ["score of the newer version", {"x": [1, 2]}]
    newer = msgpack.packb([*fields(encode_profile(PROFILE._replace(moved_to=None))), *later])
    folding = Folding({"c1": newer}, {})
    click = Click(2_000_000_000.0, "shop.example", "GET", "/", 200, profile="c1", session="s9", kind="home")
    click = replace(click, events=(Event("page_view", {}),))
    folding.apply([(click, "ff" * 16, 0)])
    [change] = folding.changes()
    assert change.expected == newer
    written = fields(change.raw)
    assert written[-2:] == later
    profile = decode_profile(change.raw)
    assert profile.page_views == PROFILE.page_views + 1
    assert profile.applied["ff" * 16] == 0


def test_a_profile_of_an_incompatible_version_is_left_alone() -> None:
    strange = msgpack.packb([4, "c1", "another meaning"])
    folding = Folding({"c1": strange}, {})
    folding.apply([(Click(1.0, "h", "GET", "/", 200, profile="c1", session="s", kind="home"), "s1", 0)])
    assert folding.changes() == []


def test_the_switch_survives_a_control_page_of_another_layout(tmp_path: Path) -> None:
    page = ControlPage.create(tmp_path / "control")
    page.turn(on=False)
    page.close()
    data = bytearray((tmp_path / "control").read_bytes())
    data[8] = 99  # a later version's number
    (tmp_path / "control").write_bytes(data + b"and a longer page")
    again = ControlPage.create(tmp_path / "control")
    assert not again.is_on()
    again.close()


@pytest.mark.parametrize("text", [str(FORMAT + 1), "99", "next", ""])
def test_a_folder_of_a_newer_vitrina_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "format").write_text(text)
    with pytest.raises(Failure, match="was made by a newer one") as refused:
        DataFolder(tmp_path).claim()
    assert refused.value.exit_code == BAD_DATA_FOLDER
    assert (tmp_path / "format").read_text() == text


def test_a_folder_says_its_format(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.claim()
    assert (folder.path / "format").read_text() == f"{FORMAT}\n"


def test_the_reference_says_these_versions() -> None:
    rows = rows_by_code(ROOT / "docs" / "reference" / "formats.md", "Formats")
    described = {name: row[1] for name, row in rows.items()}
    assert described["format"] == str(FORMAT)
    assert described["manifest.json"] == str(BACKUP_VERSION)
    for path in GOLDEN.glob("*.hex"):
        name, _, version = path.stem.rpartition("-")
        rows = (described.get(name), described.get(f"{name}, at rest"))
        assert version == "1" or version in rows, "a version has a row and a test of its own"
    assert described["profile"] == str(PROFILE_VERSION)
    assert described["profile, at rest"] == str(RESTING_VERSION)
    assert json.loads("1") == fields(golden("profile-1"))[0] == fields(golden("click-1"))[0]
