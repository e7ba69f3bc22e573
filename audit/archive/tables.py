"""The archive's Parquet files, written and merged by DuckDB. Any other program that reads Parquet can read them."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import orjson

from audit.archive.folder import Folder
from audit.archive.manifest import DataFile, Kind

_SHARED = {
    "at": "TIMESTAMP WITH TIME ZONE",
    "receipt": "VARCHAR",
    "account": "VARCHAR",
    "organisation": "VARCHAR",
    "area": "VARCHAR",
    "purpose": "VARCHAR",
    "outcome": "VARCHAR",
    "client": "VARCHAR",
    "trace": "VARCHAR",
    "mediated": "VARCHAR",
    "operation": "VARCHAR",
    "revision": "VARCHAR",
}
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "entries": {
        "leaf": "BIGINT",
        "stream": "VARCHAR",
        "hash": "VARCHAR",
        "segment": "VARCHAR",
        "n": "BIGINT",
        "kind": "VARCHAR",
        **_SHARED,
        "codes": "VARCHAR[]",
        "name": "VARCHAR",
        "entry": "BLOB",
        "signature": "BLOB",
    },
    "records": {
        "leaf": "BIGINT",
        "place": "INTEGER",
        **_SHARED,
        "path": "VARCHAR",
        "type": "VARCHAR",
        "class": "VARCHAR",
        "id": "VARCHAR",
        "of": "VARCHAR",
        "shown": "VARCHAR[]",
        "withheld": "MAP(VARCHAR, VARCHAR)",
        "sealed": "VARCHAR",
    },
}
"""The columns of each kind of file."""
_ORDER = {"entries": "", "records": 'ORDER BY "of", leaf, place'}
"""Records lie by child, so that what concerns one is found without reading the rest; entries come in their order."""
_GROUP = {"entries": 4096, "records": 32768}
"""Rows that are compressed together; an entry is some kilobytes, a record some tens of bytes."""
LARGEST = 4_000_000
"""Files of more rows are not merged any further."""
_LEAST = 1 << 20
"""Bytes that DuckDB makes room for in a line, at least: it takes several times as much."""


class Tables:
    """Writes data files.

    Args:
        folder: the archive's folder.
        memory: how much memory DuckDB may use, as it writes sizes.
    """

    def __init__(self, folder: Folder, memory: str = "256MB") -> None:
        self._folder, self._memory = folder, memory
        self.database = database(memory)

    def write(self, kind: Kind, day: str, rows: Sequence[Mapping[str, Any]], merged: Sequence[DataFile]) -> DataFile:
        """Write rows, and those of other files of the day, to a file that is not committed yet.

        What does not fit into memory is spilled to disk.

        Args:
            kind: the kind of file.
            day: the day.
            rows: the new rows, in the order of their leaves; at least one.
            merged: the files that the new one replaces.
        """
        first = min([rows[0]["leaf"], *(file.first for file in merged)])
        last = max([rows[-1]["leaf"], *(file.last for file in merged)])
        path = f"{kind}/day={day}/{first:012d}-{last:012d}.parquet"
        target = self._folder.ready(path)
        with tempfile.TemporaryDirectory(dir=target.parent) as spill:
            fresh = Path(spill, "fresh") if merged else target
            self._ordered(kind, _lines(kind, Path(spill, "lines"), rows), fresh, spill)
            if merged:
                files = [*(self._folder.data(file.path) for file in merged), fresh]
                self._ordered(kind, parquet(files), target, spill)
        return DataFile(path, hashed(target), first, last, len(rows) + sum(file.rows for file in merged))

    def _ordered(self, kind: Kind, source: str, target: Path, spill: str) -> None:
        """Write rows in order, in a database of its own: one that has read lines does not give their room back."""
        options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_GROUP[kind]}"
        with database(self._memory, spill=spill) as sorting:
            sorting.execute(f"COPY (FROM {source} {_ORDER[kind]}) TO {quoted(target)} ({options})")


def database(memory: str = "1GB", threads: int = 1, spill: str = "") -> duckdb.DuckDBPyConnection:
    """A database in memory that reads files and fetches nothing.

    Args:
        memory: how much it may use, as DuckDB writes sizes.
        threads: how many.
        spill: the folder for what does not fit; without one that is an error.
    """
    limits: dict[str, Any] = {"threads": threads, "memory_limit": memory, "temp_directory": spill}
    quiet = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    made = duckdb.connect(":memory:", config=limits | quiet)
    made.execute("SET TimeZone = 'UTC'")
    return made


def mergeable(files: Sequence[DataFile], rows: int) -> list[DataFile]:
    """Of a day's files, those to merge with so many new rows: each is less than twice what comes after it."""
    merged: list[DataFile] = []
    for file in sorted(files, key=lambda file: file.first, reverse=True):
        if file.rows >= 2 * rows or file.rows + rows > LARGEST:
            break
        merged.append(file)
        rows += file.rows
    return merged[::-1]


def parquet(paths: Iterable[Path]) -> str:
    """An expression that reads Parquet files together."""
    return f"read_parquet([{', '.join(quoted(path) for path in paths)}], hive_partitioning = false)"


def quoted(path: os.PathLike[str] | str) -> str:
    """A path as a literal of SQL."""
    return "'" + os.fspath(path).replace("'", "''") + "'"


def hashed(path: Path) -> str:
    """The SHA-256 of a file, hexadecimal.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _lines(kind: str, path: Path, rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as lines of JSON in a file, and an expression that reads them; room is made for the longest line alone."""
    longest = 0
    with path.open("wb") as lines:
        for row in rows:
            longest = max(longest, lines.write(orjson.dumps(row) + b"\n"))
    columns = COLUMNS[kind]
    read = ", ".join(f"\"{name}\": '{'VARCHAR' if of == 'BLOB' else of}'" for name, of in columns.items())
    shape = f"format = 'newline_delimited', columns = {{{read}}}, maximum_object_size = {max(longest, _LEAST)}"
    names = ", ".join(f'from_base64("{n}") AS "{n}"' if of == "BLOB" else f'"{n}"' for n, of in columns.items())
    return f"(SELECT {names} FROM read_json({quoted(path)}, {shape}))"  # noqa: S608 - our own names
