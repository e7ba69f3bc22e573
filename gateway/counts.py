"""Counts in fixed windows, kept by Redis for all workers. What is counted at the same time goes in one round trip.

A window begins with the first use in it. The counts are in the server's memory alone: they are written neither to its
append-only file, which is there for the evidence and whose every write waits for the disk, nor to its replicas. A
server that starts again has counted nothing yet, and what is counted twice because a connection broke is counted.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import NamedTuple

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from audit.line import Line
from resolvers.refusals import Refusal

_log = logging.getLogger(__name__)

PREFIX = "{directory:counts}"
"""What the names of all counts begin with; in a cluster they are in one place."""

_COUNT = """
redis.set_repl(redis.REPL_NONE)
local found = {}
for at, name in ipairs(KEYS) do
  local uses, seconds = tonumber(ARGV[2 * at - 1]), ARGV[2 * at]
  local count = tonumber(redis.call('GET', name) or 0)
  if uses > 0 then
    if count == 0 then redis.call('SET', name, uses, 'EX', seconds) else redis.call('INCRBY', name, uses) end
  end
  found[2 * at - 1], found[2 * at] = count + uses, redis.call('TTL', name)
end
return found
"""


class Use(NamedTuple):
    """What is added to a count.

    Attributes:
        name: whose count of what.
        uses: how much is added; with 0 the count is only looked at.
        seconds: how long the window is.
    """

    name: str
    uses: int
    seconds: int


class Counted(NamedTuple):
    """A count.

    Attributes:
        used: how much it is now.
        left: how long its window lasts, in seconds; negative where nothing is counted.
    """

    used: int
    left: int


class Counts:
    """Counts for one worker. Close them in the end.

    Args:
        url: the address of the Redis that counts.
        timeout: how long counting may take, in seconds.
    """

    def __init__(self, url: str, timeout: float) -> None:
        self._client = Redis.from_url(
            url,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 1),
        )
        self._line = Line(self._client)
        self._waiting: list[tuple[Sequence[Use], asyncio.Future[list[Counted]]]] = []
        self._sending: asyncio.Task[None] | None = None

    async def add(self, uses: Sequence[Use]) -> list[Counted]:
        """Add to counts; return each as it is then.

        Raises:
            Refusal: it cannot be counted.
        """
        if not uses:
            return []
        counted: asyncio.Future[list[Counted]] = asyncio.get_running_loop().create_future()
        self._waiting.append((uses, counted))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())
        return await counted

    async def _send(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            waiting = [(uses, counted) for uses, counted in batch if not counted.done()]
            try:
                found = iter(await self._count([use for uses, _ in waiting for use in uses]))
            except Exception as error:  # noqa: BLE001 - whatever fails, it is not counted
                _log.error("counts: %s", type(error).__name__)
                for _, counted in waiting:
                    if not counted.done():
                        counted.set_exception(Refusal("METER_UNAVAILABLE"))
                continue
            for uses, counted in waiting:
                counts = [next(found) for _ in uses]
                if not counted.done():  # whoever waited may have gone meanwhile
                    counted.set_result(counts)

    async def _count(self, uses: Sequence[Use]) -> list[Counted]:
        names = [f"{PREFIX}:{use.name}" for use in uses]
        given = [each for use in uses for each in (use.uses, use.seconds)]
        (reply,) = await self._line.say(("EVAL", _COUNT, len(names), *names, *given))
        if isinstance(reply, ResponseError):
            raise reply
        return [Counted(count, left) for count, left in zip(reply[::2], reply[1::2], strict=True)]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()
