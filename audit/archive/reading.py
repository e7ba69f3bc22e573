"""Reads an archive's data files, a few rows at a time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from audit.archive.folder import Folder
from audit.archive.manifest import DataFile
from audit.archive.rows import Leaf
from audit.archive.tables import parquet

_AT_ONCE = 2048


def leaves_of(database: duckdb.DuckDBPyConnection, path: Path) -> Iterator[tuple[Leaf, Mapping[str, Any]]]:
    """The leaves of a file of entries, in order, each with the other columns of its row.

    Raises:
        duckdb.Error: the file is damaged.
    """
    for row in rows(database, f"FROM {parquet([path])} ORDER BY leaf"):
        yield Leaf(row["leaf"], row["stream"], row.pop("entry"), row.pop("signature")), row


def records_of(
    database: duckdb.DuckDBPyConnection, folder: Folder, files: Sequence[DataFile]
) -> Iterator[dict[str, Any]]:
    """The records of some files, in the order of their leaves.

    Raises:
        duckdb.Error: a file is damaged.
    """
    if files:
        source = parquet(folder.data(file.path) for file in files)
        yield from rows(database, f"FROM {source} ORDER BY leaf, place")


def rows(database: duckdb.DuckDBPyConnection, query: str, values: Iterable[Any] = ()) -> Iterator[dict[str, Any]]:
    """The rows of a query, by column.

    Raises:
        duckdb.Error: a file is damaged, or the query does not make sense.
    """
    cursor = database.cursor().execute(query, list(values))
    names = [column[0] for column in cursor.description or ()]
    while some := cursor.fetchmany(_AT_ONCE):
        for row in some:
            yield dict(zip(names, row, strict=True))
