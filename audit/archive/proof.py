"""A proof that a receipt's entry is in the log: one file, in the C2SP tlog-proof format, that needs nothing else."""

import base64
from dataclasses import dataclass

from audit.archive.folder import COSIGNED, ArchiveError, Folder, NotArchivedError
from audit.archive.log import State, asked
from audit.archive.reading import rows
from audit.archive.tables import database, parquet
from audit.chain import Receipt
from audit.checkpoint import Opened, open_checkpoint
from audit.merkle import included, inclusion, leaf_hash
from audit.note import NoteError, Verifier
from audit.tiles import WIDTH, Tiles, loader

_HEAD = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class Proof:
    """Where a receipt's entry is, and how that can be checked.

    Attributes:
        index: the entry's leaf.
        text: the proof; it tells nothing of what the entry says.
    """

    index: int
    text: str


def prove(folder: Folder, log: Verifier, receipt: Receipt) -> Proof:
    """The proof of a receipt, against the newest checkpoint that witnesses have signed, or else the newest.

    Raises:
        ArchiveError: the archive is damaged.
        NotArchivedError: the entry is not in it.
    """
    return asked(folder, log, lambda state, newest: _proof(folder, log, state, newest, receipt))


def _proof(folder: Folder, log: Verifier, state: State, newest: Opened, receipt: Receipt) -> Proof:
    index = _index(folder, state, receipt)
    opened = _best(folder, log, newest, index)
    size = opened.checkpoint.size
    tree = Tiles(loader(folder.path), size)
    hashes = inclusion(index, size, tree.node)
    if not included(leaf_hash(receipt.leaf), index, size, hashes, opened.checkpoint.root):
        raise ArchiveError(f"The tree does not hold leaf {index} as it was archived. Run directory audit verify.")
    lines = [_HEAD, f"extra {_text(receipt.leaf)}", f"index {index}", *map(_text, hashes)]
    return Proof(index, "\n".join(lines) + "\n\n" + opened.note.data.decode())


def _index(folder: Folder, state: State, receipt: Receipt) -> int:
    """The leaf of a receipt's entry."""
    files = [folder.data(file.path) for file in state.manifest.of("entries")]
    query = f"SELECT leaf, signature FROM {parquet(files)} WHERE receipt = ? AND hash = ?"  # noqa: S608 - our own paths
    for row in rows(database(), query, [receipt.id, receipt.hash.hex()]) if files else ():
        if row["signature"] == receipt.signature:
            return int(row["leaf"])
    tree = Tiles(loader(folder.path), state.manifest.size)
    for purged in state.manifest.purged:
        for number in range(purged.first // WIDTH, purged.last // WIDTH + 1):
            bundle = tree.bundle(number)
            if receipt.leaf in bundle:
                return number * WIDTH + list(bundle).index(receipt.leaf)
    raise NotArchivedError(
        "No entry with this receipt is archived. If it is new, archive the stream first; else an entry was lost."
    )


def _best(folder: Folder, log: Verifier, newest: Opened, index: int) -> Opened:
    """The checkpoint with the most signatures that covers a leaf, and of these the newest."""
    found = [newest]
    for path in (folder.path / COSIGNED).glob("*"):
        try:
            found.append(open_checkpoint(path.read_bytes(), log))
        except (NoteError, OSError):
            continue  # verification names it
    covering = [each for each in found if each.checkpoint.size > index]
    return max(covering, key=lambda each: (len(each.note.signatures), each.checkpoint.size))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
