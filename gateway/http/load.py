"""A rush: what is more than a worker can answer is refused at once, so that what is under way keeps its pace.

Refusing costs little, however many there are who ask once each: nothing is recorded while they wait. How many requests
of each account were refused is counted, and recorded beside the others' work, one account after the other, until all is
told. What could not be confirmed to be recorded is told again.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from resolvers.faults import described
from resolvers.model import Access, Ask
from resolvers.pipeline import Arguments
from resolvers.refusals import Refusal

PAUSE = 5.0
"""For how long what is refused is counted together, in seconds."""
RECORD_SECONDS = 2.0
"""How long a record may take that no deadline bounds any more, in seconds."""
CLOSING_SECONDS = 3.0
"""How long a worker that stops goes on telling, in seconds."""

_log = logging.getLogger(__name__)


class Recording(Protocol):
    """What records refusals."""

    async def refuse(
        self, ask: Ask | None, account_id: str | None, access: Access, refusal: Refusal, arguments: Arguments = ()
    ) -> Refusal:
        """Record a refusal that came before there was an operation."""


@dataclass(slots=True)
class Load:
    """How many operations a worker has under way. Close it in the end.

    Attributes:
        most: how many it may have.
        recording: records how many requests of an account were refused.
        pause: for how long these are counted together, in seconds.
        under_way: how many it has. A request that is still being sent counts for nothing: its client may be slow.
        untold: how many requests of each account were refused and not recorded yet.
    """

    most: int
    recording: Recording
    pause: float = PAUSE
    under_way: int = 0
    untold: Counter[str] = field(default_factory=Counter)
    _closing: asyncio.Event = field(default_factory=asyncio.Event)
    _telling: asyncio.Task[None] | None = None

    def turns_away(self, account: str) -> bool:
        """Refuse one more of an account's, and count it, where there is no room."""
        if self.under_way < self.most:
            return False
        self.untold[account] += 1
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())
        return True

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Count one operation for the length of a block; whoever enters it has looked whether there is room."""
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1

    async def aclose(self) -> None:
        """Tell what is left, as far as it can be recorded in time."""
        self._closing.set()
        if self._telling is None:
            return
        try:
            async with asyncio.timeout(CLOSING_SECONDS):
                await self._telling
                await asyncio.gather(*map(self._told, list(self.untold)))
        except TimeoutError:
            pass  # as what cannot be recorded, it is told of below
        if self.untold:
            _log.error("rush: %d refused requests were not recorded", self.untold.total())

    async def _tell(self) -> None:
        while self.untold and not self._closing.is_set():
            try:
                async with asyncio.timeout(self.pause):
                    await self._closing.wait()
            except TimeoutError:
                for account in list(self.untold):
                    if self._closing.is_set() or not await self._told(account):
                        break

    async def _told(self, account: str) -> bool:
        """Record what was refused of an account's; whether it could be. What could not is told with the next."""
        count = self.untold.pop(account)
        told = [("flood", {"turnedAway": {"rush": count}})]
        try:
            async with asyncio.timeout(RECORD_SECONDS):
                await self.recording.refuse(None, account, Access(None, None), Refusal("OVERLOADED"), told)
        except BaseException as error:
            self.untold[account] += count
            if not isinstance(error, Exception):
                raise
            _log.error("rush: %s", described(error))
            return False
        return True
