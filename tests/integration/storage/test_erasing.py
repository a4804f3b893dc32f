"""Erased from everywhere, on a real server: profile, joined ones, stream, spools, popularity and the server's files."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from clicks.click import Click, Event
from clicks.wire import encode_click
from storage import keys
from storage.catalogue import changes_since
from storage.connecting import Client, connect
from storage.consumer import Consumer
from storage.embedded import EmbeddedValkey
from storage.erasing import Eraser, Erasing
from storage.erasure_requests import ErasureRequests
from storage.profile_store import ProfileStore
from storage.shipper import Shipper
from storage.spool import Spool
from storage.steady_clock import SteadyClock
from storage.tombstones import Tombstones, digest
from tests.fixtures.oracle import eventually
from visitors.wire import decode_profile

NOW = 1_700_000_000.0
ANA, ANAS_PHONE, EVA = "ana-0123456789abcdef", "phone-0123456789abcd", "eva-0123456789abcdef"
CANARY = "canario-amarillo"


def look(profile: str, product: str = "5", at: float = NOW, term: str = "", merged_from: str | None = None) -> Click:
    shown = Event("product_view", {"product": product})
    click = Click(at, "shop.example", "GET", "/p", 200, profile=profile, session="1f", agent="desktop")
    taught = (product, f"Record {product}", 1000, ("Jazz",), None, False, None)
    events = (shown, Event("search", {"term": term})) if term else (shown,)
    return replace(click, product=product, events=events, catalogue=(taught,), merged_from=merged_from)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool.create(tmp_path / "spool")
    yield spool
    spool.close()


async def folded(client: Client, root: Path, marks: Tombstones | None = None) -> None:
    """Everything that waits is shipped and folded."""
    stop = asyncio.Event()
    shipper, consumer = Shipper(root, client, tombstones=marks), Consumer(client, "test")
    running = asyncio.gather(shipper.run(stop), consumer.run(stop))
    quiet = 0
    while quiet < 3:
        await asyncio.sleep(0.1)
        waiting = await client.execute_command("XPENDING", keys.STREAM, keys.GROUP) if consumer.is_active else None
        behind = shipper.shipped != consumer.folded or waiting is None or waiting["pending"]
        quiet = 0 if behind or not shipper.shipped else quiet + 1
    stop.set()
    await running


def everything(path: Path) -> bytes:
    return b"\n".join(file.read_bytes() for file in path.rglob("*") if file.is_file())


async def test_nothing_is_left(redis_client: Client, spool: Spool, tmp_path: Path) -> None:
    for click in (
        look(ANAS_PHONE, "6"),
        look(ANA, "5", term=CANARY),
        look(ANA, "5", NOW + 1, merged_from=ANAS_PHONE),
        look(EVA, "7", NOW + 2),
        look(EVA, "8", NOW + 3),
        look(ANA, "8", NOW + 3),
        look(EVA, "8", NOW + 4),
    ):
        assert spool.append(click)
    root = tmp_path / "spool"
    await folded(redis_client, root)
    spool.append(look(ANA, "5", NOW + 5))
    marks = Tombstones(tmp_path / "erased", 1e9)
    requests = ErasureRequests(tmp_path / "erasures")
    eraser = Eraser(redis_client, root, marks, is_embedded=False)
    erasing = Erasing(eraser, redis_client, requests, marks, root)
    requests.ask(ANA, NOW + 10)
    await erasing.round()
    await erasing.round()

    store = ProfileStore(redis_client)
    assert [await store.get(name) is None for name in (ANA, ANAS_PHONE, EVA)] == [True, True, False]
    on_disk = everything(root)
    for text in (ANA, ANAS_PHONE, CANARY):
        assert text.encode() not in on_disk
    assert EVA.encode() in on_disk
    entries = await redis_client.execute_command(
        "EVAL", "return redis.call('XRANGE', KEYS[1], '-', '+')", 1, keys.STREAM
    )
    assert ANA.encode() not in repr(entries).encode()
    _, catalogue = await changes_since(redis_client, -1)
    assert catalogue["5"].popularity == catalogue["6"].popularity == 0.0
    assert catalogue["8"].popularity == pytest.approx(2.0, rel=1e-3)

    await folded(redis_client, root, marks)  # what came after the erasure was asked for is shipped blank
    assert await store.get(ANA) is None
    spool.append(look(ANA, "5", NOW + 20))
    await folded(redis_client, root, marks)
    assert await store.get(ANA) is not None  # who comes back afterwards is somebody new


async def test_a_stream_keeps_its_place(redis_client: Client, tmp_path: Path) -> None:
    """Ids, what was delivered, what waits for its acknowledgement: as before."""
    from storage.records import frame

    for number in range(5):
        blob = frame(number, encode_click(look(ANA if number % 2 else EVA)))
        await redis_client.execute_command(
            "XADD", keys.STREAM, f"{number + 1}-0", "s", "x", "f", number, "n", 1, "b", blob
        )
    await redis_client.execute_command("XGROUP CREATE", keys.STREAM, keys.GROUP, "0")
    read = "return redis.call('XREADGROUP','GROUP',ARGV[1],'c','COUNT',3,'STREAMS',KEYS[1],'>')"
    await redis_client.execute_command("EVAL", read, 1, keys.STREAM, keys.GROUP)
    await redis_client.execute_command("XACK", keys.STREAM, keys.GROUP, "1-0")
    await redis_client.execute_command("XTRIM", keys.STREAM, "MINID", "2-0")
    marks = Tombstones(tmp_path / "erased", 1e9)
    eraser = Eraser(redis_client, tmp_path / "spool", marks, is_embedded=False)
    await eraser.erase(ANA, NOW + 1)
    entries = await redis_client.execute_command(
        "EVAL", "return redis.call('XRANGE', KEYS[1], '-', '+')", 1, keys.STREAM
    )
    assert [entry[0] for entry in entries] == [b"2-0", b"3-0", b"4-0", b"5-0"]
    assert [ANA.encode() in entry[1][7] for entry in entries] == [False] * 4
    assert [EVA.encode() in entry[1][7] for entry in entries] == [False, True, False, True]
    waiting = await redis_client.execute_command(
        "EVAL", "return redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 9)", 1, keys.STREAM, keys.GROUP
    )
    assert [(one[0], one[1]) for one in waiting] == [(b"2-0", b"c"), (b"3-0", b"c")]
    following = await redis_client.execute_command("EVAL", read, 1, keys.STREAM, keys.GROUP)
    assert [entry[0] for entry in following[0][1]] == [b"4-0", b"5-0"]


async def test_the_servers_files_hold_nothing(own_valkey: EmbeddedValkey, tmp_path: Path) -> None:
    client = connect(own_valkey.url)
    spool = Spool.create(tmp_path / "spool")
    try:
        spool.append(look(ANA, term=CANARY))
        spool.append(look(EVA))
        await folded(client, tmp_path / "spool")
        own = own_valkey.folder
        assert ANA.encode() in everything(own)
        marks = Tombstones(tmp_path / "erased", 1e9)
        eraser = Eraser(client, tmp_path / "spool", marks, is_embedded=True)
        await eraser.erase(ANA, NOW + 1)
        await eraser.rewrite_files()

        async def is_gone() -> bool:
            return ANA.encode() not in everything(own)

        await eventually(is_gone)
        kept = everything(own)
        assert CANARY.encode() not in kept
        raw = await ProfileStore(client).get(EVA)
        assert raw is not None
        assert decode_profile(raw).id == EVA
    finally:
        spool.close()
        await client.aclose()


async def test_a_redis_that_forgot_is_told(redis_client: Client, tmp_path: Path) -> None:
    """A restored Redis, or one that lost its last second: who is in the file is erased again."""
    spool = Spool.create(tmp_path / "spool")
    spool.append(look(ANA))
    await folded(redis_client, tmp_path / "spool")
    spool.close()
    marks = Tombstones(tmp_path / "erased", 1e9)
    marks.add([digest(ANA)], NOW + 1)
    eraser = Eraser(redis_client, tmp_path / "spool", marks, is_embedded=False)
    erasing = Erasing(eraser, redis_client, ErasureRequests(tmp_path / "erasures"), marks, tmp_path / "spool")
    await erasing.share(NOW + 100)
    assert await ProfileStore(redis_client).get(ANA) is None
    assert ANA.encode() not in everything(tmp_path / "spool")


async def test_marks_are_forgotten_by_a_clock_that_was_not_just_set(redis_client: Client, tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    marks = Tombstones(tmp_path / "erased", 395 * 86_400.0)
    marks.add([digest(ANA)], NOW)
    eraser = Eraser(redis_client, tmp_path / "spool", marks, is_embedded=False)
    hours = ahead_s = 0.0
    clock = SteadyClock(lambda: NOW + hours * 3600 + ahead_s, lambda: hours * 3600)
    requests = ErasureRequests(tmp_path / "erasures")
    erasing = Erasing(eraser, redis_client, requests, marks, tmp_path / "spool", clock)

    async def remembered() -> tuple[int, int]:
        await erasing.share(NOW + hours * 3600 + ahead_s)
        return len(marks.marks), await redis_client.execute_command("ZCARD", keys.ERASURES)

    assert await remembered() == (1, 1)
    hours, ahead_s = 2.0, 1e9
    assert await remembered() == (1, 1)
    ahead_s = 0.0
    assert await remembered() == (1, 1)
    hours = 400 * 24.0
    assert await remembered() == (0, 0)


@pytest.mark.parametrize("ahead_s", [0.0, 86_400.0])
async def test_another_machine_blanks_its_own_spools(redis_client: Client, tmp_path: Path, ahead_s: float) -> None:
    """Also when its clock is a day ahead."""
    here, there = tmp_path / "here", tmp_path / "there"
    spool = Spool.create(there)
    spool.append(look(ANA))
    spool.append(look(EVA))
    spool.close()
    mine, others = Tombstones(tmp_path / "a", 1e9), Tombstones(tmp_path / "b", 1e9)
    here.mkdir()
    other = Eraser(redis_client, there, others, is_embedded=False)
    erasing = Erasing(other, redis_client, ErasureRequests(tmp_path / "erasures"), others, there)
    await erasing.share(NOW + ahead_s)
    await Eraser(redis_client, here, mine, is_embedded=False).erase(ANA, NOW + 1)
    await erasing.share(NOW + ahead_s + 2)
    assert ANA.encode() not in everything(there)
    assert EVA.encode() in everything(there)


async def test_profiles_go_when_the_operator_said(redis_client: Client) -> None:
    store = ProfileStore(redis_client, ttl_s=2 * 86_400, erased_s=3 * 86_400)
    assert await store.compare_and_set("somebody", None, b"x")
    assert 0 < await redis_client.ttl(keys.profile_key("somebody")) <= 2 * 86_400
    assert await store.erase("somebody", NOW)
    assert 2 * 86_400 < await redis_client.ttl(keys.erased_key("somebody")) <= 3 * 86_400
