"""Profiles, catalogue, clicks and identity may fail: the page goes out as it came, and it is counted."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.proxy.pages import JOSE, PAGE, PERSONAL, cookie, html, likes, opens, values

Start = Callable[..., Any]


@pytest.mark.parametrize("mode", ["silent", "unavailable", "breaker_open"])
async def test_profiles_that_do_not_come_cost_their_budget_only(shop: Start, mode: str) -> None:
    async with shop(html(), **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3")
        s.profiles.mode = mode
        head, body = await s.ask(opens("/", cookie(JOSE)))
        assert body == PAGE
        assert values(head, b"etag") == [b'"abc"']
        assert (await s.click()).profile == JOSE
        assert s.count("profile_timeouts" if mode == "silent" else "profile_unavailable") == 1
        s.profiles.mode = "up"
        _, body = await s.ask(opens("/", cookie(JOSE)))
        assert body != PAGE


async def test_unreadable_profile_and_broken_catalogue_fail_open(shop: Start) -> None:
    async with shop(html(), **PERSONAL) as s:
        s.profiles.stored[JOSE] = b"\xc1 not a profile"
        assert (await s.ask(opens("/", cookie(JOSE))))[1] == PAGE
        s.profiles.stored[JOSE] = likes(JOSE, "3")
        s.catalogue.products = None
        head, body = await s.ask(opens("/", cookie(JOSE)))
        assert body == PAGE
        assert values(head, b"etag") == [b'"abc"']


async def test_a_profile_whose_reading_raises_hangs_no_page(shop: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(raw: bytes) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("proxy.visit.open_profile", raising)
    async with shop(html(), **PERSONAL) as s:
        s.profiles.stored[JOSE], s.profiles.mode = likes(JOSE, "3"), "late"
        assert (await s.ask(opens("/", cookie(JOSE))))[1] == PAGE


async def test_sink_that_fails_costs_no_page(shop: Start) -> None:
    async with shop(html(), **PERSONAL) as s:

        def refuse(*clicks: Any) -> int:
            raise OSError(28, "No space left on device")

        s.clicks.append = refuse
        assert (await s.ask(opens("/", "agreed=yes")))[1] == PAGE
        assert s.count("clicks_lost") == 1


async def test_failure_of_identity_costs_no_page(shop: Start) -> None:
    """A new visitor needs an id, at the request and at the answer; where none can be made the page passes."""

    def broken() -> str:
        raise OSError("no entropy")

    async with shop(html(), new_id=broken, **PERSONAL) as s:
        assert (await s.ask(opens("/", "agreed=yes")))[1] == PAGE
        assert s.count("fail_open") >= 1
