"""A rush: what is more than a worker can answer is refused at once, so that what is under way keeps its pace."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from resolvers.refusals import Refusal


@dataclass(slots=True)
class Load:
    """How many operations a worker has under way.

    Attributes:
        most: how many it may have.
        under_way: how many it has. A request that is still being sent counts for nothing: its client may be slow.
        refused: how many requests were refused since nothing was under way.
    """

    most: int
    under_way: int = 0
    refused: int = 0

    def check(self) -> None:
        """Make sure that there is room for one more.

        Raises:
            Refusal: there is none.
        """
        if self.under_way >= self.most:
            self.refused += 1
            raise Refusal("OVERLOADED")

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Count one operation for the length of a block.

        Raises:
            Refusal: there is no room for it.
        """
        self.check()
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1
            if not self.under_way:
                self.refused = 0
