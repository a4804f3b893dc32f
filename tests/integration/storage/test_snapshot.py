"""What Redis holds, taken as one moment and put back into another server: real servers, our own bytes."""

import pytest

from clicks.catalogue import Product
from clicks.click import Click
from clicks.wire import encode_click
from storage import keys
from storage.catalogue import Learnt, encode_product
from storage.connecting import Client, connect
from storage.embedded import EmbeddedValkey
from storage.profile_store import ProfileStore
from storage.records import frame
from storage.shipping import ship
from storage.snapshot import (
    Item,
    SnapshotError,
    is_empty,
    profiles,
    put_back,
    site_state,
    unpacked,
)
from storage.spool_reader import Chunk
from storage.stream import ClickStream, Entries, Taken
from visitors.profile import Profile
from visitors.wire import decode_profile, encode_profile

SPOOL = "ab" * 16
CLICK = encode_click(Click(1.0, "h", "GET", "/", 200))


async def shipped(client: Client, first: int, count: int) -> None:
    """Entries of one click each, from sequence `first` on."""
    sequences = range(first, first + count)
    await ship(client, [Chunk(SPOOL, at, 1, frame(at, CLICK), False) for at in sequences])


async def taken(client: Client) -> list[Item]:
    """All items, by way of a file's bytes."""
    state = await site_state(client)
    blocks = [item.packed() for item in state.items]
    blocks += [item.packed() async for item in profiles(client)]
    data = b"".join(blocks)
    return list(unpacked(data[at : at + 100] for at in range(0, len(data), 100)))


async def test_everything_goes_from_one_server_to_another(redis_client: Client, own_valkey: EmbeddedValkey) -> None:
    store = ProfileStore(redis_client)
    raw = {name: encode_profile(Profile(id=name, visits=3)) for name in ("anna", "rosa", "eva")}
    for name, data in raw.items():
        assert await store.compare_and_set(name, None, data)
    await store.erase("eva", 12.5)
    await redis_client.set(keys.profile_key("strange"), b"\x93\x63aa")  # of a version that nobody here knows
    product = Product("7", "Lunares", 1495, (), None, "/7", False, 1.0, 2.0, 3.0)
    stream = ClickStream(redis_client, "one", "token")
    await stream.open()
    assert await stream.read(10) == Taken()
    await shipped(redis_client, 0, 3)
    done = await stream.read(10)
    assert isinstance(done, Entries)
    assert await stream.finish(done.entries, 0, Learnt({"7": product}), {"requests": 3}) == 1
    await shipped(redis_client, 3, 2)
    under_way = await stream.read(2)
    assert isinstance(under_way, Entries)
    await shipped(redis_client, 5, 2)

    left_ms = await redis_client.pttl(keys.profile_key("anna"))
    other = connect(own_valkey.url)
    assert await is_empty(other)
    assert await put_back(other, await taken(redis_client)) == 3
    assert not await is_empty(other)
    there = ProfileStore(other)
    assert await there.get_many(["anna", "rosa", "eva", "strange"]) == [raw["anna"], raw["rosa"], None, b"\x93\x63aa"]
    assert 0 < await other.pttl(keys.profile_key("anna")) <= left_ms
    assert await other.get(keys.erased_key("eva")) == b"12.5"
    assert await other.pttl(keys.erased_key("eva")) > 0
    assert await other.hgetall(keys.CATALOGUE) == {b"7": encode_product(product)}
    assert await other.get(keys.CATALOGUE_VERSION) == b"1"
    assert await other.zrange(keys.CATALOGUE_CHANGES, 0, -1, withscores=True) == [(b"7", 1.0)]
    assert await other.hgetall(keys.TOTALS) == {b"requests": b"3"}
    assert await other.hgetall(keys.SHIPPED) == {SPOOL.encode(): b"6"}
    again = ClickStream(other, "one", "token")
    await again.open()
    assert await again.read(10) == Taken()
    waiting = await again.read(10)
    assert isinstance(waiting, Entries)
    found = [record.sequence for entry in waiting.entries for record in entry.records]
    assert found == [3, 4, 5, 6], "what was folded is not folded again, what was under way is"
    await other.aclose()


async def test_a_site_without_a_consumer_yet(redis_client: Client) -> None:
    await shipped(redis_client, 0, 2)
    items = await taken(redis_client)
    assert [item.kind for item in items] == ["stream", "stream", "hash"]


async def test_a_consumer_far_behind_is_waited_for_and_then_said(redis_client: Client) -> None:
    await ClickStream(redis_client, "one", "token").open()
    await shipped(redis_client, 0, 5)
    with pytest.raises(SnapshotError, match="more than 4 batches of clicks wait to be folded"):
        await site_state(redis_client, most_unfolded=4, patience_s=0.3)
    assert len((await site_state(redis_client, most_unfolded=5)).items) == 6


async def test_a_profile_that_is_joined_meanwhile_is_lost_by_neither(redis_client: Client) -> None:
    store = ProfileStore(redis_client)
    made = {f"p{number:03d}": Profile(id=f"p{number:03d}", visits=1) for number in range(500)}
    for name, profile in made.items():
        await store.compare_and_set(name, None, encode_profile(profile))
    taking = profiles(redis_client)
    early = [await anext(taking) for _ in range(200)]
    seen = {keys.profile_id(item.key) for item in early}
    customer, browser = min(seen), min(made.keys() - seen)
    joined = made[customer]._replace(visits=2, merged=(browser,))
    await store.compare_and_set(customer, encode_profile(made[customer]), encode_profile(joined))
    tombstone = Profile(id=browser, moved_to=customer)
    await store.compare_and_set(browser, encode_profile(made[browser]), encode_profile(tombstone))
    items = {keys.profile_id(item.key): item.value for item in [*early, *[item async for item in taking]]}
    assert decode_profile(items[browser]).moved_to == customer
    assert decode_profile(items[customer]).visits == 2
    assert len(items) == 500


@pytest.mark.parametrize("data", [b"\x01", b"\x94\xa3odd\xc4\x01a\xc4\x01b\x00", b"\xc1", b"\x92\x01\x02"])
def test_what_is_no_item_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        list(unpacked([data]))
