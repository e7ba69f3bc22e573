"""A Merkle tree kept in tiles of 256 hashes, and its leaves in bundles of 256: the layout of C2SP tlog-tiles.

A tile that is full never changes. The last one of a level grows; each checkpoint's width of it is a file of its own,
which may go once the tile is full.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from audit.merkle import SIZE, leaf_hash, node_hash

WIDTH = 256
"""How many hashes a full tile holds, and how many leaves a full bundle."""
_HEIGHT = 8
ENTRIES = "entries"
"""The name that bundles of leaves have in place of a level."""
Load = Callable[[str], bytes]
"""Reads a file by its path within the log; FileNotFoundError if there is none."""


class TileError(Exception):
    """A tile is missing or is not as long as it should be.

    Attributes:
        path: the file.
    """

    def __init__(self, path: str, what: str) -> None:
        super().__init__(f"{path} {what}")
        self.path = path


def path(level: int | str, number: int, width: int) -> str:
    """Where a tile or a bundle is, such as `tile/0/x001/067.p/12`."""
    parts = [f"{number % 1000:03}"]
    while number := number // 1000:
        parts.append(f"x{number % 1000:03}")
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(reversed(parts))}{partial}"


def widths(size: int) -> Iterator[tuple[int, int, int]]:
    """Every tile of a tree: its level, its number, and how many hashes it holds."""
    level, count = 0, size
    while count:
        for number in range((count + WIDTH - 1) // WIDTH):
            yield level, number, min(WIDTH, count - number * WIDTH)
        level, count = level + 1, count // WIDTH


def paths(size: int) -> Iterator[str]:
    """Every file that a tree of this size is made of, bundles of leaves included."""
    for level, number, width in widths(size):
        yield path(level, number, width)
        if level == 0:
            yield path(ENTRIES, number, width)


class Tiles:
    """The tiles of a tree of one size, as far as they are asked for.

    Args:
        load: reads a file.
        size: how many leaves there are.
    """

    def __init__(self, load: Load, size: int) -> None:
        self._load = load
        self.size = size
        self.hashes = lru_cache(maxsize=64)(self._hashes)

    def node(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree, as `audit.merkle` asks for it.

        Raises:
            TileError: a tile is missing, or too short or long.
        """
        height = level % _HEIGHT
        first = index << height
        below = self.hashes(level // _HEIGHT, first // WIDTH)[first % WIDTH : first % WIDTH + (1 << height)]
        return fold(below)

    def _hashes(self, level: int, number: int) -> Sequence[bytes]:
        width = min(WIDTH, (self.size >> (_HEIGHT * level)) - number * WIDTH)
        name, data = self._read(level, number, width)
        hashes = [data[start : start + SIZE] for start in range(0, len(data), SIZE)]
        if len(data) % SIZE or len(hashes) != (width if name == path(level, number, width) else WIDTH):
            raise TileError(name, "is not as long as the tree says")
        return hashes[:width]

    def bundle(self, number: int) -> Sequence[bytes]:
        """The leaves of a bundle.

        Raises:
            TileError: it is missing, or not a row of leaves with their lengths.
        """
        width = min(WIDTH, self.size - number * WIDTH)
        name, data = self._read(ENTRIES, number, width)
        leaves = unbundled(data)
        if len(leaves) != (width if name == path(ENTRIES, number, width) else WIDTH):
            raise TileError(name, "does not hold as many leaves as the tree says")
        return leaves[:width]

    def _read(self, level: int | str, number: int, width: int) -> tuple[str, bytes]:
        """A file, and its name: of a partial tile that is gone, the full one that it grew to."""
        name = path(level, number, width)
        for each in (name, path(level, number, WIDTH)):
            with suppress(FileNotFoundError):
                return each, self._load(each)
        raise TileError(name, "is missing")


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root above a power of two of hashes."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[place], row[place + 1]) for place in range(0, len(row), 2)]
    return row[0]


def bundled(leaves: Sequence[bytes]) -> bytes:
    """Leaves as a bundle: each with its length in two bytes before it."""
    return b"".join(len(leaf).to_bytes(2) + leaf for leaf in leaves)


def unbundled(data: bytes) -> list[bytes]:
    """The leaves of a bundle; of a damaged one, as many as can be told apart."""
    leaves, place = [], 0
    while place + 2 <= len(data):
        end = place + 2 + int.from_bytes(data[place : place + 2])
        if end > len(data):
            break
        leaves.append(data[place + 2 : end])
        place = end
    return leaves if place == len(data) else leaves[:-1]


def appended(load: Load, size: int, leaves: Sequence[bytes]) -> dict[str, bytes]:
    """The files that change when leaves are appended to a tree of this size: new tiles and bundles, whole.

    Raises:
        TileError: a tile that must grow is missing or damaged.
    """
    tiles = Tiles(load, size)
    files: dict[str, bytes] = {}
    if leaves:
        old: Sequence[bytes] = tiles.bundle(size // WIDTH) if size % WIDTH else []
        for number, row in _rows(size, old, leaves):
            files[path(ENTRIES, number, len(row))] = bundled(row)
    level, count, fresh = 0, size, [leaf_hash(leaf) for leaf in leaves]
    while fresh:
        old = tiles.hashes(level, count // WIDTH) if count % WIDTH else []
        above = []
        for number, row in _rows(count, old, fresh):
            files[path(level, number, len(row))] = b"".join(row)
            if len(row) == WIDTH:
                above.append(fold(row))
        level, count, fresh = level + 1, count // WIDTH, above
    return files


def _rows(count: int, old: Sequence[bytes], fresh: Sequence[bytes]) -> Iterator[tuple[int, Sequence[bytes]]]:
    """The rows of at most 256 that follow when some are added to those of the last row."""
    row = [*old, *fresh]
    for place in range(0, len(row), WIDTH):
        yield count // WIDTH + place // WIDTH, row[place : place + WIDTH]


def loader(folder: Path, fresh: Mapping[str, bytes] | None = None) -> Load:
    """Reads files of a folder, those in `fresh` before all."""
    known = fresh or {}
    return lambda name: known[name] if name in known else (folder / name).read_bytes()
