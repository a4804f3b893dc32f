"""Profiles put to rest on a real server: smaller, readable, expiring when they would have, never over a newer one."""

import asyncio

from storage import keys
from storage.connecting import Client
from storage.profile_store import ProfileStore
from storage.resting import Resting, at_rest
from visitors.interests import growth
from visitors.profile import Profile, Shown
from visitors.wire import decode_profile, encode_profile, is_resting

NOW = 1_700_000_000.0


def somebody(number: int, updated: float) -> Profile:
    return Profile(
        id=f"somebody-{number:013}",
        updated=updated,
        last_click=updated,
        visits=2,
        products={"7": growth(updated)},
        shown={"/ grid": Shown(updated, ("1", "2", "3"))},
    )


async def test_who_has_gone_rests_and_nobody_else(redis_client: Client) -> None:
    gone = [somebody(number, NOW - 4_000) for number in range(250)]
    here = somebody(999, NOW - 60)
    store = ProfileStore(redis_client, ttl_s=500)
    await store.put_many([(one.id, encode_profile(one)) for one in (*gone, here)])
    await redis_client.set(keys.profile_key("unreadable-00000"), b"\x93\x09")
    await redis_client.expire(keys.profile_key(gone[0].id), 77)
    resting = Resting(store, lambda: True, now=lambda: NOW)
    await resting.walk(asyncio.Event(), pause_s=0)
    assert resting.rested == 250
    for one in gone:
        raw = await store.get(one.id)
        assert raw is not None
        assert is_resting(raw)
        assert len(raw) < len(encode_profile(one)) / 2
        assert decode_profile(raw) == one._replace(shown={})
    assert await redis_client.ttl(keys.profile_key(gone[0].id)) <= 77
    assert await redis_client.ttl(keys.profile_key(gone[1].id)) > 400
    assert await store.get(here.id) == encode_profile(here)
    assert await store.get("unreadable-00000") == b"\x93\x09"
    await resting.walk(asyncio.Event(), pause_s=0)
    assert resting.rested == 250


async def test_who_came_back_meanwhile_is_not_written_over(redis_client: Client) -> None:
    store = ProfileStore(redis_client)
    before, after = encode_profile(somebody(1, NOW - 4_000)), encode_profile(somebody(1, NOW))
    fresh = at_rest(before, NOW)
    assert fresh is not None
    await store.put_many([("somebody-0000000000001", after)])
    assert await store.put_to_rest([("somebody-0000000000001", before, fresh)]) == 0
    assert await store.get("somebody-0000000000001") == after
    assert await store.put_to_rest([("erased-00000000000000", before, fresh)]) == 0
    assert await store.get("erased-00000000000000") is None
