"""A page that waited for its visitor's profile is not kept any longer than that."""

import gc
from collections.abc import Callable
from typing import Any

from config.settings import Budget
from proxy.visit import Visit
from tests.integration.proxy.pages import JOSE, PERSONAL, cookie, html, likes, opens


async def test_a_page_whose_profile_came_in_time_is_let_go(shop: Callable[..., Any]) -> None:
    """Its deadline would hold its body and all that was made of it: with the default one, those of 20 ms."""
    site = PERSONAL["site"] | {"budget": Budget(profile_ms=60_000.0)}
    async with shop(html(), **(PERSONAL | {"site": site})) as s:
        s.profiles.mode = "late"
        s.profiles.stored[JOSE] = likes(JOSE, "3", first_name="José", customer=True)
        _, body = await s.ask(opens("/", cookie(JOSE, session="s1")))
        assert b"Hola, Jos&#233;" in body
        await s.click()
        gc.collect()
        assert not [each for each in gc.get_objects() if isinstance(each, Visit)]
