"""Accesses on record: those in an archive, then those in the stream, each once and oldest first."""

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import orjson
from redis.asyncio import Redis

from audit.archive.folder import CHECKPOINT, ArchiveError, Folder, NotArchivedError
from audit.archive.log import State
from audit.archive.reading import leaves_of
from audit.archive.rows import Leaf
from audit.archive.tables import database
from audit.keys import verifier
from audit.note import Verifier
from audit.stream import STREAM, entries
from gateway.settings import Settings

_ALL = 2**31


async def recorded(
    stream: Redis, settings: Settings, archive: Path | None, *, since: str = "", own: str = ""
) -> AsyncIterator[Mapping[str, Any]]:
    """Every access on record, decoded.

    Args:
        stream: the stream.
        settings: they name the archive and the log's key.
        archive: another archive than the settings'.
        since: leave out days before this one, ISO 8601; the empty text leaves out nothing.
        own: the receipt of an access to leave out.

    Raises:
        ArchiveError: the archive is damaged.
        NotArchivedError: the named archive does not exist.
    """
    folder, known = _archive(settings, archive), {own}
    if folder is not None:
        oldest: Any = await stream.xrange(STREAM, count=1)
        begins = _place(oldest[0][0].decode()) if oldest else (0, 0)
        for leaf in archived(folder, verifier(settings.audit_keys / "log.pub"), since):
            entry = orjson.loads(leaf.entry)
            if entry["kind"] == "access" and entry["receipt"] != own:
                if _place(leaf.stream) >= begins:
                    known.add(entry["receipt"])
                yield entry
    async for entry in entries(stream, last=_ALL, follow=False):
        if entry["receipt"] not in known:
            yield entry


async def with_receipt(
    stream: Redis, settings: Settings, archive: Path | None, receipt: str
) -> Mapping[str, Any] | None:
    """The access that a receipt names, decoded; None where it is on no record.

    Raises:
        ArchiveError: the archive is damaged.
        NotArchivedError: the named archive does not exist.
    """
    async for entry in entries(stream, last=_ALL, follow=False):
        if entry["receipt"] == receipt:
            return entry
    folder = _archive(settings, archive)
    if folder is None:
        return None
    for leaf in archived(folder, verifier(settings.audit_keys / "log.pub")):
        if receipt.encode() in leaf.entry and (entry := orjson.loads(leaf.entry)).get("receipt") == receipt:
            return entry
    return None


def _archive(settings: Settings, archive: Path | None) -> Path | None:
    """The archive that is named, or else the settings', if it has been begun."""
    own = settings.audit_archive
    return archive or (own if own is not None and (own / CHECKPOINT).exists() else None)


def archived(path: Path, log: Verifier, since: str = "") -> Iterator[Leaf]:
    """The entries of an archive; what is merged meanwhile is neither missed nor read twice.

    Args:
        path: its folder.
        log: its key.
        since: leave out days before this one.

    Raises:
        ArchiveError: it is damaged.
        NotArchivedError: there is none.
    """
    folder, behind = Folder(path), -1
    day = (date.fromisoformat(since[:10]) - timedelta(days=1)).isoformat() if since else ""
    with database() as opened:
        while True:
            state = State.load(folder, log)
            if state.opened is None:
                raise NotArchivedError(
                    f"There is no archive in {path}. Name its folder, or fill it with directory audit archive --once."
                )
            try:
                for file in state.manifest.of("entries"):
                    if file.last <= behind or file.day < day:  # a file's day is the stream's, which may be off by one
                        continue
                    for leaf, _ in leaves_of(opened, folder.data(file.path)):
                        if leaf.index > behind:
                            behind = leaf.index
                            yield leaf
            except duckdb.Error as error:
                if State.load(folder, log).manifest == state.manifest:
                    why = str(error).splitlines()[0]
                    raise ArchiveError(f"The archive cannot be read. Run directory audit verify. {why}") from None
            else:
                return


def _place(stream_id: str) -> tuple[int, int]:
    """An identifier of the stream, to be compared."""
    milliseconds, _, number = stream_id.partition("-")
    return int(milliseconds), int(number)
