"""Verifies the tree's files: each hash against what is below it, and the root against the checkpoint."""

from collections.abc import Iterator
from pathlib import Path

from audit.archive.faults import Fault
from audit.checkpoint import Checkpoint
from audit.merkle import leaf_hash, root
from audit.tiles import ENTRIES, WIDTH, TileError, Tiles, fold, loader, path, widths


def tree_faults(folder: Path, checkpoint: Checkpoint) -> Iterator[Fault]:
    """What is wrong with the tiles and the bundles of leaves."""
    tree = Tiles(loader(folder), checkpoint.size)
    damaged = False
    for level, number, width in widths(checkpoint.size):
        for fault in _tile_faults(tree, level, number):
            damaged = True
            yield fault
        for name in (path(level, number, width), *([path(ENTRIES, number, width)] if level == 0 else ())):
            yield from _outgrown(folder, name)
    if not damaged and root(checkpoint.size, tree.node) != checkpoint.root:
        yield Fault("checkpoint", f"its root is not that of the {checkpoint.size} leaves that are there")


def _tile_faults(tree: Tiles, level: int, number: int) -> Iterator[Fault]:
    """Where a tile differs from what is below it."""
    width = min(WIDTH, (tree.size >> 8 * level) - number * WIDTH)
    name = path(level, number, width)
    try:
        hashes = tree.hashes(level, number)
        below = list(map(leaf_hash, tree.bundle(number))) if level == 0 else _below(tree, level, number, width)
    except TileError as error:
        yield Fault(error.path, str(error).removeprefix(f"{error.path} "))
        return
    for place, (found, expected) in enumerate(zip(hashes, below, strict=True)):
        if found != expected:
            index = number * WIDTH + place
            under = path(ENTRIES, number, width) if level == 0 else path(level - 1, index, WIDTH)
            what = f"leaf {index}" if level == 0 else f"leaves {index << 8 * level} to {(index + 1 << 8 * level) - 1}"
            yield Fault(name, f"the hash of {what} is not that of {under}")


def _below(tree: Tiles, level: int, number: int, width: int) -> list[bytes]:
    return [fold(tree.hashes(level - 1, number * WIDTH + place)) for place in range(width)]


def _outgrown(folder: Path, name: str) -> Iterator[Fault]:
    """Partial files of earlier checkpoints, each of which is the beginning of what it grew to."""
    current = folder / name
    older = folder / (name if ".p/" not in name else name.rpartition("/")[0] + "/x")
    for each in sorted(older.parent.iterdir()) if ".p/" in name and older.parent.is_dir() else ():
        if each != current and current.exists() and not current.read_bytes().startswith(each.read_bytes()):
            yield Fault(f"{name.rpartition('/')[0]}/{each.name}", f"it is not the beginning of {name}")
