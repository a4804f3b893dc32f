"""Profiles are written only over what was read: whoever comes between is noticed, on one server and in scripts."""

from collections.abc import Iterator

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from storage import keys
from storage.connecting import Client
from storage.folded_profiles import ComparedProfiles, FoldedProfiles, WatchedProfiles
from storage.folding import Change
from storage.line import Line
from storage.profile_store import ProfileStore

NAMES = [f"visitor-{number}" for number in range(150)]


@pytest.fixture
def line(redis_client: Client) -> Iterator[Line]:
    """A line to one server; a Cluster has none."""
    if not isinstance(redis_client, Redis):
        pytest.skip("profiles of a Cluster are compared in scripts")
    line = Line(redis_client)
    yield line
    line.close()


@pytest.fixture(params=["watched", "compared"])
def profiles(request: pytest.FixtureRequest, redis_client: Client) -> FoldedProfiles:
    """Both ways to write them."""
    if request.param == "compared":
        return ComparedProfiles(ProfileStore(redis_client))
    return WatchedProfiles(request.getfixturevalue("line"), 60.0)


@pytest.mark.parametrize("between", ["nothing", "written", "made", "deleted", "erased", "the same again"])
async def test_whoever_comes_between_is_noticed(redis_client: Client, profiles: FoldedProfiles, between: str) -> None:
    store = ProfileStore(redis_client)
    await store.put_many([(name, b"old") for name in NAMES[:-1]])
    read = await profiles.read(NAMES)
    assert read == [b"old"] * (len(NAMES) - 1) + [None]
    match between:
        case "written":
            await store.put_many([(NAMES[3], b"theirs")])
        case "made":
            await store.put_many([(NAMES[-1], b"theirs")])
        case "deleted":
            await redis_client.delete(keys.profile_key(NAMES[70]))
        case "erased":
            await store.erase(NAMES[70], 1_000.0)
        case "the same again":
            await store.put_many([(NAMES[3], b"old")])
    changes = [Change(name, raw, b"new", False) for name, raw in zip(NAMES, read, strict=True)]
    is_written = await profiles.write(changes)
    assert is_written is (
        between == "nothing" or (between == "the same again" and isinstance(profiles, ComparedProfiles))
    )
    if between == "erased":
        again = await profiles.read(NAMES)
        assert profiles.erased == {NAMES[70]: 1_000.0}
        assert await profiles.write(
            [Change(name, raw, b"newer", False) for name, raw in zip(NAMES, again, strict=True)]
        )
        assert set(await store.get_many(NAMES)) == {b"newer"}


async def test_a_transaction_is_all_or_nothing_and_expires(redis_client: Client, line: Line) -> None:
    store = ProfileStore(redis_client)
    profiles = WatchedProfiles(line, 60.0)
    await profiles.read(NAMES)
    await store.put_many([(NAMES[149], b"theirs")])
    assert not await profiles.write([Change(name, None, b"mine", False) for name in NAMES])
    assert set((await store.get_many(NAMES))[:149]) == {None}
    assert await profiles.write([Change("a", None, b"mine", False)]), "what was watched is forgotten"
    assert 0 < await redis_client.ttl(keys.profile_key("a")) <= 60


async def test_an_error_ends_the_line_and_the_next_command_opens_another(redis_client: Client, line: Line) -> None:
    await line.run([("SET", "text", "x"), ("WATCH", "text")])
    with pytest.raises(ResponseError, match="not an integer"):
        await line.run([("INCR", "text"), ("PING",)])
    await redis_client.set("text", "y")
    assert await line.run([("MULTI",), ("GET", "text"), ("EXEC",)]) == [b"OK", b"QUEUED", [b"y"]], "nothing is watched"
    await redis_client.execute_command("CLIENT KILL", "TYPE", "normal", "SKIPME", "yes")
    with pytest.raises(RedisConnectionError):
        await line.execute_command("PING")
    assert await line.execute_command("PING") == b"PONG"
