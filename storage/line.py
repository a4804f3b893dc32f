"""One connection to a single server for who sends batches: many commands in one write, their replies together.

Why not the client library: a value costs it several times what the server takes for it. Invariant: what is asked of one
line goes to one and the same server in the order it is asked; after a failure the line is a new one, which knows
nothing of what the old one watched.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, Protocol

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from storage.connecting import CONNECT_TIMEOUT_S, SOCKET_TIMEOUT_S, Client
from storage.replies import Reply, ServerError
from storage.resp import Piece, RespConnection, endpoint_of

MAX_REPLY_BYTES: Final = 256 << 20
"""Of entries or profiles; a batch of the largest there can be is a quarter of that."""


class Commands(Protocol):
    """Who runs a command and gives its reply: a line, or the client library. Failures are RedisError, OSError or
    TimeoutError."""

    async def execute_command(self, *pieces: Any, **options: Any) -> Any:
        """The reply."""


class Line:
    """Opened when it is first asked, with the address, credentials and database of `client`."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._connection: RespConnection | None = None

    async def execute_command(self, *pieces: Piece, **_: Any) -> Any:
        """The reply to one command; a name of two words, as the client library has it, is two pieces."""
        name, *rest = pieces
        [reply] = await self.run([(*(name.split() if isinstance(name, str) else (name,)), *rest)])
        return reply

    async def run(self, commands: Sequence[Sequence[Piece]]) -> list[Any]:
        """The replies to commands that go out together. ResponseError when one of them is an error: all were run, but
        for what that one had to begin."""
        try:
            async with asyncio.timeout(SOCKET_TIMEOUT_S):
                connection = self._connection or await self._open()
                replies = await _replies(connection, commands)
        except BaseException as error:
            self.close()
            if isinstance(error, ServerError):
                raise ResponseError(str(error)) from None
            if isinstance(error, OSError) and not isinstance(error, TimeoutError):
                raise RedisConnectionError(f"the connection was lost: {error}") from error
            raise
        return replies

    def close(self) -> None:
        """End the connection; the next command opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.abort()

    async def _open(self) -> RespConnection:
        endpoint = await endpoint_of(self._client)
        opened = await RespConnection.open(endpoint, lambda: None, CONNECT_TIMEOUT_S, max_buffered=MAX_REPLY_BYTES)
        self._connection = opened
        return opened


Server = Client | Line


async def run_in_order(server: Server, commands: Sequence[Sequence[Piece]]) -> list[Any]:
    """Run commands one after the other, in one round trip where the server is a single one; raises the first error."""
    match server:
        case Line():
            return await server.run(commands)
        case Redis() if len(commands) > 1:
            pipeline = server.pipeline(transaction=False)
            for command in commands:
                pipeline.execute_command(*command)
            return list(await pipeline.execute())
        case _:
            return [await server.execute_command(*command) for command in commands]


async def _replies(connection: RespConnection, commands: Sequence[Sequence[Piece]]) -> list[Reply]:
    settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    replies: list[Reply] = []
    left = len(commands)

    def settle(reply: Reply | Exception) -> None:
        nonlocal left
        left -= 1
        if isinstance(reply, Exception):
            if not settled.done():
                settled.set_exception(reply)
            return
        replies.append(reply)
        if left == 0 and not settled.done():
            settled.set_result(None)

    connection.send_all(commands, settle)
    await settled
    return replies
