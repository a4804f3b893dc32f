"""Clients for every way to name a Redis: plain, TLS, Unix socket, Sentinel, Cluster.

Invariant: a client made here never retries by itself: on the hot path a retry is a visitor who waits, and off it the
shipper and the consumer know better what to send again.
"""

import asyncio
from typing import Any, Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, RedisError, ResponseError

from storage import keys
from storage.mended_connections import mend_connections

Client = Redis | RedisCluster

CONNECT_TIMEOUT_S: Final = 2.0
SOCKET_TIMEOUT_S: Final = 5.0
SENTINEL_TIMEOUT_S: Final = 0.5
"""A Sentinel answers from memory. They are asked one after the other: two that are silent must leave the third time
within every limit that there is around a command."""
SCHEMES: Final = (
    "redis",
    "rediss",
    "unix",
    "redis+sentinel",
    "rediss+sentinel",
    "redis+cluster",
    "rediss+cluster",
)
_DEFAULT_PORT: Final = {"redis": 6379, "rediss": 6379, "redis+cluster": 6379, "rediss+cluster": 6379}
_SENTINEL_PORT: Final = 26379


class _Master(Redis):
    """A master's client, which closes the connections to its Sentinels with its own."""

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await super().aclose(close_connection_pool)
        if isinstance(self.connection_pool, SentinelConnectionPool):
            for sentinel in self.connection_pool.sentinel_manager.sentinels:
                await sentinel.aclose()


def connect(url: str) -> Client:
    """A client for `url`; connects on first use. ValueError (one line) when the URL cannot be understood."""
    client = _client(url)
    mend_connections(client)
    return client


def _client(url: str) -> Client:
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise ValueError(f"redis.url {shown(url)}: unknown scheme; allowed: embedded, {', '.join(SCHEMES)}")
    options = _options(parts, url)
    if parts.scheme == "unix":
        return Redis(unix_socket_path=unquote(parts.path), db=_database(parse_qs(parts.query), url), **options)
    hosts = _hosts(parts, url)
    if parts.scheme.startswith("rediss"):
        options["ssl"] = True
    if parts.scheme.endswith("+cluster"):
        nodes = [ClusterNode(host, port) for host, port in hosts]
        return RedisCluster(startup_nodes=nodes, **options)
    path = [piece for piece in unquote(parts.path).split("/") if piece]
    if parts.scheme.endswith("+sentinel"):
        if not path:
            raise ValueError(f"redis.url {shown(url)}: the master's name is missing: redis+sentinel://host:26379/NAME")
        database = _number(path[1], url) if len(path) > 1 else 0
        patience = {
            "socket_timeout": SENTINEL_TIMEOUT_S,
            "socket_connect_timeout": SENTINEL_TIMEOUT_S,
            "retry": options["retry"],
        }
        sentinel = Sentinel(hosts, sentinel_kwargs=patience)  # type: ignore[no-untyped-call]
        master: Redis = sentinel.master_for(path[0], redis_class=_Master, db=database, **options)
        return master
    if len(hosts) > 1:
        raise ValueError(f"redis.url {shown(url)}: several hosts need redis+sentinel:// or redis+cluster://")
    [(host, port)] = hosts
    return Redis(host=host, port=port, db=_number(path[0], url) if path else 0, **options)


async def check_url(url: str) -> str | None:
    """What is wrong with `url` or with what answers there, as one line; None when clicks and profiles can go there."""
    try:
        client = connect(url)
    except ValueError as error:
        return str(error)
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S + 1):
            await client.execute_command("EVAL", "return redis.call('GET', KEYS[1])", 1, keys.LEASE)
    except AuthenticationError as error:
        return f"redis.url {shown(url)}: refused the password: {_line(error)}"
    except ResponseError as error:
        return f"redis.url {shown(url)}: answered {_line(error)}"
    except (RedisError, OSError, TimeoutError) as error:
        return f"redis.url {shown(url)}: unreachable: {_line(error) or 'no answer'}"
    finally:
        await client.aclose()
    return None


def shown(url: str) -> str:
    """The URL without its password, fit for a message."""
    scheme, separator, rest = url.partition("://")
    credentials, at, place = rest.rpartition("@")
    if not at:
        return url
    return f"{scheme}{separator}{credentials.partition(':')[0]}:…@{place}"


def _options(parts: SplitResult, url: str) -> dict[str, Any]:
    options: dict[str, Any] = {
        "retry": Retry(NoBackoff(), 0),
        "socket_timeout": SOCKET_TIMEOUT_S,
        "socket_connect_timeout": CONNECT_TIMEOUT_S,
        "protocol": 2,
    }
    credentials, at, _ = parts.netloc.rpartition("@")
    if at:
        username, _, password = credentials.partition(":")
        options["username"] = unquote(username) or None
        options["password"] = unquote(password) or None
    if parts.scheme == "unix" and not parts.path:
        raise ValueError(f"redis.url {shown(url)}: a socket path is missing: unix:///run/valkey.sock")
    if parts.scheme.startswith("rediss") and (authority := parse_qs(parts.query).get("ssl_ca_certs")):
        options["ssl_ca_certs"] = authority[0]
    return options


def _hosts(parts: SplitResult, url: str) -> list[tuple[str, int]]:
    default = _SENTINEL_PORT if parts.scheme.endswith("+sentinel") else _DEFAULT_PORT[parts.scheme]
    hosts = []
    for piece in parts.netloc.rpartition("@")[2].split(","):
        try:
            place = urlsplit(f"//{piece}")
            host, port = place.hostname, place.port
        except ValueError:
            raise ValueError(f"redis.url {shown(url)}: {piece!r} is not host:port") from None
        if not host:
            raise ValueError(f"redis.url {shown(url)}: a host is missing")
        hosts.append((host, port or default))
    return hosts


def _database(query: dict[str, list[str]], url: str) -> int:
    return _number(query["db"][0], url) if "db" in query else 0


def _number(text: str, url: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"redis.url {shown(url)}: {text!r} is not a database number")
    return int(text)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())
