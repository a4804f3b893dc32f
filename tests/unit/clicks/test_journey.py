"""A journey told in words."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from clicks.click import Click, Event
from clicks.journey import duration, told
from clicks.sessions import sessions

START = datetime(2026, 11, 22, 9, 2, tzinfo=UTC).timestamp()
VIEW = Event("page_view", {})


def click(at: float, path: str, *events: Event, **fields: object) -> tuple[Click, str, int]:
    made = Click(START + at, "shop.example", "GET", path, 200, profile="b", session="s", agent="mobile", **fields)  # type: ignore[arg-type]
    return replace(made, events=events or (VIEW,)), "x", int(at)


def test_a_journey_as_one_would_tell_it() -> None:
    clicks = [
        click(0, "/", referrer="blog.example/best", campaign={"utm_content": "banner-top"}),
        click(45, "/p/7", VIEW, Event("product_view", {"product": "7"}), product="7"),
        click(110, "/cart/add", Event("add_to_cart", {"product": "7", "quantity": 2})),
        click(111, "/cart"),
        click(140, "/checkout", VIEW, Event("begin_checkout", {})),
        click(190, "/done", VIEW, Event("purchase", {"id": "100", "value_cents": 4180, "items": ("7",)})),
        click(7200, "/", referrer="shop.example/done"),
        click(7260, "/search", VIEW, Event("search", {"term": "miles davis"})),
        click(7300, "/cart/add", Event("add_to_cart", {"product": "9", "quantity": 1})),
    ]
    told_lines = told(
        sessions(clicks, ("blog.example",)),
        {"7": "Kind of Blue"},
        lambda at: datetime.fromtimestamp(at, UTC).strftime("%A %-d %B %Y"),
        lambda at: datetime.fromtimestamp(at, UTC).strftime("%H:%M"),
        START + 86_400,
    )
    assert (
        "\n".join(told_lines)
        == """\
Sunday 22 November 2026, 09:02: came from the partner blog.example, banner banner-top (mobile)
  09:02  opened /: 45 s until the next page
  09:02  opened /p/7, Kind of Blue: 1 min 6 s until the next page
  09:03  put 2 × Kind of Blue into the cart
  09:03  opened /cart: 29 s until the next page
  09:04  opened /checkout: 50 s until the next page
  09:04  went to the checkout
  09:05  opened /done: how long is not known
  09:05  bought: Kind of Blue, order 100 for 41.80
  5 pages in 3 min 10 s; left at /done

Sunday 22 November 2026, 11:02: came from the partner blog.example, banner banner-top (mobile)
  11:02  opened /: 1 min until the next page
  11:03  opened /search: how long is not known
  11:03  searched for "miles davis"
  11:03  put product 9 into the cart
  2 pages in 1 min 40 s; left at /search, 1 thing stayed in the cart"""
    )


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.2, "0 s"), (59.4, "59 s"), (60, "1 min"), (200, "3 min 20 s"), (3600, "1 h"), (3900, "1 h 5 min")],
)
def test_duration(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected
