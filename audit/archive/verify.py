"""Verifies an archive from its checkpoint and public keys alone, and names the place of whatever is wrong.

The checkpoint vouches for the tree and for the manifest; the tree for every entry; the manifest for every file. The
entries vouch for each other by their chains, and the rows about them follow from them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from audit.archive.chains import Chains
from audit.archive.entrycheck import Entries
from audit.archive.faults import Fault
from audit.archive.folder import CHECKPOINT, COSIGNED, LOCK, Folder
from audit.archive.manifest import Manifest
from audit.archive.tables import hashed
from audit.archive.treecheck import tree_faults
from audit.checkpoint import Opened, open_checkpoint
from audit.merkle import root
from audit.note import NoteError, Signature, Verifier
from audit.tiles import TileError, Tiles, loader, paths


@dataclass(slots=True)
class Verdict:
    """What a verification found.

    Attributes:
        opened: the checkpoint, if it is the log's.
        manifest: what it vouches for, if that can be read.
        entries: how many entries were verified.
        faults: what is wrong.
        cosigned: for each witness by name, the time of its newest signature in seconds since 1970, and of what size.
        chains: where the segments end, to go on from in the stream; None if that could not be told.
    """

    opened: Opened | None = None
    manifest: Manifest | None = None
    entries: int = 0
    faults: list[Fault] = field(default_factory=list)
    cosigned: dict[str, tuple[int, int]] = field(default_factory=dict)
    chains: Chains | None = None

    @property
    def purged(self) -> int:
        """How many entries were removed, as retention demands; of them only the leaves are verified."""
        return sum(each.last - each.first + 1 for each in self.manifest.purged) if self.manifest else 0


@dataclass(frozen=True, slots=True)
class Verification:
    """What to verify, and with which keys.

    Attributes:
        folder: the archive.
        signing: the key that entries are signed with.
        log: the log's key.
        witnesses: keys of witnesses of whom a signature is required.
    """

    folder: Folder
    signing: Verifier
    log: Verifier
    witnesses: Sequence[Verifier] = ()

    def run(self, progress: Callable[[int], None] = lambda _: None) -> Verdict:
        """Verify everything. If the archive grows meanwhile and faults are found, again while nobody writes to it.

        Args:
            progress: is told how many entries were verified.

        Raises:
            ArchiveError: nobody can be kept from writing.
        """
        before = self._checkpoint()
        verdict = self._once(progress)
        if verdict.faults and self._checkpoint() != before:
            with self.folder.alone():
                return self._once(progress)
        return verdict

    def _checkpoint(self) -> bytes:
        try:
            return self.folder.read(CHECKPOINT)
        except OSError:
            return b""

    def _once(self, progress: Callable[[int], None]) -> Verdict:
        verdict = Verdict()
        try:
            opened = verdict.opened = open_checkpoint(self.folder.read(CHECKPOINT), self.log)
        except (NoteError, OSError) as error:
            verdict.faults.append(Fault(CHECKPOINT, str(error)))
            return verdict
        verdict.faults += tree_faults(self.folder.path, opened.checkpoint)
        manifest, wrong = _manifest(self.folder, opened)
        verdict.manifest = manifest
        verdict.faults += wrong
        if manifest is None:
            return verdict
        verdict.faults += self._signatures(manifest, verdict.cosigned)
        verdict.faults += _file_faults(self.folder, manifest)
        entries = Entries(self.folder, manifest, self.signing, self.log, progress)
        verdict.faults += entries.faults()
        if not verdict.faults:
            verdict.faults += entries.ends()
        verdict.entries, verdict.chains = entries.count, entries.chains
        return verdict

    def _signatures(self, manifest: Manifest, cosigned: dict[str, tuple[int, int]]) -> Iterator[Fault]:
        """Whose signatures the checkpoint has, and those that witnesses signed before it."""
        tree = Tiles(loader(self.folder.path), manifest.size)
        for place in (CHECKPOINT, *_listed(self.folder, COSIGNED)):
            try:
                size, signed, strange = self._signed(place, tree, manifest)
            except (NoteError, OSError, TileError) as error:
                yield Fault(place, str(error))
                continue
            for each in strange:
                yield Fault(place, f"it is signed by {each.name} with a key that nobody named; see --witness")
            for each in signed:
                cosigned[each.name] = max(cosigned.get(each.name, (0, 0)), (each.at, size))
        for key in self.witnesses:
            if key.name not in cosigned:
                yield Fault(CHECKPOINT, f"{key.name} has signed neither this checkpoint nor one before it")

    def _signed(
        self, place: str, tree: Tiles, manifest: Manifest
    ) -> tuple[int, Sequence[Signature], Sequence[Signature]]:
        """The size of a checkpoint that the log continues, its known cosignatures and its unknown ones."""
        witnesses = {key.text: key for key in (*self.witnesses, *map(Verifier.parse, manifest.witnesses))}
        opened = open_checkpoint(self.folder.read(place), self.log, witnesses.values())
        size = opened.checkpoint.size
        if size > tree.size or root(size, tree.node) != opened.checkpoint.root:
            raise NoteError(f"The log does not continue the {size} leaves that were signed: its past was changed.")
        names = {(key.name, key.hash) for key in (self.log, *witnesses.values())}
        strange = [each for each in opened.note.signatures if (each.name, each.hash) not in names]
        return size, opened.cosignatures, strange


def _manifest(folder: Folder, opened: Opened) -> tuple[Manifest | None, list[Fault]]:
    name = f"manifest/{opened.checkpoint.manifest}"
    try:
        data = folder.read(name)
        manifest = Manifest.parse(data)
    except (OSError, ValueError) as error:
        return None, [Fault(name, f"it cannot be read: {error}")]
    sound = manifest.path == name and manifest.data == data and manifest.size == opened.checkpoint.size
    return manifest, [] if sound else [Fault(name, "it is not what the checkpoint vouches for")]


def _file_faults(folder: Folder, manifest: Manifest) -> Iterator[Fault]:
    """Data files that were changed, and files that are no part of the archive."""
    for file in manifest.files:
        try:
            if hashed(folder.data(file.path)) != file.sha256:
                yield Fault(file.path, f"it was changed; it holds leaves {file.first} to {file.last}")
        except OSError as error:
            yield Fault(file.path, f"leaves {file.first} to {file.last} cannot be read: {error.strerror}")
    named = {CHECKPOINT, manifest.path, LOCK, *(file.path for file in manifest.files), *paths(manifest.size)}
    grown = {name.rpartition("/")[0]: int(name.rpartition("/")[2]) for name in named if ".p/" in name}
    for name in _listed(folder, ""):
        edge, _, width = name.rpartition("/")
        outgrown = edge in grown and width.isdigit() and int(width) < grown[edge]
        if name not in named and not outgrown and not name.startswith(f"{COSIGNED}/") and not folder.unfinished(name):
            yield Fault(name, "it is no part of the archive")


def _listed(folder: Folder, below: str) -> list[str]:
    files = (each for each in (folder.path / below).rglob("*") if each.is_file())
    return sorted(each.relative_to(folder.path).as_posix() for each in files)
