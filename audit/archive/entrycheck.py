"""Verifies the entries of an archive: against the tree, against each other, and the rows about them against them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

import duckdb

from audit.archive.chains import Chains, Problem
from audit.archive.faults import Fault
from audit.archive.folder import CHECKPOINT, Folder
from audit.archive.log import Lookup
from audit.archive.manifest import DataFile, Manifest
from audit.archive.reading import leaves_of, records_of
from audit.archive.rows import Leaf, decoded, entry_row, record_rows
from audit.archive.tables import Tables
from audit.chain import Verifies
from audit.tiles import WIDTH, TileError, Tiles, loader

Key = tuple[str, int]


@dataclass(slots=True)
class Entries:
    """One run over the entries.

    Attributes:
        folder: the archive.
        manifest: what its checkpoint vouches for.
        signing: the key that entries are signed with.
        log: the log's key.
        progress: is told how many entries were verified.
        count: how many that is.
        chains: where the segments ended.
    """

    folder: Folder
    manifest: Manifest
    signing: Verifies
    log: Verifies
    progress: Callable[[int], None]
    count: int = 0
    chains: Chains = field(init=False)
    _tables: Tables = field(init=False)
    _tree: Tiles = field(init=False)
    _expected: int = 0
    _bundle: tuple[int, Sequence[bytes]] = (-1, ())
    _found: dict[Key, Problem] = field(default_factory=dict)
    _recorded: dict[Key, str] = field(default_factory=dict)
    _purged: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._tables = Tables(self.folder, "1GB")
        self._tree = Tiles(loader(self.folder.path), self.manifest.size)
        known = Lookup(self._tables, self.folder, self.manifest.of("entries"))
        self.chains = Chains(self.signing, self.log, {}, known, not self.manifest.purged)

    def faults(self) -> Iterator[Fault]:
        """What is wrong."""
        for day, files in groupby(self.manifest.of("entries"), key=lambda file: file.day):
            touched = [file for file in self.manifest.of("records") if file.day == day]
            records = _Records(self._tables.database, self.folder, touched)
            for file in files:
                yield from self._file(file, records)
            yield from records.left()
        self._skip()
        if self._expected != self.manifest.size:
            yield Fault(CHECKPOINT, f"no file holds the leaves {self._expected} to {self.manifest.size - 1}")
        yield from self.purges()
        for key in sorted(self._found.keys() | self._recorded.keys(), key=lambda key: key[1]):
            recorded = self._recorded.get(key)
            says = f"{recorded}; the archiver recorded it" if recorded else self._found[key].says
            yield Fault(f"leaf {key[1]}", says)

    def purges(self) -> Iterator[Fault]:
        """Entries that are missing and were not purged by record."""
        for each in self.manifest.purged:
            if asdict(each) not in self._purged:
                says = f"leaves {each.first} to {each.last} were removed, and no entry of the archive records it"
                yield Fault(self.manifest.path, says)

    def ends(self) -> Iterator[Fault]:
        """Where the manifest says that segments end elsewhere than they do; call it last, and without other faults."""
        ends = {name: end for name, end in self.chains.ends.items() if not end.closed}
        if self.chains.complete and ends != dict(self.manifest.ends):
            yield Fault(self.manifest.path, "it says that segments end elsewhere than they do")

    def _file(self, file: DataFile, records: "_Records") -> Iterator[Fault]:
        try:
            for leaf, row in leaves_of(self._tables.database, self.folder.data(file.path)):
                self._skip()
                yield from (Fault(file.path, says) for says in self._row(leaf, row))
                self._expected = leaf.index + 1
                self._found |= {problem.key: problem for problem in self.chains.follow(leaf)}
                self._note(leaf)
                yield from records.faults(leaf)
                self.count += 1
                self.progress(self.count)
        except (duckdb.Error, OSError) as error:
            why = str(error).splitlines()[0]
            yield Fault(file.path, f"it cannot be read from leaf {self._expected} to {file.last}: {why}")
            self._expected = file.last + 1
        self.chains.forget_recent()

    def _note(self, leaf: Leaf) -> None:
        """What an entry of the archive itself records."""
        try:
            place, content = decoded(leaf.entry)
            if place.kind == "problem":
                self._recorded[content["code"], content["leaf"]] = content["says"]
            elif place.kind == "purged":
                self._purged.append(content["leaves"])
        except (KeyError, TypeError, ValueError):
            return  # following its chain has named it

    def _skip(self) -> None:
        """Pass over what was purged."""
        for each in self.manifest.purged:
            if each.first == self._expected:
                self._expected = each.last + 1

    def _leaf(self, index: int) -> bytes:
        number = index // WIDTH
        if index >= self._tree.size:
            return b""
        if self._bundle[0] != number:
            self._bundle = number, self._tree.bundle(number)
        return self._bundle[1][index % WIDTH]

    def _row(self, leaf: Leaf, row: Mapping[str, Any]) -> Iterator[str]:
        where = f"leaf {leaf.index}" + (f", entry {row['n']} of segment {row['segment']}," if row["segment"] else "")
        if leaf.index != self._expected:
            yield f"leaf {self._expected} is missing: {where} follows"
        try:
            of_tree = self._leaf(leaf.index)
        except TileError as error:
            yield f"{where} cannot be held against {error.path}"
        else:
            if of_tree != leaf.data:
                yield f"{where} is not the one that the tree holds"
        if not _same([row], [entry_row(leaf)]):
            yield f"{where} has columns that say something else than the entry"


class _Records:
    """Holds the rows on records of a day against the entries that they follow from."""

    def __init__(self, database: duckdb.DuckDBPyConnection, folder: Folder, files: list[DataFile]) -> None:
        self._place = " ".join(file.path for file in files) or "records"
        self._rows = records_of(database, folder, files)
        self._next: dict[str, Any] | None = None
        self._broken = ""

    def faults(self, leaf: Leaf) -> Iterator[Fault]:
        """What is wrong with the rows of an entry."""
        same = _same(list(self._of(leaf.index)), list(record_rows(leaf)))
        if not same and not self._broken:
            yield Fault(self._place, f"the records of leaf {leaf.index} are not those of its entry")

    def left(self) -> Iterator[Fault]:
        """Rows of no entry."""
        row = self._take()
        if row is not None:
            yield Fault(self._place, f"there are records of leaf {row['leaf']}, and no entry")
        if self._broken:
            yield Fault(self._place, f"it cannot be read: {self._broken}")

    def _of(self, index: int) -> Iterator[dict[str, Any]]:
        while (row := self._take()) is not None:
            if row["leaf"] > index:
                self._next = row
                return
            yield row

    def _take(self) -> dict[str, Any] | None:
        row, self._next = self._next, None
        try:
            return row or next(self._rows, None)
        except (duckdb.Error, OSError) as error:
            self._broken = str(error).splitlines()[0]
            return None


def _same(found: Iterable[Mapping[str, Any]], expected: Iterable[Mapping[str, Any]]) -> bool:
    """Whether rows that were read say what rows that were derived say."""
    have = [{name: _plain(value) for name, value in row.items()} for row in found]
    want = [{name: value for name, value in row.items() if name not in {"entry", "signature"}} for row in expected]
    return len(have) == len(want) and all(
        row.keys() >= derived.keys() and all(value == derived.get(name) for name, value in row.items())
        for row, derived in zip(have, want, strict=True)
    )


def _plain(value: Any) -> Any:
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else value
