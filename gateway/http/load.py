"""A rush: what is more than a worker can answer is refused at once, so that what is under way keeps its pace."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from gateway.http.flood import is_recorded
from resolvers.refusals import Refusal

WINDOW = 60.0
"""For how long refusals are counted together, in seconds."""


@dataclass(slots=True)
class Load:
    """How many operations a worker has under way.

    Attributes:
        most: how many it may have.
        clock: seconds that never go back.
        under_way: how many it has. A request that is still being sent counts for nothing: its client may be slow.
        refused: how many requests of each account were refused in this window.
    """

    most: int
    clock: Callable[[], float] = time.monotonic
    under_way: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    _since: float = float("-inf")

    @property
    def has_room(self) -> bool:
        """Whether there may be one more."""
        return self.under_way < self.most

    def check(self, account: str) -> None:
        """Make sure that there is room for one more.

        Raises:
            Refusal: there is none.
        """
        if self.has_room:
            return
        self.refused[account] = self._next(account)
        raise Refusal("OVERLOADED")

    def dismiss(self, account: str) -> bool:
        """Refuse one more without a record, so that this costs little; not where there is room, or a record is due."""
        if self.has_room or is_recorded(count := self._next(account)):
            return False
        self.refused[account] = count
        return True

    def _next(self, account: str) -> int:
        """How many of an account's will be refused with the next."""
        if self.clock() >= self._since + WINDOW:
            self.refused, self._since = {}, self.clock()
        return self.refused.get(account, 0) + 1

    @contextmanager
    def admitted(self, account: str) -> Iterator[None]:
        """Count one operation for the length of a block.

        Raises:
            Refusal: there is no room for it.
        """
        self.check(account)
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1
