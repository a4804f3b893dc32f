"""Looks at sessions of a known truth."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from clicks.click import Event
from clicks.looks import LOOKS, Look, dwell, funnel, paths, sources
from clicks.sessions import Happened, PageSeen, Session
from clicks.sources import DIRECT, TrafficSource

NOW = 1_000_000.0
BLOG = TrafficSource("partner", "blog.example", "referral", content="banner-top")


def session(person: str, source: TrafficSource, *pages: tuple[str, float | None], **fields: object) -> Session:
    seen = tuple(PageSeen(NOW - 9_000, page, "other", dwell_s=dwell_s) for page, dwell_s in pages)
    made = Session(person, person, (person,), NOW - 9_000, NOW - 8_000, source, "desktop", False, seen, ())
    return replace(made, **fields)  # type: ignore[arg-type]


def happened(*names: str) -> tuple[Happened, ...]:
    return tuple(Happened(NOW, Event(name, {})) for name in names)  # type: ignore[arg-type]


THREE = (
    session(
        "a",
        BLOG,
        ("/", 30.0),
        ("/p/1", 90.0),
        ("/done", None),
        events=happened("product_view", "add_to_cart", "begin_checkout", "purchase"),
        orders=("100",),
        value_cents=4180,
    ),
    session("a", BLOG, ("/p/1", 10.0), ("/cart", None), events=happened("product_view", "add_to_cart"), cart={"1": 1}),
    session("b", DIRECT, ("/", None)),
)


def rows(look: Look) -> list[dict[str, object]]:
    return [dict(zip(look.columns, row, strict=True)) for row in look.rows]


def test_sources() -> None:
    first, second = rows(sources(THREE, NOW))
    assert (first["source"], first["content"], first["sessions"], first["visitors"]) == (
        "blog.example",
        "banner-top",
        2,
        1,
    )
    assert (first["engaged_percent"], first["abandoned_carts"], first["orders"], first["value"]) == (100.0, 1, 1, 41.8)
    assert (second["channel"], second["engaged_percent"], second["orders"]) == ("direct", 0.0, 0)


def test_paths() -> None:
    assert [row["path"] for row in rows(paths(THREE, NOW, steps=2))] == ["/", "/ > /p/1 > …", "/p/1 > /cart"]
    assert [row["orders"] for row in rows(paths(THREE, NOW))] == [0, 1, 0]


def test_dwell_leaves_out_what_is_not_known() -> None:
    found = {row["page"]: row for row in rows(dwell(THREE, NOW))}
    assert (found["/"]["views"], found["/"]["known"], found["/"]["median_s"]) == (2, 1, 30.0)
    assert (found["/"]["entries"], found["/"]["exits"], found["/"]["bounces"]) == (2, 1, 1)
    assert (found["/p/1"]["median_s"], found["/p/1"]["p90_s"]) == (50.0, 82.0)
    assert (found["/cart"]["known"], found["/cart"]["median_s"], found["/cart"]["exits"]) == (0, None, 1)


def test_funnel() -> None:
    assert [tuple(row.values()) for row in rows(funnel(THREE, NOW))] == [
        ("session", 3, 100.0, 100.0),
        ("product seen", 2, 66.7, 66.7),
        ("into the cart", 2, 66.7, 100.0),
        ("checkout", 1, 33.3, 50.0),
        ("order", 1, 33.3, 100.0),
    ]


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_no_session_at_all(look: Callable[[tuple[Session, ...], float], Look]) -> None:
    found = look((), NOW)
    assert found.measure in found.columns
    assert all(row[1] == 0 for row in found.rows)
