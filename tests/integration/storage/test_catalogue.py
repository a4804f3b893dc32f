"""The learnt catalogue: incremental copies, popularity, products that went."""

import asyncio
import time

import pytest
from msgspec.structs import replace

from clicks.catalogue import Product
from clicks.click import Click, Event
from storage import keys
from storage.catalogue import (
    POPULARITY_HALF_LIFE_S,
    CatalogueLearner,
    LearntCatalogue,
    changes_since,
    decode_product,
    encode_product,
    level,
    product_from_entry,
    renew,
)
from storage.connecting import Client
from storage.stream import ClickStream, Entry
from tests.fixtures.oracle import eventually
from tests.integration.storage.conftest import Spawn


def taught(*entries: tuple[object, ...], at: float, **fields: object) -> Click:
    click = Click(time=at, host="h", method="GET", path="/", status=200, catalogue=entries)
    return replace(click, **fields)  # type: ignore[arg-type]


async def write(client: Client, learner: CatalogueLearner, *clicks: Click) -> None:
    stream = ClickStream(client, "n", "t")
    await stream.open()
    await client.execute_command("XADD", keys.STREAM, "*", "b", "")
    [[_, [[entry_id, _]]]] = await client.execute_command(
        "XREADGROUP", "GROUP", keys.GROUP, "n", "STREAMS", keys.STREAM, ">"
    )
    changed = learner.learn(clicks)
    version = await stream.finish((Entry(entry_id, "s", (), 0),), learner.version, changed, {})
    assert version is not None
    learner.adopt(version, changed)


async def test_a_copy_follows_and_asks_only_for_what_changed(redis_client: Client, spawn: Spawn) -> None:
    now, learner = time.time(), CatalogueLearner(redis_client)
    catalogue = LearntCatalogue(redis_client, spawn)
    await write(redis_client, learner, taught(("1", "A", 100, ("Jazz",), None, False, "/1"), at=now))
    await eventually(lambda: has(catalogue, "1"))
    await write(redis_client, learner, taught(("2", "B", None, (), "b.png", True, None), at=now))
    version, changed = await changes_since(redis_client, catalogue.version)
    assert (version, set(changed)) == (2, {"2"})
    before = catalogue.changes
    await eventually(lambda: has(catalogue, "2"))
    assert catalogue.changes > before
    assert catalogue.snapshot()["1"].categories == ("Jazz",)
    assert catalogue.snapshot()["2"].sold_out
    await redis_client.execute_command("FLUSHALL")
    learner = CatalogueLearner(redis_client)
    await write(redis_client, learner, taught(("3", "C", 1, (), None, False, None), at=now))

    async def replaced() -> bool:
        return set(catalogue.snapshot()) == {"3"}

    await eventually(replaced)
    catalogue.close()


async def test_a_full_catalogue_drops_what_was_seen_longest_ago(redis_client: Client, spawn: Spawn) -> None:
    now, learner, most = time.time(), CatalogueLearner(redis_client, most=3), 3
    catalogue = LearntCatalogue(redis_client, spawn, most=most)
    lamps = [(str(number), f"Lamp {number}", 100, (), None, False, None) for number in range(9)]
    await write(redis_client, learner, taught(*lamps[:3], at=now))
    await eventually(lambda: has(catalogue, "2"))
    viewed = (Event("product_view", {"product": "0"}),)
    await write(redis_client, learner, taught(events=viewed, at=now + 1))
    await write(redis_client, learner, taught(lamps[3], at=now + 2))
    assert await everywhere(redis_client, catalogue, learner) == {"0", "2", "3"}, "1 was seen longest ago"
    late = CatalogueLearner(redis_client, most=most)
    await late.refresh()
    await write(redis_client, late, taught(lamps[4], at=now + 3))
    await learner.refresh()
    await write(redis_client, learner, taught(*lamps[5:7], at=now + 4))
    assert await everywhere(redis_client, catalogue, learner) == {"4", "5", "6"}, "another learnt, and dropped, between"
    await write(redis_client, learner, taught(*lamps, at=now + 5))
    assert await everywhere(redis_client, catalogue, learner) == {"6", "7", "8"}, "more at once than there is room for"
    assert (late.dropped, learner.dropped) == (1, 1 + 2 + 6)
    catalogue.close()


