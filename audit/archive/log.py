"""The archive as a log: what it is now, and how leaves are added to it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby
from typing import Self, TypeVar

import duckdb

from audit.archive.folder import CHECKPOINT, COSIGNED, ArchiveError, Folder, NotArchivedError, Plan
from audit.archive.manifest import DataFile, Kind, Manifest
from audit.archive.rows import Leaf, entry_row, record_rows
from audit.archive.tables import Tables, mergeable, parquet
from audit.chain import Head, new_segment
from audit.checkpoint import Checkpoint, Opened, open_checkpoint
from audit.merkle import root
from audit.note import Note, NoteError, Signature, Signer, Verifier, sign
from audit.tiles import TileError, Tiles, appended, loader

_T = TypeVar("_T")
KINDS: tuple[Kind, Kind] = ("entries", "records")
_TRIES = 5
"""How often a question is asked of files that are merged while it is asked: nobody can stop a thread."""


@dataclass(frozen=True, slots=True)
class State:
    """What the archive's checkpoint says.

    Attributes:
        manifest: its manifest.
        opened: the checkpoint; None before the first.
    """

    manifest: Manifest
    opened: Opened | None = None

    @classmethod
    def load(cls, folder: Folder, log: Verifier) -> Self:
        """The archive as it is.

        Raises:
            ArchiveError: the checkpoint or the manifest is missing, damaged or not the log's.
        """
        if not (folder.path / CHECKPOINT).exists():
            if any((folder.path / "manifest").glob("*")):
                raise ArchiveError(f"{folder.path} has no checkpoint, and is not empty. Restore it from a copy.")
            return cls(Manifest(own=new_segment().segment))
        while True:
            data = folder.read(CHECKPOINT)
            try:
                opened = open_checkpoint(data, log)
                return cls(_manifest(folder, opened.checkpoint), opened)
            except NoteError as error:
                raise ArchiveError(f"checkpoint: {error} Restore it from a copy.") from None
            except ArchiveError:
                if folder.read(CHECKPOINT) == data:  # else the archive has grown meanwhile
                    raise

    @property
    def own(self) -> Head:
        """Where the archive's own segment ends."""
        end = self.manifest.ends.get(self.manifest.own)
        return (
            Head(self.manifest.own, end.n, bytes.fromhex(end.hash)) if end else Head(self.manifest.own, -1, bytes(32))
        )


def asked(folder: Folder, log: Verifier, ask: Callable[[State, Opened], _T]) -> _T:
    """What an archive says while it goes on growing: asked again where a file was merged into another meanwhile.

    Args:
        folder: the archive.
        log: its key.
        ask: reads what its files tell.

    Raises:
        ArchiveError: the archive is damaged, or grew each time before it was read.
        NotArchivedError: nothing is archived yet.
    """
    before: Manifest | None = None
    for _ in range(_TRIES):
        state = State.load(folder, log)
        if state.opened is None:
            raise NotArchivedError("Nothing is archived yet. Archive the stream: directory audit archive --once")
        try:
            return ask(state, state.opened)
        except duckdb.OutOfMemoryException:
            raise ArchiveError("The question needs more memory than there is. Ask for fewer days.") from None
        except (TileError, duckdb.Error) as error:
            if state.manifest == before:
                why = str(error).splitlines()[0]
                raise ArchiveError(f"The archive cannot be read. Run directory audit verify. {why}") from None
            before = state.manifest
    raise ArchiveError("The archive grew each time before it was read. Ask again, or for fewer days.")


def _manifest(folder: Folder, checkpoint: Checkpoint) -> Manifest:
    named = f"manifest/{checkpoint.manifest}"
    try:
        manifest = Manifest.parse(folder.read(named))
    except (OSError, ValueError) as error:
        raise ArchiveError(f"{named}: {error} Restore it from a copy.") from None
    if manifest.path != named or manifest.size != checkpoint.size:
        raise ArchiveError(f"{named} is not what the checkpoint vouches for. Restore it from a copy.")
    return manifest


