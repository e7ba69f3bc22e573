"""What a witness knows: its key, and of each log the latest checkpoint that it has cosigned.

Both are in one file, so that a witness which has lost its memory has lost its key too, and cannot sign a second past.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from audit.checkpoint import Checkpoint
from audit.merkle import EMPTY, consistent
from audit.note import COSIGNING, Note, NoteError, Signature, Signer, Verifier, generate

_FILE = "witness.sqlite"
_SCHEMA = """
CREATE TABLE witness (key TEXT NOT NULL);
CREATE TABLE log (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL);
"""
_PATIENCE = 10.0


class WitnessError(Exception):
    """The witness's folder cannot be used; the message says what to do."""


class Declined(Exception):  # noqa: N818 - a refusal is an answer here
    """The witness does not cosign.

    Attributes:
        status: the HTTP status by which C2SP tlog-witness names the cause.
        size: of a conflict, how many leaves the witness has cosigned.
    """

    def __init__(self, status: int, why: str, size: int | None = None) -> None:
        super().__init__(why)
        self.status = status
        self.size = size


@dataclass(frozen=True)
class Request:
    """What a log asks.

    Attributes:
        old: how many leaves the log believes the witness has cosigned.
        proof: shows that these are the beginning of the new tree.
        note: the signed checkpoint.
    """

    old: int
    proof: Sequence[bytes]
    note: Note


class Witness:
    """A witness.

    Args:
        folder: its folder, readable by its owner alone.
        logs: the public keys of the logs that it watches; a log may have several.
        clock: the time in seconds since 1970.

    Raises:
        WitnessError: there is no witness in the folder, or it cannot be read.
    """

    def __init__(self, folder: Path, logs: Iterable[Verifier], clock: Callable[[], float] = time.time) -> None:
        self._path = folder / _FILE
        self._clock = clock
        self._logs: dict[str, list[Verifier]] = {}
        for log in logs:
            self._logs.setdefault(log.name, []).append(log)
        with self._open() as database:
            self._signer = Signer.parse(database.execute("SELECT key FROM witness").fetchone()[0])

    @property
    def key(self) -> Verifier:
        """Its public key."""
        return self._signer.verifier

    def cosign(self, request: Request) -> Signature:
        """Cosign a checkpoint, once it is on disk that this was done.

        Raises:
            Declined: the checkpoint does not continue what was cosigned, or is not the log's.
        """
        checkpoint = self._signed(request.note)
        if request.old > checkpoint.size:
            raise Declined(400, f"The old size {request.old} is larger than the checkpoint's {checkpoint.size}.")
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")
            found = database.execute("SELECT size, root FROM log WHERE origin = ?", [checkpoint.origin]).fetchone()
            _check(request, checkpoint, *(found or (0, EMPTY)))
            row = (checkpoint.origin, checkpoint.size, checkpoint.root, request.note.data)
            database.execute("INSERT OR REPLACE INTO log VALUES (?, ?, ?, ?)", row)
            database.commit()
        signed = self._signer.sign(request.note.text.encode(), int(self._clock()))
        return Signature(self.key.name, self.key.hash, signed)

    def _signed(self, note: Note) -> Checkpoint:
        try:
            checkpoint = Checkpoint.parse(note.text)
        except NoteError as error:
            raise Declined(400, str(error)) from None
        keys = self._logs.get(checkpoint.origin)
        if keys is None:
            raise Declined(404, f"This witness does not watch {checkpoint.origin}.")
        try:
            signed = note.verified(keys)
        except NoteError as error:
            raise Declined(403, str(error)) from None
        if not signed:
            raise Declined(403, f"No key of {checkpoint.origin} that this witness knows has signed the checkpoint.")
        return checkpoint

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        if not self._path.exists():
            raise WitnessError(f"{self._path} is gone, and the key with it. Make a new witness in another folder.")
        try:
            with closing(sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)) as database:
                database.execute("PRAGMA synchronous = EXTRA")  # the folder is synced too before a commit returns
                yield database
        except sqlite3.Error as error:
            raise WitnessError(f"{self._path} cannot be used: {error}. Mend the disk or the rights.") from error


def _check(request: Request, checkpoint: Checkpoint, size: int, root: bytes) -> None:
    """Whether a checkpoint continues what was cosigned.

    Raises:
        Declined: it does not.
    """
    if request.old != size:
        raise Declined(409, f"This witness has cosigned {size} leaves.", size)
    if size == checkpoint.size and root != checkpoint.root:
        raise Declined(409, f"This witness has cosigned another tree of {size} leaves.", size)
    if not consistent(size, checkpoint.size, request.proof, root, checkpoint.root):
        raise Declined(422, f"The proof does not show that the tree continues the {size} leaves that were cosigned.")


def create_witness(folder: Path, name: str) -> None:
    """Make a witness with a new key, unless there is one in the folder.

    Raises:
        WitnessError: the one that is there has another name.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / _FILE
    if path.exists():
        found = Witness(folder, ()).key.name
        if found != name:
            raise WitnessError(f"The witness in {folder} is {found}. Give {name} a folder of its own.")
        return
    unfinished = folder / f"{_FILE}.{os.getpid()}"
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(unfinished)) as database:
        database.executescript(f"PRAGMA synchronous = EXTRA; {_SCHEMA}")
        database.execute("INSERT INTO witness VALUES (?)", [generate(name, COSIGNING).text])
        database.commit()
    os.link(unfinished, path)  # whoever comes second must not replace the first one's key
    unfinished.unlink()
