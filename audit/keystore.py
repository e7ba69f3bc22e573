"""Subjects' keys, wrapped: kept beside the archive and not in it, so that they can be destroyed.

A key that is forgotten is overwritten on disk (SQLite's `secure_delete`). Copies of the file that were made before,
such as backups, must be destroyed by whoever made them.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from audit.seal import named

_SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (
  name TEXT PRIMARY KEY, subject TEXT NOT NULL, month TEXT NOT NULL, wrapped BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS of_subject ON keys (subject);
CREATE INDEX IF NOT EXISTS of_month ON keys (month);
CREATE TABLE IF NOT EXISTS proposals (subject TEXT PRIMARY KEY, account TEXT NOT NULL) WITHOUT ROWID;
"""
_AT_ONCE = 500


class KeyStoreError(Exception):
    """The keys cannot be read or written; the message says what to do."""


@dataclass(frozen=True, slots=True)
class KeyStore:
    """Wrapped keys of subjects.

    Attributes:
        path: the file, of SQLite.
    """

    path: Path

    def add(self, keys: Mapping[str, bytes]) -> None:
        """Keep keys, by name; when this returns they are on disk.

        Raises:
            KeyStoreError: they cannot be kept.
        """
        found = [named(name, wrapped) for name, wrapped in keys.items()]
        rows = [(key.name, key.subject, key.month, key.wrapped) for key in found]
        with self._opened() as database, database:
            database.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?, ?, ?)", rows)

    def get(self, names: Iterable[str]) -> dict[str, bytes]:
        """Those of the keys with these names that are still kept.

        Raises:
            KeyStoreError: they cannot be read.
        """
        wanted, found = list(names), dict[str, bytes]()
        if not self.path.exists():
            return found
        with self._opened() as database:
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                marks = ", ".join("?" * len(some))
                found |= database.execute(f"SELECT name, wrapped FROM keys WHERE name IN ({marks})", some)  # noqa: S608 - only marks
        return found

    def forget(self, subject: str) -> int:
        """Destroy every key of a subject; how many there were.

        Raises:
            KeyStoreError: they cannot be destroyed.
        """
        with self._opened() as database, database:
            database.execute("DELETE FROM proposals WHERE subject = ?", [subject])
            return database.execute("DELETE FROM keys WHERE subject = ?", [subject]).rowcount

    def purge(self, month: str) -> int:
        """Destroy every key of the months before one, "YYYY-MM"; how many there were.

        Raises:
            KeyStoreError: they cannot be destroyed.
        """
        with self._opened() as database, database:
            return database.execute("DELETE FROM keys WHERE month < ?", [month]).rowcount

    def is_seconded(self, subject: str, account: str) -> bool:
        """Propose to forget a subject; whether somebody else has proposed it before, so that it may be done.

        Raises:
            KeyStoreError: the proposal cannot be kept.
        """
        with self._opened() as database, database:
            database.execute("INSERT OR IGNORE INTO proposals VALUES (?, ?)", [subject, account])
            (first,) = database.execute("SELECT account FROM proposals WHERE subject = ?", [subject]).fetchone()
            return bool(first != account)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=30)) as database:
                self.path.chmod(0o600)
                database.execute("PRAGMA secure_delete = ON")
                database.execute("PRAGMA synchronous = EXTRA")
                database.executescript(_SCHEMA)
                yield database
        except (OSError, sqlite3.Error) as error:
            raise KeyStoreError(
                f"The keys in {self.path} cannot be used: {error}. Mend the disk or the rights."
            ) from None
