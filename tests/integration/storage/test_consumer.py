"""Stream to profiles and catalogue: each click counts once, whoever dies, competes or erases meanwhile."""

import asyncio
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from clicks.click import Click, Event
from clicks.wire import encode_click
from storage import keys
from storage.catalogue import CatalogueLearner
from storage.connecting import Client
from storage.consumer import Consumer
from storage.profile_store import ProfileStore
from storage.records import frame
from storage.shipper import Shipper
from storage.shipping import ship
from storage.spool import Spool
from storage.spool_reader import Chunk
from storage.stream import ClickStream, Taken
from tests.fixtures.oracle import eventually
from tests.integration.storage.conftest import Spawn, killed
from visitors.profile import Profile
from visitors.wire import decode_profile, encode_profile

NOW = 1_700_000_000.0


def view(profile: str | None, at: float = NOW, product: str = "7", merged_from: str | None = None) -> Click:
    """A product page."""
    events = (Event("page_view", {"kind": "product"}), Event("product_view", {"product": product, "categories": ()}))
    return Click(
        time=at,
        host="h",
        method="GET",
        path=f"/p/{product}",
        status=200,
        profile=profile,
        session="s",
        kind="product",
        product=product,
        catalogue=((product, f"Record {product}", 1990, ("Jazz",), None, False, f"/p/{product}"),),
        events=events,
        merged_from=merged_from,
    )


class Clicks:
    """Puts clicks into the stream as the shipper does, from one spool."""

    def __init__(self, client: Client, spool: str = "a" * 32) -> None:
        self._client = client
        self._spool = spool
        self._next = 0

    async def put(self, *clicks: Click) -> None:
        """One entry with these."""
        packed = b"".join(frame(self._next + at, encode_click(click)) for at, click in enumerate(clicks))
        await ship(self._client, [Chunk(self._spool, self._next, len(clicks), packed, False)])
        self._next += len(clicks)


async def fold_all(client: Client, spawn: Spawn, name: str = "work") -> Consumer:
    """Run one consumer until nothing is left."""
    consumer, stop = Consumer(client, name), asyncio.Event()
    running = spawn(consumer.run(stop), "consumer")
    await eventually(lambda: is_folded(client))
    stop.set()
    await running
    return consumer


async def is_folded(client: Client) -> bool:
    for group in await client.execute_command("XINFO GROUPS", keys.STREAM):
        if group["name"] == keys.GROUP:
            return bool(group["pending"] == 0 and group["lag"] == 0)
    return False


async def profile_of(client: Client, profile_id: str) -> Profile | None:
    raw = await ProfileStore(client).get(profile_id)
    return None if raw is None else decode_profile(raw)


async def test_clicks_become_profiles_and_catalogue(redis_client: Client, spawn: Spawn) -> None:
    clicks = Clicks(redis_client)
    await clicks.put(view("ana"), view("ben", NOW + 1), view("ana", NOW + 2, "8"))
    await clicks.put(view(None, NOW + 3, "9"), view("ana", NOW + 4))
    consumer = await fold_all(redis_client, spawn)
    ana, ben = await profile_of(redis_client, "ana"), await profile_of(redis_client, "ben")
    assert ana is not None
    assert ben is not None
    assert (ana.page_views, ben.page_views) == (3, 1)
    assert set(ana.products) == {"7", "8"}
    learner = CatalogueLearner(redis_client)
    await learner.refresh()
    assert {product.id: round(product.popularity) for product in learner._products.values()} == {"7": 3, "8": 1, "9": 1}
    assert consumer.folded == 5
    assert not consumer.is_active
    assert await redis_client.execute_command("HGET", keys.TOTALS, "clicks") == b"5"
    assert await redis_client.execute_command("EXISTS", keys.LEASE) == 0


async def test_assets_only_count(redis_client: Client, spawn: Spawn) -> None:
    asset = Click(time=NOW, host="h", method="GET", path="/a.png", status=200, profile="ana", asset=True, bytes_out=9)
    await Clicks(redis_client).put(asset, asset)
    await fold_all(redis_client, spawn)
    assert await profile_of(redis_client, "ana") is None
    totals = await redis_client.execute_command("HGETALL", keys.TOTALS)
    assert totals == {b"clicks": b"2", b"assets": b"2", b"bytes_out": b"18"}


