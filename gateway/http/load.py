"""A rush: what is more than a worker can answer is refused at once, so that what is under way keeps its pace."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

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

    def turn_away(self, account: str) -> int:
        """Refuse one more of an account's, where there is no room: how many that makes in this window; else 0."""
        if self.under_way < self.most:
            return 0
        if self.clock() >= self._since + WINDOW:
            self.refused, self._since = {}, self.clock()
        self.refused[account] = self.refused.get(account, 0) + 1
        return self.refused[account]

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Count one operation for the length of a block; whoever enters it has looked whether there is room."""
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1
