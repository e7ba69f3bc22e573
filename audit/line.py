"""A connection of one's own to a Redis: what is said is sent together, under one bound for all of it.

It is held, not lent by a pool: lending, and a bound for each step, would cost a lone answer's record a quarter more.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

Command = tuple[str | bytes | int, ...]


class Line:
    """One connection, for one speaker at a time. It is the client's, and ends when the client is closed.

    Args:
        client: a client, whose settings it takes; the time for a reply bounds all that is said at once.
    """

    def __init__(self, client: Redis) -> None:
        self._pool: Any = client.connection_pool
        self.seconds: float = self._pool.connection_kwargs["socket_timeout"]
        """How long the replies may take."""
        self._held: Any = None

    async def say(self, *commands: Command) -> list[Any]:
        """The replies to commands; one may be a ``ResponseError``, which then says that its command did nothing.

        They are sent once more, all of them, where the connection breaks.

        Raises:
            RedisError, OSError: there is a reply missing; what was sent may have been done.
        """
        async with asyncio.timeout(self.seconds):
            try:
                return await self._said(commands)
            except RedisConnectionError:
                replies = await self._said(commands)
        for reply in replies:
            if isinstance(reply, ResponseError):  # of the second time only: the first may have been done
                raise RedisConnectionError(f"The connection broke, and then: {reply}") from reply
        return replies

    async def _said(self, commands: Sequence[Command]) -> list[Any]:
        try:
            connection = self._held or await self._connected()
            await connection.send_packed_command(connection.pack_commands(commands), check_health=False)
            return [await _reply(connection) for _ in commands]
        except BaseException as error:  # replies may still be on their way: whoever asks next would read them
            if self._held is not None:
                await self._held.disconnect(nowait=True)
            if isinstance(error, RuntimeError):  # uvloop's word for writing where the other side has hung up
                raise RedisConnectionError(str(error)) from error
            raise

    async def _connected(self) -> Any:
        self._held = await self._pool.get_connection()
        self._held.socket_timeout = None
        return self._held


async def _reply(connection: Any) -> Any:
    try:
        return await connection.read_response()
    except ResponseError as error:
        return error
