"""Structure learnt elsewhere: by jobs that are plain bytes, whenever learning it here is predicted to take too long."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import msgpack
import pytest

from tests.fixtures.held import is_held
from tests.unit.transforms.page.test_forms import (
    ANON,
    MEMBER,
    QUERIES,
    assert_as_parsed,
    opened,
    page,
    some_page,
)
from tests.unit.transforms.page.test_offloading import Later
from transforms.page.anatomy import Anatomy, Place, Unit
from transforms.page.candidate import portable_digest
from transforms.page.complexity import predicted_lesson_ms, predicted_locate_ms
from transforms.page.edits import Edit, Reorder, SetText, Target, Text
from transforms.page.engine import Engine, PageLimits, TemplateKey
from transforms.page.job import Setup, lesson_job, taught, work
from transforms.page.lesson import MAX_DRAFTS, Seen, _is_same, lesson, packed
from transforms.page.locate import locate
from transforms.page.selectors import attributes_used

SHORT = PageLimits(inline_compile_ms=0.3)
"""Long enough to parse these pages and to prove edits of them, too short to learn their structure."""
OTHERS = page([7, 9, 11, 15], [1, 2, 3, 4, 5], title="Otro", rows=5, token="x")


def crash(job: bytes) -> bytes | None:
    return None


def taught_elsewhere(key: TemplateKey = ANON, *, number: int = 30) -> tuple[Engine, Later]:
    """An engine whose pages were all learnt from elsewhere."""
    later = Later()
    engine = Engine(QUERIES, SHORT, later)
    random = Random(3)
    for n in range(number):
        opened(engine, some_page(random, n), key._replace(path=f"/p/{n % 4}"), f"v{n % 5}")
        later.run()
    return engine, later


def test_the_limit_here_is_between_parsing_and_learning() -> None:
    assert predicted_locate_ms(len(OTHERS)) < SHORT.inline_compile_ms < predicted_lesson_ms(OTHERS.count(b"<"))


def test_pages_learnt_elsewhere_hit_like_those_learnt_here() -> None:
    later = Later()
    engine, random = Engine(QUERIES, SHORT, later), Random(5)
    carts: list[list[int]] = [[] for _ in range(20)]
    for number in range(400):
        cart = carts[number % 20]
        if random.random() < 0.1:
            cart.append(random.randint(1, 40))
        product = min(40, int(random.paretovariate(1)))
        cards = [(product * n) % 40 + 1 for n in range(1, 3 + product % 5)]
        body = page(cards, cart, title=f"Disco {product}", rows=3 + product % 4, token=f"k{random.random()}")
        key = (MEMBER if number % 2 else ANON)._replace(path=f"/p/{product}")
        assert_as_parsed(opened(engine, body, key, f"v{number % 20}"))
        if number % 3 == 0:  # a job takes its time
            later.run()
    assert engine.counters["hit"] >= 0.93 * 400, engine.counters


@pytest.mark.parametrize("key", [ANON, MEMBER], ids=["anonymous", "signed in"])
def test_until_it_is_learnt_the_engine_goes_on_without(key: TemplateKey) -> None:
    engine, later = Engine(QUERIES, SHORT, Later(room=0)), Later()
    for number in range(40):
        assert_as_parsed(opened(engine, some_page(Random(number), number), key, f"v{number % 5}"))
    assert opened(engine, OTHERS, key, "v9").outcome == "relocated"
    engine, later = taught_elsewhere(key)
    assert opened(engine, OTHERS, key, "v9").outcome == "hit"
    assert not later.waiting
    assert_as_parsed(opened(engine, OTHERS, key, "v9"))


def test_what_is_short_is_learnt_here() -> None:
    later = Later()
    engine = Engine(QUERIES, PageLimits(inline_compile_ms=2 * predicted_lesson_ms(4000)), later)
    for number in range(30):
        opened(engine, some_page(Random(number), number), ANON)
    assert not later.waiting
    assert opened(engine, OTHERS).outcome == "hit"


def test_without_processes_what_is_long_is_not_learnt() -> None:
    engine = Engine(QUERIES, SHORT)
    for number in range(30):
        opened(engine, some_page(Random(number), number), ANON)
    assert opened(engine, OTHERS).outcome == "relocated"


@pytest.mark.parametrize("limit", ["max_formed_bytes", "max_formed_tags"])
def test_bodies_whose_first_match_would_be_long_have_no_shape(limit: str) -> None:
    later = Later()
    sizes = {"max_formed_bytes": len(OTHERS), "max_formed_tags": OTHERS.count(b"<")}
    outcomes = []
    for room in (0, -1):
        engine = Engine(QUERIES, replace(SHORT, **{limit: sizes[limit] + room}), later)
        random = Random(1)
        for number in range(60):
            cards = random.sample(range(1, 40), 1 + number % 4)[:3]
            body = page(cards, cards[: number % 3], title=f"D{number}", rows=1 + number % 3)
            opened(engine, body, ANON._replace(path=f"/p/{number % 4}"))
            later.run()
        outcomes.append(opened(engine, OTHERS).outcome)
    assert outcomes == ["hit", "relocated"]


def test_one_lesson_at_a_time_for_one_kind() -> None:
    later = Later()
    engine = Engine(QUERIES, SHORT, later)
    for number in range(10):
        opened(engine, some_page(Random(number), number), ANON._replace(path=f"/p/{number}"))
    assert len(later.waiting) == 1


@pytest.mark.parametrize("result", [work, crash], ids=["works", "crashes"])
def test_bodies_that_come_meanwhile_wait_for_their_lesson(result: Callable[[bytes], bytes | None]) -> None:
    later = Later()
    engine = Engine(QUERIES, SHORT, later)
    for number in range(40):
        assert_as_parsed(opened(engine, some_page(Random(number), number), ANON._replace(path=f"/p/{number % 4}")))
    runs = 0
    while later.waiting:
        assert later.run(work if runs else result) == 1
        runs += 1
    assert 1 < runs <= 9, "the first, and the eight that came last"
    assert opened(engine, OTHERS).outcome == "hit"


def test_a_full_pool_drops_what_waits() -> None:
    later = Later()
    engine = Engine(QUERIES, SHORT, later)
    for number in range(10):
        opened(engine, some_page(Random(number), number), ANON)
    later.room = 0
    later.run()
    assert not later.waiting
    assert engine._offloading is not None
    assert not engine._offloading._waiting
    assert not engine._offloading._pending


@pytest.mark.parametrize("key", [ANON, MEMBER], ids=["anonymous", "signed in"])
def test_a_crash_costs_its_lesson_only(key: TemplateKey) -> None:
    later = Later()
    engine = Engine(QUERIES, SHORT, later)
    for number in range(6):
        assert_as_parsed(opened(engine, some_page(Random(number), number), key, f"v{number % 5}"))
        later.run(crash if number == 2 else work)
    assert engine._offloading is not None
    assert engine._offloading.failed == 1
    for number in range(30):
        path = key._replace(path=f"/p/{number % 4}")
        opened(engine, some_page(Random(50 + number), number), path, f"v{number % 5}")
        later.run()
    assert opened(engine, OTHERS, key, "v9").outcome == "hit"


def test_a_kind_that_always_crashes_is_hardly_tried() -> None:
    later = Later()
    engine = Engine(QUERIES, SHORT, later)
    tries = 0
    for number in range(80):
        opened(engine, some_page(Random(number), number), ANON._replace(path=f"/p/{number}"))
        tries += later.run(crash)
    assert 3 <= tries <= 12


def test_a_lesson_there_is_the_lesson_here() -> None:
    first, body, key = page([1, 2], []), OTHERS, b"k" * 32
    protected = attributes_used(QUERIES)
    here = lesson(
        locate(body, QUERIES),
        locate(first, QUERIES),
        Seen({}, set()),
        protected,
        portable_digest(key),
        SHORT.max_gap_bytes,
    )
    assert here is not None
    assert here.drafts
    there = taught(work(lesson_job(Setup(QUERIES, SHORT), body, first, Seen({}, set()), key)))
    assert there is not None

    def plain(values: object) -> bytes:
        raw: bytes = msgpack.packb(values, default=dict)
        return raw

    assert plain(packed(there)) == plain(packed(here))


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a template", page([1], []).replace(b"<h1>", b"<template><p>x</p></template><h1>")),
        ("too deep", page([1], []).replace(b"<h1>", b"<div>" * 600 + b"<h1>")),
    ],
)
def test_some_bodies_teach_nothing(name: str, body: bytes) -> None:
    assert taught(work(lesson_job(Setup(QUERIES, SHORT), body, None, Seen({}, set()), b"k"))) is None


def test_a_body_of_too_many_different_blocks_has_no_shape() -> None:
    def body(count: int) -> bytes:
        groups = "".join(
            f'<div class="g{g}">' + "".join(f'<p class="c{n}">x</p>' for n in range(count // 25)) + "</div>"
            for g in range(25)
        )
        return f"<!DOCTYPE html><body><h1>t</h1><main>{groups}</main></body>".encode()

    for count, has_shape in ((100, True), (MAX_DRAFTS + 100, False)):
        varied = body(count).replace(b'<p class="c0">x</p>', b"")
        made = taught(work(lesson_job(Setup(QUERIES, SHORT), body(count), varied, Seen({}, set()), b"k")))
        assert made is not None
        assert bool(made.drafts) is has_shape


@pytest.mark.parametrize("wrong", [b"", b"\xc1", msgpack.packb([1, 2]), msgpack.packb([[], [{}, {}, {}, 0], [[]]])])
def test_what_comes_back_is_not_trusted(wrong: bytes) -> None:
    later = Later()
    engine = Engine(QUERIES, SHORT, later)
    for number in range(3):
        opened(engine, some_page(Random(number), number), ANON)
    assert later.waiting
    with pytest.raises((ValueError, TypeError, IndexError, msgpack.UnpackException)):
        later.run(lambda job: wrong)
    assert_as_parsed(opened(engine, OTHERS))
    later.run()


def test_a_lesson_is_forgotten_with_its_kind() -> None:
    later = Later()
    engine = Engine(QUERIES, replace(SHORT, max_templates=2), later)
    for number in range(2):
        opened(engine, some_page(Random(number), number), ANON)
    assert len(later.waiting) == 1
    for kind in "abc":
        opened(engine, some_page(Random(1), 1), ANON._replace(kind=kind))
    later.run()
    assert len(engine._forms) == 2
    assert engine._forms_bytes == sum(forms.weight for forms in engine._forms.values())


def test_signed_in_pages_learnt_elsewhere_keep_the_three_visitor_rule() -> None:
    later = Later()
    engine = Engine(QUERIES, SHORT, later)
    for number, visitor in enumerate(("v1", "v1", "v2", "v2", "v3", "v4")):
        body = page([1, 2], [3] * number, note=f"Canario{number}", token=f"Secreto{number}")
        opened(engine, body, MEMBER, visitor)
        later.run()
        later.run()
        del body
        assert not is_held(engine, "Canario")
        assert not is_held(engine, "Secreto")
    assert is_held(engine, 'class="note"')


def edited(number: int) -> list[Edit]:
    return [SetText(Target("title"), Text("Para ti")), Reorder("card", tuple(reversed(range(number))))]


@pytest.mark.parametrize("is_long", [True, False], ids=["elsewhere", "here"])
def test_a_hit_of_a_new_composition_is_proven_within_the_limit(is_long: bool) -> None:
    """Its first edited page takes a parse, to learn what surrounds the edits, and maybe a proof: both are predicted."""
    engine, later = taught_elsewhere()
    engine.limits = replace(SHORT, inline_compile_ms=predicted_locate_ms(len(OTHERS)) / 2 if is_long else 15.0)
    found = opened(engine, OTHERS)
    assert found.outcome == "hit"
    spliced = found.splice(edited(4))
    assert [refused.reason for refused in spliced.refused] == (["COMPILING"] * 2 if is_long else [])
    assert (spliced.body is OTHERS) is is_long
    assert later.run() == (1 if is_long else 0)
    here = opened(Engine(QUERIES), OTHERS).splice(edited(4))
    assert opened(engine, OTHERS).splice(edited(4)).body == here.body


def test_what_varies_is_what_differed_from_the_first_that_was_seen() -> None:
    seen = Seen({}, set())
    seen.add({1: 5, 2: 6})
    assert (seen.contents, seen.varying) == ({1: 5, 2: 6}, set())
    seen.add({1: 5, 2: 7, 3: 8})
    seen.add({3: 9})
    assert (seen.contents, seen.varying) == ({1: 5, 2: 6, 3: 8}, {2, 3})


@pytest.mark.parametrize("is_varying", [False, True])
def test_too_many_contexts_are_forgotten(is_varying: bool) -> None:
    seen = Seen({}, set())
    many = dict.fromkeys(range(5001), 1)
    seen.add(many)
    if is_varying:
        seen.varying.update(many)
        seen.contents.clear()
    seen.add({7: 2})
    assert (seen.contents, seen.varying) == ({7: 2}, set())


UNIT = Unit("p", 0, 3, 4, 8, True, False, 0, {"id": (1, 2)})
PARSED = Anatomy({"t": 2}, {"t": (UNIT, UNIT._replace(start=9))}, {"t": ((Place("x", "text", 3, 4),), ())}, False)
UNLIKE = [
    ("a count", {"counts": {"t": 3}}),
    ("a unit", {"units": {"t": (UNIT, UNIT)}}),
    ("fewer units", {"units": {"t": (UNIT,)}}),
    ("an attribute", {"units": {"t": (UNIT, PARSED.units["t"][1]._replace(attributes={"id": (1, 3)}))}}),
    ("parents", {"units": {"t": (UNIT, PARSED.units["t"][1]._replace(parent=1))}}),
    ("a place", {"places": {"t": ((Place("x", "text", 3, 5),), ())}}),
    ("no place", {"places": {"t": ((), ())}}),
]


def test_the_numbers_of_parents_do_not_matter() -> None:
    others = tuple([unit._replace(parent=unit.parent + 7) for unit in PARSED.units["t"]])
    assert _is_same(PARSED, PARSED)
    assert _is_same(replace(PARSED, units={"t": others}), PARSED)
    assert not _is_same(PARSED, replace(PARSED, is_opaque=True))


@pytest.mark.parametrize("other", [row[1] for row in UNLIKE], ids=[row[0] for row in UNLIKE])
def test_a_shape_that_says_anything_else_is_not_the_same(other: dict[str, Any]) -> None:
    assert not _is_same(replace(PARSED, **other), PARSED)
    assert not _is_same(PARSED, replace(PARSED, **other))
