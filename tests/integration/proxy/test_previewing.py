"""Preview: only the operator's browser sees changes, as whom it asks for, and nothing of it is counted."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from config.settings import Cap, Condition, Segment, Who
from tests.integration.proxy.pages import JOSE, KEYRING, NOW, PAGE, PERSONAL, cookie, html, likes, opens, values
from visitors.cookie import Keyring
from visitors.preview import Preview, encode_preview

Start = Callable[..., Any]
HOST = "shop.test"
OTHER_KEYS = Keyring((("k1", b"another-another-another-another-"),))
ORDERED = Segment("ordered", Who(all=(Condition("orders", "gte", 1), Condition("logged_in", "eq", True))))


def settings(mode: str, **site: Any) -> Mapping[str, Any]:
    """The personal shop's settings in another mode."""
    return {**PERSONAL, "site": {**PERSONAL["site"], "mode": mode, **site}, "segments": {"ordered": ORDERED}}


def previewing(
    kind: Any = "own", name: str = "", *, until: float = NOW + 60, host: str = HOST, keys: Keyring = KEYRING
) -> str:
    """A Cookie pair."""
    return f"vitrina_preview={encode_preview(keys, Preview(int(until), kind, name), host)}"


def with_cookie(*pairs: str) -> bytes:
    return opens("/", "; ".join(pairs))


@pytest.mark.parametrize("mode", ["preview", "live"])
async def test_as_a_profile(shop: Start, mode: str) -> None:
    async with shop(html(), **settings(mode, holdout=100.0)) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3", first_name="José", customer=True)
        head, body = await s.ask(with_cookie("agreed=yes", previewing("profile", JOSE), "sid=mine"))
        assert b'<p id="hello">Hola, Jos&#233;</p>' in body
        assert body.index(b"id=3") < body.index(b"id=1")
        assert values(head, b"cache-control") == [b"private, no-store"]
        assert not values(head, b"set-cookie")
        assert s.origin.requests[0].values(b"cookie") == [b"agreed=yes; sid=mine"]
        click = await s.click()
        assert click.preview
        assert (click.profile, click.session, click.customer, click.variant) == (None, None, False, "")
        assert (click.events, click.catalogue, click.listed, click.merged_from) == ((), (), None, None)
        assert {reason.code for reason in click.reasons} == {"TARGETING_MATCH"}
        assert (s.count("previewed"), s.count("personalised"), s.count("moved"), s.count("holdout")) == (1, 0, 0, 0)
        assert sum(s.control.measured().reasons.values()) == 0


async def test_as_somebody_of_a_segment(shop: Start) -> None:
    async with shop(html(), **settings("preview")) as s:
        _, body = await s.ask(with_cookie(previewing("segment", "ordered")))
        assert b'<p id="hello">Hola, Mar&#237;a</p>' in body
        assert s.profiles.asked == []


async def test_as_the_browser_itself(shop: Start) -> None:
    async with shop(html(), **settings("preview")) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3", first_name="José", customer=True)
        known = cookie(JOSE, session="s1")
        _, body = await s.ask(with_cookie(known, previewing()))
        assert b"Hola, Jos&#233;" in body
        assert (await s.click()).profile is None


async def test_nobody_else_is_shown_anything_in_mode_preview(shop: Start) -> None:
    async with shop(html(), **settings("preview")) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3", first_name="José", customer=True)
        await s.ask(with_cookie("agreed=yes", previewing("profile", JOSE)))
        head, body = await s.ask(opens("/", cookie(JOSE, session="s1")))
        assert body == PAGE
        assert values(head, b"etag")
        click = await s.click(2)
        assert (click.preview, click.profile) == (False, JOSE)
        assert {reason.code for reason in click.reasons} == {"DISABLED"}


@pytest.mark.parametrize(
    "pair",
    [
        previewing("profile", JOSE, until=NOW),
        previewing("profile", JOSE, host="other.example"),
        previewing("profile", JOSE, keys=OTHER_KEYS),
        previewing("profile", JOSE)[:-1],
        "vitrina_preview=",
        "not_vitrina_preview=1.x.o..y",
    ],
    ids=["expired", "of another site", "forged", "cut", "empty", "another name"],
)
async def test_a_cookie_that_does_not_hold_is_no_preview(shop: Start, pair: str) -> None:
    async with shop(html(), **settings("preview")) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3", first_name="José", customer=True)
        _, body = await s.ask(with_cookie("agreed=yes", pair))
        assert body == PAGE
        assert not (await s.click()).preview


