"""Counts in fixed windows, kept by Redis for all workers. What is counted at the same time goes in one round trip.

A window begins with the first use in it. The counts are in the server's memory alone: they are written neither to its
append-only file, which is there for the evidence and whose every write waits for the disk, nor to its replicas. A
server that starts again has counted nothing yet, and what is counted twice because a connection broke is counted.
What was last heard of a count is remembered, so that work need not wait for one of which much is left.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import NamedTuple

from cachetools import TLRUCache
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from audit.line import Line
from resolvers.refusals import Refusal
from resolvers.tasks import give_up

_log = logging.getLogger(__name__)

PREFIX = "{directory:counts}"
"""What the names of all counts begin with; in a cluster they are in one place."""

HEARD = 20_000
"""How many counts are remembered."""
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
        name: whose count of what, beginning with what kind of holder it is.
        uses: how much is added; with 0 the count is only looked at.
        seconds: how long the window is.
        most: how much is allowed in it.
    """

    name: str
    uses: int
    seconds: int
    most: int

    @property
    def holder(self) -> str:
        """What kind of holder it is."""
        return self.name.partition(":")[0]

    def is_beyond(self, counted: "Counted") -> bool:
        """Whether that is more than is allowed, or, where it is only looked at, leaves nothing."""
        return counted.used > self.most or (not self.uses and counted.used >= self.most)


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
        self._heard: TLRUCache[str, Counted] = TLRUCache(HEARD, lambda _, heard, now: now + heard.left + 1)
        self._failed = False

    def add(self, uses: Sequence[Use]) -> asyncio.Future[list[Counted]]:
        """Begin to add to counts: each as it is then, or a ``Refusal`` where it cannot be counted."""
        counted: asyncio.Future[list[Counted]] = asyncio.get_running_loop().create_future()
        if not uses:
            counted.set_result([])
            return counted
        self._waiting.append((uses, counted))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())
        return counted

    def is_ample(self, use: Use) -> bool:
        """Whether this worker has not heard that more than half of an allowance is used, and half suffices.

        Of what is only looked at it must have heard in this window that it is not; and while nothing can be counted,
        nothing is ample.
        """
        heard = self._heard.get(use.name)
        if self._failed or (heard is None and not use.uses):
            return False
        return 2 * max(use.uses, 1, heard.used if heard else 0) <= use.most

    async def _send(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                found = iter(await self._count([use for uses, _ in batch for use in uses]))
            except Exception as error:  # noqa: BLE001 - whatever fails, it is not counted
                _log.error("counts: %s", type(error).__name__)
                self._failed = True
                for _, counted in batch:
                    if not counted.done():
                        counted.set_exception(Refusal("METER_UNAVAILABLE"))
                        counted.exception()  # whoever asked may have been refused for another reason
                continue
            self._failed = False
            for uses, counted in batch:
                counts = [next(found) for _ in uses]
                self._hear(uses, counts)
                if not counted.done():  # whoever waited may have gone meanwhile
                    counted.set_result(counts)

    def _hear(self, uses: Sequence[Use], counts: Sequence[Counted]) -> None:
        """Remember, to the end of its window, what matters: a count that is scarce, and one that is only looked at."""
        for use, count in zip(uses, counts, strict=True):
            if 2 * count.used > use.most or (not use.uses and use.name not in self._heard):
                self._heard[use.name] = Counted(count.used, count.left if count.left >= 0 else use.seconds)

    async def _count(self, uses: Sequence[Use]) -> list[Counted]:
        names = [f"{PREFIX}:{use.name}" for use in uses]
        given = [each for use in uses for each in (use.uses, use.seconds)]
        (reply,) = await self._line.say(("EVAL", _COUNT, len(names), *names, *given))
        if isinstance(reply, ResponseError):
            raise reply
        return [Counted(count, left) for count, left in zip(reply[::2], reply[1::2], strict=True)]

    async def aclose(self) -> None:
        """Give up what is being counted, which would connect once more, and close the connection."""
        await give_up(self._sending)
        await self._client.aclose()
