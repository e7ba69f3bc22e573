"""New shapes of statement, one at a time: planning one takes a graph's whole core for seconds, and others ask too."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from cachetools import LRUCache

from resolvers.refusals import Refusal

PATIENCE = 1.0
"""How long an operation with a new shape waits for its turn, in seconds."""
MAX_WAITING = 4
"""How many operations may wait for their turn at once."""


class Planning:
    """Gives turns to operations whose statements the graph has not planned yet; others need none.

    After each turn the graph rests, so that planning takes no more than a share of the time, however many ask; and the
    account whose turn it was waits longer, so that it takes no more than a smaller one.

    Args:
        share: the share of time that turns may take, above 0 and up to 1.
        account_share: the share that one account's turns may take, above 0 and up to 1.
        patience: how long an operation waits for its turn, in seconds.
        clock: monotonic time in seconds.
    """

    def __init__(
        self,
        share: float = 1.0,
        account_share: float = 1.0,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rest, self._account_rest = 1 / share - 1, 1 / account_share - 1
        self._patience = patience
        self._clock = clock
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._rested = 0.0
        self._rested_from: LRUCache[str, float] = LRUCache(10_000)

    def turn(self, account: str, shapes: Sequence[str]) -> AbstractAsyncContextManager[None]:
        """The turn of an account's operation with these new shapes.

        Whoever would have to wait too long for it is refused on entering.
        """
        return self._taken(account) if shapes else nullcontext()

    @asynccontextmanager
    async def _taken(self, account: str) -> AsyncIterator[None]:
        await self._wait(account)
        begun = self._clock()
        try:
            yield
        finally:
            now = self._clock()
            self._rested = now + (now - begun) * self._rest
            self._rested_from[account] = now + (now - begun) * self._account_rest
            self._turn.release()

    async def _wait(self, account: str) -> None:
        """Wait for the turn and for the graph's rest."""
        if self._waiting >= MAX_WAITING or self._left(account) > self._patience:
            raise self._refusal(account)
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._turn.acquire()
        except TimeoutError:
            raise self._refusal(account) from None
        finally:
            self._waiting -= 1
        left = self._left(account)
        if left > self._patience:
            self._turn.release()
            raise self._refusal(account)
        try:
            await asyncio.sleep(left)
        except BaseException:
            self._turn.release()
            raise

    def _left(self, account: str) -> float:
        """For how long the graph rests from an account, in seconds."""
        return max(0.0, max(self._rested, self._rested_from.get(account, 0.0)) - self._clock())

    def _refusal(self, account: str) -> Refusal:
        return Refusal("SHAPE_BUSY", retry=max(1, math.ceil(self._left(account))))
