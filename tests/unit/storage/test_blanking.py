"""Blanked clicks are of the very size they had, and say nothing of anybody."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from clicks.click import Click, Event
from clicks.wire import decode_click, encode_click
from storage.blanking import blank_segment, blank_spools, blanked, blanked_records, first_time
from storage.records import frame, unpack_records

ANA = Click(1000.5, "shop.example", "GET", "/p", 200, profile="ana-0123456789abcdef", session="1f")
EVA = replace(ANA, profile="eva-0123456789abcdef", time=1001.0)


def refuses(profile: str | None, at: float) -> bool:
    return profile == ANA.profile and at <= 2000


@pytest.mark.parametrize("extra", range(400))
def test_every_length_is_met(extra: int) -> None:
    payload = encode_click(replace(ANA, path="/" + "x" * extra))
    blank = blanked(payload)
    assert len(blank) == len(payload)
    click = decode_click(blank)
    assert (click.profile, click.session, click.path, click.host, click.status) == (None, None, "/", "", 200)
    assert click.outcome.strip() == "ERASED"


@given(
    st.text(max_size=300),
    st.dictionaries(st.text(max_size=9), st.text(max_size=99), max_size=4),
    st.sampled_from([0, 70_000]),
)
def test_nothing_is_left(path: str, query: dict[str, str], more: int) -> None:
    event = Event("search", {"term": "canario" + "y" * more})
    payload = encode_click(replace(ANA, path=path, query=query, events=(event,), merged_from="ana-before"))
    blank = blanked(payload)
    assert len(blank) == len(payload)
    assert b"ana-" not in blank
    assert b"canario" not in blank
    assert decode_click(blank).events == ()


def test_what_is_no_click_is_refused() -> None:
    with pytest.raises(ValueError, match="not a click"):
        blanked(b"\x01")


def test_only_the_erased_among_records() -> None:
    late = replace(ANA, time=3000.0)
    joins = replace(EVA, merged_from=ANA.profile)
    data = b"".join(frame(number, encode_click(click)) for number, click in enumerate((EVA, ANA, late, joins)))
    assert first_time(data) == 1001.0
    blank = blanked_records(data, refuses)
    assert blank is not None
    assert len(blank) == len(data)
    found = [decode_click(record.payload).profile for record in unpack_records(blank)]
    assert found == [EVA.profile, None, ANA.profile, None]
    assert blanked_records(frame(0, encode_click(EVA)), refuses) is None
    assert blanked_records(blank, refuses) is None


def test_a_segment_in_place(tmp_path: Path) -> None:
    path = tmp_path / "spool" / "00.seg"
    path.parent.mkdir()
    damage = b"\xff" * 40
    path.write_bytes(frame(0, encode_click(ANA)) + damage + frame(1, encode_click(ANA)) + frame(2, encode_click(EVA)))
    size = path.stat().st_size
    assert blank_segment(path, refuses, [b"nobody"]) == 0
    assert blank_spools(tmp_path, refuses, [b"ana-0123456789abcdef"]) == 2
    assert path.stat().st_size == size
    assert b"ana-" not in path.read_bytes()
    assert blank_spools(tmp_path, refuses) == 0