async def test_a_preview_counts_for_nobody_and_nothing(redis_client: Client, spawn: Spawn) -> None:
    await Clicks(redis_client).put(replace(view("ana"), preview=True), view("ben"), replace(view(None), preview=True))
    consumer = await fold_all(redis_client, spawn)
    assert await profile_of(redis_client, "ana") is None
    assert await redis_client.execute_command("HGET", keys.TOTALS, "clicks") == b"1"
    learner = CatalogueLearner(redis_client)
    await learner.refresh()
    assert [round(product.popularity) for product in learner._products.values()] == [1]
    assert consumer.folded == 3


async def test_a_batch_repeated_after_a_crash_changes_nothing(redis_client: Client, spawn: Spawn) -> None:
    await Clicks(redis_client).put(*(view("ana", NOW + n) for n in range(20)))
    dead = Consumer(redis_client, "dead")
    await dead._stream.open()
    assert isinstance(await dead._stream.read(10), Taken)
    dead._masters = dead._stream.masters
    answer = await dead._stream.read(10)
    assert not isinstance(answer, Taken)
    _, folding = dead._decode(answer.entries)
    await dead._write_profiles(folding)  # and then it dies: written, not acknowledged, its lease still held
    if dead._line is not None:
        dead._line.close()
    before = await ProfileStore(redis_client).get("ana")
    await redis_client.execute_command("DEL", keys.LEASE)  # in the end it lapses
    consumer = await fold_all(redis_client, spawn)
    assert consumer.folded == 20
    assert await ProfileStore(redis_client).get("ana") == before
    learner = CatalogueLearner(redis_client)
    await learner.refresh()
    assert round(learner._products["7"].popularity) == 20


async def test_a_killed_consumer_s_lease_lapses_and_another_takes_over(redis_client: Client, spawn: Spawn) -> None:
    clicks = Clicks(redis_client)
    await clicks.put(view("ana"))
    first = Consumer(redis_client, "first")
    running = spawn(first.run(asyncio.Event()), "first")
    await eventually(lambda: is_folded(redis_client))
    await killed(running)
    await redis_client.execute_command("PEXPIRE", keys.LEASE, 50)
    await clicks.put(view("ana", NOW + 1))
    await fold_all(redis_client, spawn, "second")
    ana = await profile_of(redis_client, "ana")
    assert ana is not None
    assert ana.page_views == 2


async def test_a_lease_from_before_the_clock_was_set_back_is_void(redis_client: Client, spawn: Spawn) -> None:
    await redis_client.execute_command("SET", keys.LEASE, "killed-yesterday", "PX", 86_400_000)
    await Clicks(redis_client).put(view("p"))
    await fold_all(redis_client, spawn)
    assert await redis_client.execute_command("EXISTS", keys.LEASE) == 0, "taken, and given back at the end"


