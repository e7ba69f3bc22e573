"""A writer's connection to the audit stream: it appends a batch whole, once, and only behind the entry it was made for.

The connection is held, not lent by a pool, and one bound covers all that an append waits for: lending, and a bound for
each step, would cost a lone answer a quarter more for its record.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from audit.chain import Head, Link
from audit.seal import SubjectKey
from audit.stream import HEADS, KEYS, STREAM

_ELSEWHERE = "the segment ends elsewhere"
_APPEND = f"""
local head = redis.call('HGET', KEYS[2], ARGV[1]) or ''
if head == ARGV[3] then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
  return 'AGAIN'
end
if head ~= ARGV[2] then return redis.error_reply('{_ELSEWHERE}') end
local at = 6
for _ = 1, tonumber(ARGV[4]) do
  redis.call('XADD', KEYS[1], '*', 'entry', ARGV[at], 'signature', ARGV[at + 1])
  at = at + 2
end
for _ = 1, tonumber(ARGV[5]) do
  redis.call('HSET', KEYS[3], ARGV[at], ARGV[at + 1])
  at = at + 2
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
return 'OK'
"""
"""Appends behind a known head. Sent twice it appends once, so that a broken connection may be tried again; the head is
then written once more, because a server waits for its replicas only as far as the same connection has written."""


class ElsewhereError(Exception):
    """The segment does not end in the stream where it should."""


class UnconfirmedError(Exception):
    """Fewer replicas than required have confirmed what was appended."""


class Line:
    """One connection, for one append at a time. It is the client's, and ends when the client is closed.

    Args:
        client: the stream's client.
    """

    def __init__(self, client: Redis) -> None:
        self._pool: Any = client.connection_pool
        self._seconds: float = self._pool.connection_kwargs["socket_timeout"]
        self._held: Any = None

    async def append(
        self, head: Head, after: Head, links: Sequence[Link], keys: Sequence[SubjectKey], *, replicas: int = 0
    ) -> None:
        """Append a batch behind a segment's head; return when the server, and so many replicas, have confirmed it.

        Args:
            head: where the segment ends now.
            after: where it ends with the batch.
            links: the batch.
            keys: subjects' keys that it uses, kept with it.
            replicas: how many replicas must confirm too.

        Raises:
            ElsewhereError: the segment ends elsewhere; nothing was appended.
            UnconfirmedError: it was appended, but may not outlive the server.
            RedisError, TimeoutError: it may or may not be appended.
        """
        batch: list[str | bytes] = []
        for link in links:
            batch += (link.entry, link.signature)
        for key in keys:
            batch += (key.name, key.wrapped)
        counts = (str(len(links)), str(len(keys)))
        commands: list[tuple[Any, ...]] = [
            ("EVAL", _APPEND, 3, STREAM, HEADS, KEYS, head.segment, head.mark, after.mark, *counts, *batch)
        ]
        if replicas:
            commands.append(("WAIT", replicas, int(500 * self._seconds)))
        try:
            _, *confirmed = await self._said(commands)
        except ResponseError as error:
            if str(error).endswith(_ELSEWHERE):
                raise ElsewhereError from None
            raise
        if replicas and confirmed[0] < replicas:
            raise UnconfirmedError

    async def _said(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """The replies to commands; they are sent once more, all of them, where the connection breaks."""
        for once_more in (True, False):
            try:
                async with asyncio.timeout(self._seconds):
                    connection = self._held or await self._connected()
                    await connection.send_packed_command(connection.pack_commands(commands), check_health=False)
                    return [await connection.read_response() for _ in commands]
            except BaseException as error:  # replies may still be on their way: whoever asks next would read them
                if self._held is not None:
                    await self._held.disconnect(nowait=True)
                if not (once_more and isinstance(error, RedisConnectionError)):
                    raise
        raise AssertionError  # the second time returns or raises

    async def _connected(self) -> Any:
        self._held = await self._pool.get_connection()
        self._held.socket_timeout = None  # one bound for all that an append waits for costs less than one for each
        return self._held
