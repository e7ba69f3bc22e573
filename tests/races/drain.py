"""The drain that knows every read: it returns when each that had begun has ended."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Reads:
    """The reads that are going on."""

    def __init__(self) -> None:
        self._running: set[asyncio.Future[None]] = set()

    @contextmanager
    def one(self) -> Iterator[None]:
        """One read, from before it is sent until after its answer is there."""
        ended = asyncio.get_running_loop().create_future()
        self._running.add(ended)
        try:
            yield
        finally:
            self._running.discard(ended)
            ended.set_result(None)

    async def drained(self) -> None:
        """Return when every read that goes on now has ended."""
        if self._running:
            await asyncio.wait(set(self._running))


async def undrained() -> None:
    """No drain at all."""
