"""Questions asked of the archive: who saw a record, when, why and what; and what somebody has looked at.

Whoever asks must be let by policy and be recorded before; nothing here checks that. Everything blocks, and reading
loads DuckDB: a gateway asks in another process.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from audit.archive.folder import Folder
from audit.archive.manifest import DataFile, Kind, Manifest
from audit.keystore import KeyStore
from audit.note import Verifier
from audit.seal import key_names, unsealed

MOST = 1000
"""Accesses that are told at once, unless asked otherwise."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. All that is given must hold.

    Attributes:
        child: the child whose record was touched.
        account: the account that asked, or on whose behalf it was asked.
        area: the authority that the account acted in.
        organisation: the organisation that the account acted for.
        since: the first day.
        until: the last day.
        limit: how many accesses at most, the newest.
    """

    child: str | None = None
    account: str | None = None
    area: str | None = None
    organisation: str | None = None
    since: date | None = None
    until: date | None = None
    limit: int = MOST

    def __post_init__(self) -> None:
        if self.child is None and self.account is None:
            raise ValueError("Ask about a child, an account or both.")


@dataclass(frozen=True, slots=True)
class Touched:
    """A record that was touched; see `audit.event` for how it is recorded.

    Attributes:
        path: the fields from the root to the record, dotted.
        type: its type.
        class_key: the class that policy decided about.
        id: its identifier.
        of: the child that it concerns.
        shown: the fields that were shown.
        withheld: the fields that were withheld, each with its reason.
    """

    path: str
    type: str
    class_key: str
    id: str
    of: str | None
    shown: tuple[str, ...]
    withheld: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Accessed:
    """One operation, and what it touched of what was asked about.

    Attributes:
        leaf: its place in the log, which proves it.
        receipt: its identifier.
        at: when, in UTC.
        outcome: answered, refused or failed.
        codes: why it was refused or failed.
        account: who asked.
        organisation: whom they acted for.
        area: the authority that they acted in.
        purpose: what for, as stated.
        client: the program.
        trace: the trace that it belongs to.
        mediated: what was recorded of the person on whose behalf it was, as JSON.
        operation: the hash of the document.
        name: the operation's name; of what a command did, what that was.
        revision: the policy's revision.
        sealed: the free text and the arguments, sealed.
        records: what it touched.
    """

    leaf: int
    receipt: str
    at: datetime
    outcome: str
    codes: tuple[str, ...]
    account: str | None
    organisation: str | None
    area: str | None
    purpose: str | None
    client: str | None
    trace: str | None
    mediated: str | None
    operation: str | None
    name: str | None
    revision: str | None
    sealed: Mapping[str, Any] | None
    records: tuple[Touched, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the archive knows.

    Attributes:
        accesses: the accesses, newest first.
        until: the archive holds everything that was recorded before this moment.
        purged: the last day whose entries were removed, as retention demands; None if none were.
        more: whether there are older accesses, beyond the limit.
    """

    accesses: tuple[Accessed, ...]
    until: datetime
    purged: str | None
    more: bool


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive to ask.

    Attributes:
        path: its folder.
        log: its key.
    """

    path: Path
    log: Verifier

    def accesses(self, question: Question) -> Answer:
        """Who has accessed what.

        Raises:
            ArchiveError: the archive is damaged.
            NotArchivedError: there is none yet.
        """
        manifest, found = self._read(question)
        grouped = [list(rows) for _, rows in groupby(found, key=itemgetter("leaf"))]
        accesses = [_accessed(rows) for rows in reversed(grouped)]
        milliseconds = int(manifest.position.partition("-")[0])
        return Answer(
            accesses=tuple(accesses[: question.limit]),
            until=datetime.fromtimestamp(milliseconds / 1000, UTC),
            purged=max((each.day for each in manifest.purged), default=None),
            more=len(accesses) > question.limit,
        )

    def records(self, question: Question) -> list[dict[str, Any]]:
        """The rows on the records that were touched, the oldest access first; see `audit.archive.tables.COLUMNS`.

        Raises:
            ArchiveError: the archive is damaged.
            NotArchivedError: there is none yet.
        """
        return [row for row in self._read(question)[1] if row["type"] is not None]

    def _read(self, question: Question) -> tuple[Manifest, list[dict[str, Any]]]:
        """The manifest, and a row for each record that was touched and for each access that touched none."""
        from audit.archive.log import asked  # noqa: PLC0415 - a gateway has it read aside, and does without DuckDB

        folder = Folder(self.path)
        return asked(folder, self.log, lambda state, _: (state.manifest, list(_rows(folder, state.manifest, question))))


def confided(
    accesses: Iterable[Accessed], keys: KeyStore, reading: X25519PrivateKey
) -> Iterator[tuple[Accessed, Mapping[str, Any] | None]]:
    """Accesses with what was sealed in them: reason and arguments; None where its keys were destroyed.

    Raises:
        KeyStoreError: the keys cannot be read.
        ValueError: the reading key is not the one that was sealed for.
    """
    for access in accesses:
        entry = {"receipt": access.receipt, "sealed": access.sealed}
        yield access, unsealed(entry, keys.get(key_names(entry)), reading)


def _rows(folder: Folder, manifest: Manifest, question: Question) -> Iterator[dict[str, Any]]:
    from audit.archive.reading import rows  # noqa: PLC0415 - as above
    from audit.archive.tables import database, parquet  # noqa: PLC0415 - as above

    found: dict[int, list[dict[str, Any]]] = {}
    kinds: tuple[Kind, ...] = ("records", "entries") if question.child is None else ("records",)
    with database(threads=2) as opened:
        for kind in kinds:
            files = [folder.data(file.path) for file in manifest.of(kind) if _concerns(file, question)]
            if not files:
                continue
            where, values = _where(kind, question)
            newest = f"QUALIFY dense_rank() OVER (ORDER BY leaf DESC) <= {question.limit + 1}"
            for row in rows(opened, f"FROM {parquet(files)} WHERE {where} {newest} ORDER BY leaf", values):
                if kind == "records":
                    found.setdefault(row["leaf"], []).append(row)
                else:
                    _complete(found.setdefault(row["leaf"], []), row)
    for leaf in sorted(found):
        yield from sorted(found[leaf], key=lambda row: row.get("place") or 0)


def _complete(records: list[dict[str, Any]], entry: Mapping[str, Any]) -> None:
    """Add to the rows on records what only the row of their entry tells; of an access without any, make one."""
    if not records:
        sealed = orjson.loads(entry["entry"]).get("sealed")
        records.append({**entry, "type": None, "sealed": orjson.dumps(sealed).decode() if sealed else None})
    for row in records:
        row.update({name: entry[name] for name in ("codes", "name")})


def _concerns(file: DataFile, question: Question) -> bool:
    """Whether a file may hold what is asked; the day of a file is the stream's, which may be off by one."""
    day = date.fromisoformat(file.day)
    after = question.since is None or day + timedelta(days=1) >= question.since
    return after and (question.until is None or day - timedelta(days=1) <= question.until)