async def test_two_consumers_and_two_spools_lose_and_double_nothing(
    redis_client: Client, tmp_path: Path, spawn: Spawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.consumer._STANDBY_S", 0.01)
    stop = asyncio.Event()
    consumers = [Consumer(redis_client, "one"), Consumer(redis_client, "two")]
    running = [spawn(consumer.run(stop), "consumer") for consumer in consumers]
    running.append(spawn(Shipper(tmp_path, redis_client).run(stop), "shipper"))
    spools = [Spool.create(tmp_path), Spool.create(tmp_path)]
    written = 0

    async def write_and_lose_the_lease() -> None:
        """100 clicks; the lease is lost in the middle of whatever its holder does, for whoever is first."""
        nonlocal written
        for _ in range(50):
            for spool in spools:
                spool.append(view(f"p{written // 2 % 10}", NOW + written))
                written += 1
        await redis_client.execute_command("DEL", keys.LEASE)
        await asyncio.sleep(0.02)

    async def both_have_had_it() -> bool:
        await write_and_lose_the_lease()
        return written >= 2000 and all(consumer.folded > 0 for consumer in consumers)

    await eventually(both_have_had_it)

    async def all_folded() -> bool:
        profiles = [await profile_of(redis_client, f"p{n}") for n in range(10)]
        return sum(profile.page_views for profile in profiles if profile is not None) >= written

    await eventually(all_folded)
    await eventually(lambda: is_folded(redis_client))
    profiles = [await profile_of(redis_client, f"p{n}") for n in range(10)]
    assert [profile.page_views for profile in profiles if profile is not None] == [written // 10] * 10
    assert sum(consumer.errors for consumer in consumers) == 0
    stop.set()
    await asyncio.gather(*running)
    for spool in spools:
        spool.close()


async def test_a_browser_s_history_joins_the_customer_s(redis_client: Client, spawn: Spawn) -> None:
    one, two = Clicks(redis_client, "a" * 32), Clicks(redis_client, "b" * 32)
    await one.put(view("browser"), view("browser", NOW + 1))
    await fold_all(redis_client, spawn)
    await one.put(view("browser", NOW + 2), view("customer", NOW + 3, merged_from="browser"), view("customer", NOW + 4))
    await two.put(view("browser", NOW + 2.5))  # another worker's spool arrives after the merge
    await fold_all(redis_client, spawn)
    customer, browser = await profile_of(redis_client, "customer"), await profile_of(redis_client, "browser")
    assert customer is not None
    assert browser is not None
    assert customer.page_views == 6
    assert customer.merged == ("browser",)
    assert browser.moved_to == "customer"


async def test_a_merge_cut_short_between_its_two_writes_is_completed(redis_client: Client, spawn: Spawn) -> None:
    store, clicks = ProfileStore(redis_client), Clicks(redis_client)
    await clicks.put(view("browser"), view("browser", NOW + 1))
    await fold_all(redis_client, spawn)
    before = await store.get("browser")
    await clicks.put(view("customer", NOW + 3, merged_from="browser"))
    await fold_all(redis_client, spawn)
    done = await store.get("customer")
    assert before is not None
    assert await store.compare_and_set("browser", await store.get("browser"), before)  # as if never tombstoned
    await redis_client.execute_command("XGROUP SETID", keys.STREAM, keys.GROUP, "0")
    await fold_all(redis_client, spawn)
    assert await store.get("customer") == done
    browser = await profile_of(redis_client, "browser")
    assert browser is not None
    assert browser.moved_to == "customer"


async def test_replaying_everything_changes_no_profile(redis_client: Client, spawn: Spawn) -> None:
    one, two = Clicks(redis_client, "a" * 32), Clicks(redis_client, "b" * 32)
    await one.put(*(view("browser", NOW + n) for n in range(5)))
    await two.put(*(view("browser", NOW + n) for n in range(5)))
    await one.put(view("customer", NOW + 6, merged_from="browser"))
    await two.put(view("browser", NOW + 7))
    await fold_all(redis_client, spawn)
    before = dict([item async for item in ProfileStore(redis_client).scan()])
    assert set(before) == {"browser", "customer"}
    await redis_client.execute_command("XGROUP SETID", keys.STREAM, keys.GROUP, "0")
    await fold_all(redis_client, spawn)
    assert dict([item async for item in ProfileStore(redis_client).scan()]) == before


async def test_the_erased_do_not_come_back_by_a_replay(redis_client: Client, spawn: Spawn) -> None:
    store, clicks = ProfileStore(redis_client), Clicks(redis_client)
    await clicks.put(view("browser"), view("customer", NOW + 1, merged_from="browser"), view("other"))
    await fold_all(redis_client, spawn)
    assert await store.erase("customer", NOW + 10)
    assert not await store.erase("nobody", NOW + 10)
    assert dict([item async for item in store.scan()]).keys() == {"other"}
    await redis_client.execute_command("XGROUP SETID", keys.STREAM, keys.GROUP, "0")
    await clicks.put(view("browser", NOW + 5))  # still on its way when the erasure came
    await fold_all(redis_client, spawn)
    assert dict([item async for item in store.scan()]).keys() == {"other"}
    await clicks.put(view("customer", NOW + 20))
    await fold_all(redis_client, spawn)
    customer = await profile_of(redis_client, "customer")
    assert customer is not None
    assert customer.page_views == 1
    assert customer.merged == ()


async def test_what_cannot_be_read_is_counted_and_left_alone(redis_client: Client, spawn: Spawn) -> None:
    clicks = Clicks(redis_client)
    await redis_client.execute_command("SET", keys.profile_key("future"), b"\x92\x63\xa1x")
    await clicks.put(view("future"), view("ana"))
    await redis_client.execute_command("XADD", keys.STREAM, "*", "s", "x", "f", 0, "n", 1, "b", frame(0, b"\xc1"))
    await redis_client.execute_command("XADD", keys.STREAM, "*", "s", "x", "f", 0, "n", 2, "b", b"torn")
    await redis_client.execute_command("XADD", keys.STREAM, "*", "nothing", "known")
    consumer = await fold_all(redis_client, spawn)
    assert consumer.malformed == 3
    assert await ProfileStore(redis_client).get("future") == b"\x92\x63\xa1x"
    assert await profile_of(redis_client, "ana") is not None


async def test_only_what_every_group_has_acknowledged_is_trimmed(
    redis_client: Client, spawn: Spawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.stream.REPLAY_MS", 0)  # on a Cluster also what is younger than a minute stays
    clicks, stream = Clicks(redis_client), ClickStream(redis_client, "work", "token")
    await redis_client.execute_command("XGROUP CREATE", keys.STREAM, "other", "0", "MKSTREAM")
    for n in range(6):
        await clicks.put(view("ana", NOW + n))
    await fold_all(redis_client, spawn)
    assert await stream.trim() == 0
    read = await redis_client.execute_command(
        "XREADGROUP", "GROUP", "other", "o", "COUNT", 4, "STREAMS", keys.STREAM, ">"
    )
    ids = [entry_id for entry_id, _ in read[0][1]]
    assert await stream.trim() == 0
    await redis_client.execute_command("XACK", keys.STREAM, "other", ids[0], ids[1], ids[3])
    assert await stream.trim() == 2
    assert (await redis_client.execute_command("XRANGE", keys.STREAM, "-", "+"))[0][0] == ids[2]


async def test_nothing_that_is_folded_is_kept_over_48_hours(redis_client: Client) -> None:
    stream = ClickStream(redis_client, "work", "token")
    await stream.open()
    await redis_client.execute_command("XGROUP CREATE", keys.STREAM, "that-nobody-reads", "0")
    old = int((time.time() - 49 * 3600) * 1000)
    for at in (old, old + 5, int(time.time() * 1000) - 5):
        await redis_client.execute_command("XADD", keys.STREAM, f"{at}-0", "b", "")
    assert await stream.trim() == 0
    await redis_client.execute_command("XGROUP SETID", keys.STREAM, keys.GROUP, "$")
    assert await stream.trim() == 2


async def test_clicks_from_before_the_clock_was_set_forward_are_folded(redis_client: Client, spawn: Spawn) -> None:
    """By three days, as on a machine that learns the time after its start."""
    before = int((time.time() - 3 * 86_400) * 1000)
    for n in range(40):
        record = frame(n, encode_click(view("ana", NOW + n)))
        await redis_client.execute_command(
            "XADD", keys.STREAM, f"{before}-{n + 1}", "s", "a" * 32, "f", n, "n", 1, "b", record
        )
    await fold_all(redis_client, spawn)
    ana = await profile_of(redis_client, "ana")
    assert ana is not None
    assert ana.page_views == 40


async def test_a_consumer_waits_out_a_server_that_forgot_it(redis_client: Client, spawn: Spawn) -> None:
    stop, consumer = asyncio.Event(), Consumer(redis_client, "work")
    running = spawn(consumer.run(stop), "consumer")
    await Clicks(redis_client).put(view("ana"))
    await eventually(lambda: is_folded(redis_client))
    await redis_client.execute_command("FLUSHALL")
    await Clicks(redis_client, "b" * 32).put(view("ben"))

    async def folded() -> bool:
        return await profile_of(redis_client, "ben") is not None

    await eventually(folded)
    assert consumer.errors > 0
    stop.set()
    await running


async def test_an_import_races_with_the_consumer(redis_client: Client, spawn: Spawn) -> None:
    store, clicks = ProfileStore(redis_client), Clicks(redis_client)
    stop, consumer = asyncio.Event(), Consumer(redis_client, "work")
    running = spawn(consumer.run(stop), "consumer")
    imported = 0
    for n in range(100):
        await clicks.put(view("ana", NOW + n))
        raw = await store.get("ana")
        if raw is not None:
            profile = decode_profile(raw)
            changed = profile._replace(newsletter=n % 2 == 0)
            imported += await store.compare_and_set("ana", raw, encode_profile(changed))
    await eventually(lambda: is_folded(redis_client))
    ana = await profile_of(redis_client, "ana")
    assert ana is not None
    assert ana.page_views == 100
    assert imported > 0
    stop.set()
    await running