@dataclass(frozen=True, slots=True)
class Writing:
    """What adds to an archive.

    Attributes:
        folder: where it is.
        tables: writes its data files.
        signer: the log's key.
    """

    folder: Folder
    tables: Tables
    signer: Signer

    def add(self, state: State, manifest: Manifest, leaves: Sequence[Leaf]) -> State:
        """Commit leaves.

        Args:
            state: the archive as it is.
            manifest: where segments and the stream are with them; files and size are brought up to date here.
            leaves: what is added.

        Raises:
            ArchiveError: a file of the archive that must grow is damaged.
        """
        kept, written = list(manifest.files), list[DataFile]()
        for day, of_day in groupby(leaves, key=lambda leaf: leaf.day):
            some = list(of_day)
            for kind in KINDS:
                made = self._written(kind, day, some, kept)
                written += made
        manifest = replace(
            manifest,
            size=manifest.size + len(leaves),
            files=tuple(kept + written),
            ends={name: end for name, end in manifest.ends.items() if not end.closed},
        )
        return self.commit(state, manifest, [leaf.data for leaf in leaves], written)

    def commit(
        self, state: State, manifest: Manifest, leaves: Sequence[bytes] = (), written: Iterable[DataFile] = ()
    ) -> State:
        """Commit a manifest, with leaves that are in its files."""
        tiles = appended(loader(self.folder.path), state.manifest.size, leaves)
        fresh = tiles | {manifest.path: manifest.data}
        tree = Tiles(loader(self.folder.path, tiles), manifest.size)
        extension = f"manifest {manifest.path.rpartition('/')[2]}"
        checkpoint = Checkpoint(self.signer.verifier.name, manifest.size, root(manifest.size, tree.node), (extension,))
        note = sign(checkpoint.text, [self.signer])
        names = {file.path for file in manifest.files}
        gone = [file.path for file in state.manifest.files if file.path not in names]
        grown = [f"{name}.p" for name in tiles if ".p/" not in name]
        before = [state.manifest.path] if state.opened and state.manifest.path != manifest.path else []
        plan = Plan(manifest.path, tuple(file.path for file in written), tuple(fresh), (*gone, *grown, *before))
        self.folder.commit(plan, fresh, note.data)
        return State(manifest, Opened(checkpoint, note, ()))

    def cosign(self, state: State, signatures: Sequence[Signature]) -> None:
        """Publish witnesses' signatures with the checkpoint that they are of.

        Args:
            state: the archive when they were asked; it may have grown since.
            signatures: the witnesses'.
        """
        if state.opened is None or not signatures:
            return
        renewed = {(each.name, each.hash) for each in signatures}
        kept = tuple(each for each in state.opened.note.signatures if (each.name, each.hash) not in renewed)
        note = Note(state.opened.note.text, (*kept, *signatures))
        if State.load(self.folder, self.signer.verifier).manifest == state.manifest:
            self.folder.write(CHECKPOINT, note.data)
        for each in signatures:
            self.folder.write(f"{COSIGNED}/{each.hash.hex()}", note.data)

    def _written(self, kind: Kind, day: str, leaves: Sequence[Leaf], files: list[DataFile]) -> list[DataFile]:
        rows = list(map(entry_row, leaves) if kind == "entries" else chain.from_iterable(map(record_rows, leaves)))
        if not rows:
            return []
        merged = mergeable([file for file in files if file.kind == kind and file.day == day], len(rows))
        for file in merged:
            files.remove(file)
        return [self.tables.write(kind, day, rows, merged)]


@dataclass(frozen=True, slots=True)
class Lookup:
    """Looks up the hashes of archived entries.

    Attributes:
        tables: reads data files.
        folder: where they are.
        files: those that hold entries.
    """

    tables: Tables
    folder: Folder
    files: tuple[DataFile, ...]

    def __call__(self, segment: str, n: int, before: int) -> str | None:
        """The hash of the first entry with a segment and number before a leaf; None if there is none."""
        if not self.files:
            return None
        source = parquet(self.folder.data(file.path) for file in self.files)
        query = f"SELECT arg_min(hash, leaf) FROM {source} WHERE segment = ? AND n = ? AND leaf < ?"  # noqa: S608 - ours
        found = self.tables.database.execute(query, [segment, n, before]).fetchone()
        return str(found[0]) if found and found[0] else None
