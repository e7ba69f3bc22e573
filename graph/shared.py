"""Reads that share a statement: what several people ask at once by the same text is read in one round trip.

As appends share a sync, so reads share a statement: of each text one is on its way, and what is asked meanwhile goes
with the next. Whoever comes while there is none does not wait, nor does anybody wait for a slow one. Each ask travels
with its own account and arguments and the number of its grants, and takes back only what comes under its own number and
account. Where the graph refuses a statement, each of its asks is read alone, since the fault may be another's. A
statement that nobody waits for any more is given up.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from neo4j.exceptions import DriverError

from graph.parameters import together
from graph.unlogged import UnloggedText
from resolvers.model import Row
from resolvers.tasks import give_up

LANES = 1
"""How many statements of one text are on their way at once, slow ones apart. With two, each answers half as many: on a
busy machine that is a tenth more work for each answer."""
MOST = 16
"""How much one statement answers. An ask that weighs more goes alone, and holds up nobody."""
PATIENCE = 0.25
"""How long a statement should take, in seconds: it is given no more than it will answer in this time, as far as can be
told. One that takes longer no longer counts, so that another may go beside it."""

Rows = list[list[Row]]
"""The rows of each part."""
Run = Callable[[UnloggedText, dict[str, Any]], Awaitable[list[Any]]]
"""Runs a statement with its parameters; gives its records."""
_Key = tuple[UnloggedText, int]
_CLOSED = DriverError("The reader was closed.")


@dataclass(eq=False, slots=True)
class _Ask:
    """One read, and whoever waits for it."""

    maps: Mapping[str, Any]
    weight: int
    rows: asyncio.Future[Rows | None]


@dataclass(eq=False, slots=True)
class _Batch:
    """Asks whose statement is on its way since a time of the loop, within a scope that can end it."""

    asks: Sequence[_Ask]
    since: float
    scope: asyncio.Timeout

    def pace(self, now: float) -> float:
        """How long it has taken for each record that is asked for, in seconds."""
        return (now - self.since) / sum(ask.weight for ask in self.asks)


@dataclass(eq=False, slots=True)
class _Queue:
    """What waits for the next statement of a text, what is on its way, and at what pace the last one was answered."""

    waiting: deque[_Ask] = field(default_factory=deque)
    lanes: int = 0
    running: set[_Batch] = field(default_factory=set)
    pace: float = 0.0

    def free(self, now: float) -> int:
        """How many lanes more may be opened: fewer than none where slow ones, which do not count, have ended."""
        return LANES - self.lanes + sum(now - batch.since >= PATIENCE for batch in self.running)

    def take(self, now: float) -> list[_Ask]:
        """What goes with the next statement: as many as fit, in the order they came."""
        pace = max((self.pace, *(batch.pace(now) for batch in self.running)))
        most = min(MOST, PATIENCE / pace) if pace > 0 else MOST
        taken: list[_Ask] = []
        weight = 0
        while self.waiting:
            weight += self.waiting[0].weight
            if taken and weight > most:
                break
            taken.append(self.waiting.popleft())
        return taken

    def leave(self, ask: _Ask, now: float) -> None:
        """Nobody waits for an ask any more: it is not read, or its statement is given up with the last who leaves."""
        if ask in self.waiting:
            self.waiting.remove(ask)
        for batch in self.running:
            if ask in batch.asks and all(each.rows.done() for each in batch.asks):
                batch.scope.reschedule(now)


class Shared:
    """Reads for one worker. Close it in the end.

    Args:
        run: runs a statement.
        tell: is told of each statement how many asks it answers; of those that are read again alone, nothing.
    """

    def __init__(self, run: Run, tell: Callable[[int], None] = lambda _: None) -> None:
        self._run, self._tell = run, tell
        self._queues: dict[_Key, _Queue] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def read(self, text: UnloggedText, maps: Mapping[str, Any], limit: int, weight: int) -> Rows | None:
        """The rows of each part, or None where the ask's account has changed.

        Args:
            text: the statement.
            maps: the ask, as ``asked`` makes it.
            limit: one more than a search may show.
            weight: for how many records it is asked, at least 1.

        Raises:
            Exception: what the statement failed with.
        """
        loop, key = asyncio.get_running_loop(), (text, limit)
        ask = _Ask(maps, weight, loop.create_future())
        queue = _Queue() if weight > MOST else self._queues.setdefault(key, _Queue())
        queue.waiting.append(ask)
        self._open(key, queue)
        try:
            return await ask.rows
        except asyncio.CancelledError:
            queue.leave(ask, loop.time())
            raise

    async def aclose(self) -> None:
        """Give up what is on its way."""
        await give_up(*self._tasks)

    def _open(self, key: _Key, queue: _Queue) -> None:
        """Open a lane, if anybody waits and there may be one more."""
        if queue.waiting and queue.free(asyncio.get_running_loop().time()) > 0:
            queue.lanes += 1
            task = asyncio.create_task(self._serve(key, queue))
            self._tasks.add(task)
            task.add_done_callback(partial(self._closed, queue))

    def _closed(self, queue: _Queue, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if task.cancelled():  # even before it began
            _fail(queue.waiting, _CLOSED)

    async def _serve(self, key: _Key, queue: _Queue) -> None:
        """One lane: statement after statement, while anybody waits and there are no more lanes than there should be."""
        time, asks = asyncio.get_running_loop().time, list[_Ask]()
        try:
            while queue.free(now := time()) >= 0 and (asks := queue.take(now)):
                self._tell(len(asks))
                await self._answer(key, queue, asks)
        finally:
            queue.lanes -= 1
            if not queue.lanes and self._queues.get(key) is queue:
                del self._queues[key]
            _fail(asks, _CLOSED)

    async def _answer(self, key: _Key, queue: _Queue, asks: Sequence[_Ask]) -> None:
        """Read for asks together; where that fails and may be one's fault alone, for each that is left."""
        try:
            found = await self._found(key, queue, asks)
        except Exception as error:  # noqa: BLE001 - it is raised to whoever asked
            if len(asks) == 1 or isinstance(error, DriverError | OSError):  # out of reach is nobody's fault alone
                _fail(asks, error)
                return
            await asyncio.gather(*(self._answer(key, queue, [ask]) for ask in asks if not ask.rows.done()))
            return
        for n, ask in enumerate(asks):
            own = found.get((n, ask.maps["me"]["account"]), ())
            if not ask.rows.done():
                ask.rows.set_result(own[0] if len(own) == 1 else None)

    async def _found(self, key: _Key, queue: _Queue, asks: Sequence[_Ask]) -> dict[tuple[int, str], list[Rows]]:
        """Run a statement: what was found under each number and account."""
        loop, (text, limit) = asyncio.get_running_loop(), key
        async with asyncio.timeout(None) as scope:
            batch = _Batch(asks, loop.time(), scope)
            queue.running.add(batch)
            slow = loop.call_at(batch.since + PATIENCE, self._open, key, queue)
            try:
                (record,) = await self._run(text, together([ask.maps for ask in asks], limit))
            finally:
                slow.cancel()
                queue.running.remove(batch)
                queue.pace = batch.pace(loop.time())
        found: dict[tuple[int, str], list[Rows]] = {}
        for n, account, rows in record["found"]:  # twice where the account belongs to two organisations
            found.setdefault((n, account), []).append(rows)
        return found


def _fail(asks: Iterable[_Ask], error: Exception) -> None:
    for ask in asks:
        if not ask.rows.done():
            ask.rows.set_exception(error)
            ask.rows.exception()  # whoever asked may leave before they hear of it
