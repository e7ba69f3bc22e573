"""Reads that share a statement: what several people ask at once by the same text is read in one round trip.

As appends share a sync, so reads share a statement: of each text a few are on their way at most, and what is asked
meanwhile goes with the next. Whoever comes while there are fewer does not wait. Each ask travels with its own account,
grants and arguments, and takes back only what comes under its own number and account. Where a statement fails, each of
its asks is read alone, since what failed may be another's.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.parameters import together
from graph.unlogged import UnloggedText
from resolvers.ports import Row

LANES = 2
"""How many statements of one text are on their way at once: the graph works on one while another comes or goes."""
MOST = 16
"""How much one statement answers; an ask that weighs more goes alone."""

Rows = list[list[Row]]
"""The rows of each part."""
Run = Callable[[UnloggedText, dict[str, Any]], Awaitable[list[Any]]]
"""Runs a statement with its parameters; gives its records."""
_Key = tuple[UnloggedText, int]


@dataclass(eq=False, slots=True)
class _Ask:
    """One read, and whoever waits for it."""

    maps: Mapping[str, Any]
    weight: int
    rows: asyncio.Future[Rows | None]


@dataclass(eq=False, slots=True)
class _Queue:
    """What waits for the next statement of a text, and how many are on their way."""

    waiting: deque[_Ask] = field(default_factory=deque)
    lanes: int = 0

    def take(self) -> list[_Ask]:
        """What goes with the next statement: as many as fit, in the order they came, but those who have left."""
        taken: list[_Ask] = []
        weight = 0
        while self.waiting:
            ask = self.waiting[0]
            if not ask.rows.done():
                weight += ask.weight
                if taken and weight > MOST:
                    break
                taken.append(ask)
            self.waiting.popleft()
        return taken


class Shared:
    """Reads for one worker.

    Args:
        run: runs a statement.
        tell: is told how many asks a statement answers, whenever one is run.
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
            Exception: what the statement failed with when it was run for this ask alone.
        """
        key = (text, limit)
        queue = self._queues.setdefault(key, _Queue())
        ask = _Ask(maps, weight, asyncio.get_running_loop().create_future())
        queue.waiting.append(ask)
        if queue.lanes < LANES:
            queue.lanes += 1
            task = asyncio.create_task(self._serve(key, queue))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await ask.rows

    async def _serve(self, key: _Key, queue: _Queue) -> None:
        """One lane: statement after statement, while anybody waits."""
        try:
            while asks := queue.take():
                await self._together(key, asks)
        finally:
            queue.lanes -= 1
            if not queue.lanes:
                self._queues.pop(key, None)

    async def _together(self, key: _Key, asks: Sequence[_Ask]) -> None:
        text, limit = key
        self._tell(len(asks))
        try:
            records = await self._run(text, together([ask.maps for ask in asks], limit))
            found = _by_ask(records)
        except Exception as error:  # noqa: BLE001 - it is raised to whoever asked
            if len(asks) > 1:
                await asyncio.gather(*(self._together(key, [ask]) for ask in asks))
            elif not asks[0].rows.done():
                asks[0].rows.set_exception(error)
        except BaseException:
            for ask in asks:
                ask.rows.cancel()
            raise
        else:
            for n, ask in enumerate(asks):
                if not ask.rows.done():
                    own = found.get((n, ask.maps["me"]["account"]), ())
                    ask.rows.set_result(own[0] if len(own) == 1 else None)


def _by_ask(records: Sequence[Mapping[str, Any]]) -> dict[tuple[int, str], list[Rows]]:
    """What was found under each number and account: one result, unless the account belongs to two organisations."""
    (record,) = records
    found: dict[tuple[int, str], list[Rows]] = {}
    for n, account, rows in record["found"]:
        found.setdefault((n, account), []).append(rows)
    return found