async def everywhere(client: Client, catalogue: LearntCatalogue, learner: CatalogueLearner) -> set[str]:
    """The ids in Redis, once the copy has the same."""
    _, products = await changes_since(client, 0)
    assert await client.execute_command("HLEN", keys.CATALOGUE) == len(products) == learner.count

    async def same() -> bool:
        return set(catalogue.snapshot()) == set(products)

    await eventually(same)
    return set(products)


async def has(catalogue: LearntCatalogue, product: str) -> bool:
    return product in catalogue.snapshot()


async def test_a_write_over_another_s_version_is_refused(redis_client: Client) -> None:
    now, one, two = time.time(), CatalogueLearner(redis_client), CatalogueLearner(redis_client)
    await write(redis_client, one, taught(("1", "A", 100, (), None, False, "/1"), at=now))
    with pytest.raises(AssertionError):
        await write(redis_client, two, taught(("1", "old", 100, (), None, False, "/1"), at=now))
    await two.refresh()
    await write(redis_client, two, taught(("1", "B", 100, (), None, False, "/1"), at=now))
    assert (await changes_since(redis_client, 0))[1]["1"].name == "B"


async def test_views_purchases_and_missing_pages(redis_client: Client) -> None:
    now, learner = time.time(), CatalogueLearner(redis_client)
    entries = tuple((str(n), f"P{n}", 100, (), None, False, f"/{n}") for n in range(4))
    viewed = (Event("product_view", {"product": "1"}),)
    await write(
        redis_client,
        learner,
        taught(*entries, at=now),
        taught(at=now, events=viewed),
        taught(at=now, events=viewed, agent="bot"),
        taught(at=now, events=(Event("purchase", {"items": ("1", "2", "9")}),)),
        taught(at=now, product="3", status=404, events=(Event("not_found", {"path": "/3"}),)),
    )
    _, products = await changes_since(redis_client, 0)
    assert {product.id: product.popularity for product in products.values()} == {"0": 0, "1": 6, "2": 5, "3": 0}
    assert [product.id for product in products.values() if product.sold_out] == ["3"]


def test_popularity_halves_in_a_week_and_never_grows_by_itself() -> None:
    product = Product("1", last_seen=1000.0, popularity=8.0)
    assert level(product, 1000.0 + 2 * POPULARITY_HALF_LIFE_S).popularity == pytest.approx(2.0)
    assert level(product, 500.0) is product


def test_a_list_empties_nothing_that_a_page_told() -> None:
    known = Product("1", "A", 100, ("Jazz",), "a.png", "/1", True, 5.0, 10.0, 3.0)
    listed = product_from_entry(("1", "A!", None, (), None, None, None), 9.0)
    assert renew(known, listed) == Product("1", "A!", 100, ("Jazz",), "a.png", "/1", False, 5.0, 10.0, 3.0)


def test_products_on_the_wire() -> None:
    product = Product("1", "Á", None, ("x", "y"), None, "/1", True, 1.5, 2.5, 0.25)
    assert decode_product(encode_product(product)) == product
    for raw in (b"", b"\xc1", b"\x01", b"\x92\x01\xa11"):
        with pytest.raises(ValueError):
            decode_product(raw)
    for entry in ((), ("1",), ("", "n", 1, (), None, False, None), ("1", "n", 1, (2,), None, False, None)):
        with pytest.raises(ValueError):
            product_from_entry(entry, 1.0)


async def test_a_snapshot_stays_when_redis_goes(redis_client: Client, spawn: Spawn) -> None:
    learner = CatalogueLearner(redis_client)
    await write(redis_client, learner, taught(("1", "A", 1, (), None, False, None), at=time.time()))
    catalogue = LearntCatalogue(redis_client, spawn)
    await eventually(lambda: has(catalogue, "1"))
    await redis_client.execute_command("SET", keys.CATALOGUE_VERSION, "not a number")
    await asyncio.sleep(0.3)
    assert "1" in catalogue.snapshot()
    catalogue.close()
