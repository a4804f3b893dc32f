"""The catalogue, its covers and its clips: six genres, sixty records, every drawing its own and always the same."""

import struct
from xml.etree import ElementTree

import pytest

from demo.shop.catalogue import (
    GENRES,
    NOVELTIES,
    RECORDS,
    SPECIALS,
    Record,
    also_bought,
    of_genre,
    search,
    sort,
)
from demo.shop.clips import RATE, SECONDS, synthesise
from demo.shop.covers.drawing import draw_badge, draw_cover


def test_sixty_records_in_six_genres() -> None:
    assert [genre.name for genre in GENRES] == [
        "Hip hop",
        "Flamenco",
        "Jazz",
        "Rock",
        "Electrónica",
        "Bolero y salsa",
    ]
    assert [record.id for record in RECORDS] == list(range(1, 61))
    assert sum(len(of_genre(genre)) for genre in GENRES) == 60
    assert all(len(record.tracks) >= 5 for record in RECORDS)


def test_some_are_reduced_and_few_sold_out() -> None:
    assert all(record.pays_cents < record.price_cents for record in SPECIALS)
    assert len(SPECIALS) > 10
    assert 1 <= sum(record.is_sold_out for record in RECORDS) <= 5
    assert not any(record.is_sold_out for record in NOVELTIES)


def test_the_novelties_mix_all_genres() -> None:
    assert {record.genre for record in NOVELTIES} == set(GENRES)
    assert len(NOVELTIES) == 12


@pytest.mark.parametrize(
    ("keywords", "ids"),
    [
        ("medianoche lavapies", [24]),
        ("RITMO & RABIA", [2]),
        ("ñandu hip", [3]),
        ("", []),
        ("zzz", []),
    ],
)
def test_search_folds_case_and_accents(keywords: str, ids: list[int]) -> None:
    found = [record.id for record in search(keywords)]
    assert found == ids


def _price(record: Record) -> int:
    return record.pays_cents


@pytest.mark.parametrize("order", ["", "9a", "4x", "aa", "4"])
def test_an_unknown_sort_changes_nothing(order: str) -> None:
    assert sort(RECORDS, order) == RECORDS


def test_sorts_by_what_is_paid() -> None:
    assert [_price(record) for record in sort(RECORDS, "4a")] == sorted(map(_price, RECORDS))
    assert [_price(record) for record in sort(RECORDS, "4d")] == sorted(map(_price, RECORDS), reverse=True)


def test_also_bought_never_holds_the_record_itself() -> None:
    for record in RECORDS:
        others = also_bought(record)
        assert len({other.id for other in others} - {record.id}) == 6


def test_covers_are_different_and_well_formed() -> None:
    covers = [draw_cover(record) for record in RECORDS]
    assert len(set(covers)) == 60
    assert covers == [draw_cover(record) for record in RECORDS]
    for drawing in (*covers, *map(draw_badge, GENRES)):
        ElementTree.fromstring(drawing)


def test_a_clip_is_a_six_second_wav() -> None:
    clip = synthesise(RECORDS[0])
    riff, size, wave, _, _, kind, channels, rate = struct.unpack("<4sI4s4sIHHI", clip[:28])
    assert (riff, wave, kind, channels, rate) == (b"RIFF", b"WAVE", 1, 1, RATE)
    assert size == len(clip) - 8
    assert len(clip) == 44 + RATE * SECONDS * 2
    assert clip == synthesise(RECORDS[0]) != synthesise(RECORDS[40])
