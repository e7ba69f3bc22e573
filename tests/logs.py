"""Merkle logs in memory, for tests."""

from collections.abc import Sequence

from audit import merkle
from audit.tiles import Tiles, appended


def numbered(count: int, start: int = 0) -> list[bytes]:
    """Leaves that are the texts of their numbers."""
    return [str(number).encode() for number in range(start, count)]


class Log:
    """A log in memory.

    Args:
        leaves: its leaves, or how many numbered ones.
        step: how many are appended at once.
    """

    def __init__(self, leaves: Sequence[bytes] | int, step: int = 10**9) -> None:
        self.files: dict[str, bytes] = {}
        self.size = 0
        whole = numbered(leaves) if isinstance(leaves, int) else leaves
        for start in range(0, len(whole), step):
            self.append(whole[start : start + step])

    def append(self, leaves: Sequence[bytes]) -> None:
        """Let it grow."""
        self.files |= appended(self.load, self.size, leaves)
        self.size += len(leaves)

    def load(self, name: str) -> bytes:
        """One of its files."""
        try:
            return self.files[name]
        except KeyError:
            raise FileNotFoundError(name) from None

    @property
    def tiles(self) -> Tiles:
        """Its tiles."""
        return Tiles(self.load, self.size)

    def root(self, size: int | None = None) -> bytes:
        """Its root, or that of its beginning."""
        return merkle.root(self.size if size is None else size, self.tiles.node)

    def consistency(self, old: int) -> list[bytes]:
        """The proof that it began with so many leaves."""
        return merkle.consistency(old, self.size, self.tiles.node)
