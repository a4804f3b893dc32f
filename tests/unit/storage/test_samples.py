"""Samples of an unknown shop's pages: each address once, bounded, and damage is left out."""

from pathlib import Path

import msgpack

from storage.samples import MOST, MOST_BYTES, PageSample, SampleFolder

TYPE = "text/html; charset=utf-8"


def test_what_is_offered_is_read(tmp_path: Path) -> None:
    folder = SampleFolder(tmp_path / "samples")
    assert folder.read() == []
    assert folder.offer("/b?x=\udce9", "shop.test", TYPE, (), b"<html>b\xff")
    assert folder.offer("/a", "shop.test", TYPE, ("sid",), b"<html>a")
    assert not folder.offer("/a", "shop.test", TYPE, ("sid",), b"<html>again")
    assert SampleFolder(tmp_path / "samples").read() == [
        PageSample("/a", "shop.test", TYPE, ("sid",), b"<html>a"),
        PageSample("/b?x=\udce9", "shop.test", TYPE, (), b"<html>b\xff"),
    ]


def test_it_is_bounded(tmp_path: Path) -> None:
    folder = SampleFolder(tmp_path / "samples")
    assert not folder.offer("/large", "h", TYPE, (), b"x" * (MOST_BYTES + 1))
    for number in range(MOST + 3):
        assert folder.offer(f"/{number}", "h", TYPE, (), b"<html>") is (number < MOST)
    assert folder.is_full
    assert folder.count() == MOST


def test_what_is_damaged_is_left_out(tmp_path: Path) -> None:
    folder = SampleFolder(tmp_path)
    folder.offer("/a", "h", TYPE, (), b"<html>")
    (tmp_path / "damaged").write_bytes(b"\xc1")
    (tmp_path / "other").write_bytes(b"\x93\x01\x02\x03")
    (tmp_path / "of-an-earlier-version").write_bytes(
        msgpack.packb(["/b", "h", {"set-cookie": "sid=5e1f00d"}, b"<html>"])
    )
    assert [sample.target for sample in folder.read()] == ["/a"]
    assert folder.count() == 1


def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    folder = SampleFolder(tmp_path / "file")
    assert not folder.offer("/a", "h", TYPE, (), b"<html>")
    assert folder.is_full