@pytest.mark.parametrize("mode", ["observe", "off"])
async def test_modes_that_change_nothing_have_no_preview(shop: Start, mode: str) -> None:
    async with shop(html(), **settings(mode)) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3", first_name="José", customer=True)
        _, body = await s.ask(with_cookie(previewing("profile", JOSE)))
        assert body == PAGE
        assert not (await s.click()).preview


async def test_the_kill_switch_ends_previews_too(shop: Start) -> None:
    async with shop(html(), **settings("preview")) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3", first_name="José", customer=True)
        s.control.turn(False)
        assert (await s.ask(with_cookie(previewing("profile", JOSE))))[1] == PAGE


async def test_rollout_does_not_apply(shop: Start) -> None:
    experiences = tuple(replace(experience, rollout=0.0) for experience in PERSONAL["experiences"])
    async with shop(html(), **{**settings("live"), "experiences": experiences}) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3", first_name="José", customer=True)
        assert b"Hola" in (await s.ask(with_cookie(previewing("profile", JOSE))))[1]
        assert b"Hola" not in (await s.ask(opens("/", cookie(JOSE, session="s1"))))[1]


async def test_caps_apply_as_they_stand_in_the_profile_and_stay_so(shop: Start) -> None:
    experiences = tuple(replace(experience, cap=Cap(2, 3600.0)) for experience in PERSONAL["experiences"])
    async with shop(html(), **{**settings("preview"), "experiences": experiences}) as s:
        for seen, greeted in (
            ((), True),
            ((NOW - 60,), True),
            ((NOW - 60, NOW - 30), False),
            ((NOW - 7200,) * 2, True),
        ):
            s.profiles.stored[JOSE] = before = likes(
                JOSE, "3", first_name="José", customer=True, exposures={"hola": seen}
            )
            for _ in range(3):  # to look at it is no exposure
                _, body = await s.ask(with_cookie(previewing("profile", JOSE)))
                assert (b"Hola" in body) is greeted, seen
            assert body.index(b"id=3") < body.index(b"id=1"), "the cap of another experience"
            assert s.profiles.stored[JOSE] == before
        reasons = [{reason.experience: reason.code for reason in click.reasons}["hola"] for click in s.clicks.all]
        assert reasons == ["TARGETING_MATCH"] * 6 + ["CAPPED"] * 3 + ["TARGETING_MATCH"] * 3
        assert all((click.preview, click.events) == (True, ()) for click in s.clicks.all)


async def test_a_login_in_preview_as_somebody_else_changes_no_cookie(shop: Start) -> None:
    login = b"POST /login.php HTTP/1.1\r\nHost: shop.test\r\nSec-Fetch-Dest: document\r\nCookie: %b; sid=s\r\n"
    login += (
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 31\r\n\r\nemail=a%%40b.example&password=pw"
    )
    answer = b"HTTP/1.1 302 Found\r\nLocation: /\r\nSet-Cookie: sid=new\r\nContent-Length: 0\r\n\r\n"
    async with shop(answer, **settings("live")) as s:
        head, _ = await s.ask(login % previewing("profile", JOSE).encode())
        assert values(head, b"set-cookie") == [b"sid=new"]
        click = await s.click()
        assert (click.preview, click.events, click.profile) == (True, (), None)


async def test_assets_and_unchanged_pages_of_a_preview(shop: Start) -> None:
    page = html(b"<html><body>nothing to change</body></html>", b"Cache-Control: public, max-age=600")
    async with shop(page, **settings("preview")) as s:
        head, body = await s.ask(with_cookie(previewing()))
        assert body == b"<html><body>nothing to change</body></html>"
        assert values(head, b"cache-control") == [b"private, no-store"]
        await s.ask(opens("/logo.png", previewing()))
        assert [(await s.click(number)).preview for number in (1, 2)] == [True, True]