def _where(kind: Kind, question: Question) -> tuple[str, list[Any]]:
    terms = {
        '"of" = ?': question.child,
        "(account = ? OR mediated = '\"' || ? || '\"')": question.account,
        "area = ?": question.area,
        "organisation = ?": question.organisation,
        '"at" >= ?': question.since and _midnight(question.since),
        '"at" < ?': _midnight_after(question.until),
        **({"kind = ?": "access"} if kind == "entries" else {}),
    }
    asked = {term: value for term, value in terms.items() if value is not None}
    return " AND ".join(asked), [value for term, value in asked.items() for _ in range(term.count("?"))]


def _midnight_after(day: date | None) -> datetime | None:
    """The end of a day; of the last day that there is, and of none, there is none."""
    return None if day is None or day == date.max else _midnight(day + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _accessed(rows: list[dict[str, Any]]) -> Accessed:
    first = rows[0]
    plain = ("leaf", "receipt", "at", "outcome", "account", "organisation", "area", "purpose", "client", "trace")
    return Accessed(
        **{name: first[name] for name in (*plain, "mediated", "operation", "revision")},
        codes=tuple(first.get("codes") or ()),
        name=first.get("name"),
        sealed=orjson.loads(first["sealed"]) if first["sealed"] else None,
        records=tuple(_touched(row) for row in rows if row["type"] is not None),
    )


def _touched(row: Mapping[str, Any]) -> Touched:
    plain = {name: row[name] for name in ("path", "type", "id", "of")}
    return Touched(**plain, class_key=row["class"], shown=tuple(row["shown"]), withheld=dict(row["withheld"]))
