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
_ORDER = {"entries": "leaf", "records": '"of", leaf, place'}
"""Records lie by child, so that what concerns one is found without reading the rest."""
_GROUP = {"entries": 4096, "records": 32768}
"""Rows that are compressed together; an entry is some kilobytes, a record some tens of bytes."""
LARGEST = 4_000_000
"""Files of more rows are not merged any further."""


class Tables:
    """Writes data files.

    Args:
        folder: the archive's folder.
        memory: how much memory DuckDB may use, as it writes sizes.
    """

    def __init__(self, folder: Folder, memory: str = "256MB") -> None:
        self._folder = folder
        self.database = database(memory)

    def write(self, kind: Kind, day: str, rows: Iterable[Mapping[str, Any]], merged: Sequence[DataFile]) -> DataFile:
        """Write rows, and those of other files of the day, to a file that is not committed yet.

        Args:
            kind: the kind of file.
            day: the day.
            rows: the new rows, in the order of their leaves.
            merged: the files that the new one replaces.
        """
        with tempfile.NamedTemporaryFile(suffix=".json", dir=self._folder.ready("any").parent) as lines:
            leaves = []
            for row in rows:
                lines.write(orjson.dumps(row) + b"\n")
                leaves.append(row["leaf"])
            lines.flush()
            return self._copy(kind, day, lines.name, leaves, merged)

    def _copy(self, kind: Kind, day: str, lines: str, leaves: Sequence[int], merged: Sequence[DataFile]) -> DataFile:
        first = min([*leaves[:1], *(file.first for file in merged)])
        last = max([*leaves[-1:], *(file.last for file in merged)])
        path = f"{kind}/day={day}/{first:012d}-{last:012d}.parquet"
        target = self._folder.ready(path)
        sources = [f"FROM (SELECT {_selected(kind)} FROM {_lines(kind, lines)})"] if leaves else []  # noqa: S608 - ours
        sources += [f"FROM {parquet([self._folder.data(file.path)])}" for file in merged]
        options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_GROUP[kind]}"
        self.database.execute(
            f"COPY (FROM ({' UNION ALL '.join(sources)}) ORDER BY {_ORDER[kind]}) TO {quoted(target)} ({options})"
        )
        rows = len(leaves) + sum(file.rows for file in merged)
        return DataFile(path, hashed(target), first, last, rows)


def database(memory: str = "1GB", threads: int = 1) -> duckdb.DuckDBPyConnection:
    """A database in memory that reads files and fetches nothing."""
    limits: dict[str, Any] = {"threads": threads, "memory_limit": memory, "temp_directory": ""}
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


def _selected(kind: str) -> str:
    names = COLUMNS[kind]
    return ", ".join(f'from_base64("{n}") AS "{n}"' if of == "BLOB" else f'"{n}"' for n, of in names.items())


def _lines(kind: str, path: str) -> str:
    columns = ", ".join(f"\"{name}\": '{'VARCHAR' if of == 'BLOB' else of}'" for name, of in COLUMNS[kind].items())
    shape = f"format = 'newline_delimited', columns = {{{columns}}}, maximum_object_size = 104857600"
    return f"read_json({quoted(path)}, {shape})"
