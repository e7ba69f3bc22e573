"""New shapes of statement, one at a time: planning one takes a graph's whole core for seconds, and others ask too."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from resolvers.refusals import Refusal

PATIENCE = 1.0
"""How long an operation with a new shape waits for its turn, in seconds."""
MAX_WAITING = 4
"""How many operations may wait for their turn at once."""


class Planning:
    """Gives turns to operations whose statements the graph has not planned yet; others need none.

    After each turn the graph rests, so that planning takes no more than a share of the time, however many ask.

    Args:
        share: the share of time that turns may take, above 0 and up to 1.
        patience: how long an operation waits for its turn, in seconds.
        clock: monotonic time in seconds.
    """

    def __init__(
        self, share: float = 1.0, patience: float = PATIENCE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rest = 1 / share - 1
        self._patience = patience
        self._clock = clock
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._rested = 0.0

    @asynccontextmanager
    async def turn(self, shapes: Sequence[str]) -> AsyncIterator[None]:
        """The turn of an operation with these new shapes.

        Raises:
            Refusal: it would have to wait too long.
        """
        if not shapes:
            yield
            return
        await self._wait()
        begun = self._clock()
        try:
            yield
        finally:
            now = self._clock()
            self._rested = now + (now - begun) * self._rest
            self._turn.release()

    async def _wait(self) -> None:
        """Wait for the turn and for the graph's rest."""
        if self._waiting >= MAX_WAITING:
            raise self._refusal()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._turn.acquire()
        except TimeoutError:
            raise self._refusal() from None
        finally:
            self._waiting -= 1
        left = self._rested - self._clock()
        if left > self._patience:
            self._turn.release()
            raise self._refusal()
        try:
            await asyncio.sleep(max(0.0, left))
        except BaseException:
            self._turn.release()
            raise

    def _refusal(self) -> Refusal:
        return Refusal("SHAPE_BUSY", retry=max(1, math.ceil(self._rested - self._clock())))
