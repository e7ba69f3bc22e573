"""Verifies the stream against the archive: what was archived from it is still there, and what waits can follow it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from audit.archive.chains import OWN, Chains
from audit.archive.faults import Fault
from audit.archive.folder import Folder
from audit.archive.manifest import Manifest
from audit.archive.reading import rows
from audit.archive.rows import Leaf
from audit.archive.source import START, Streamed
from audit.archive.tables import database, parquet
from audit.chain import signed

STREAM = "stream"
"""The place of faults that are not in the archive."""
_AT_ONCE = 5000


class Stream(Protocol):
    """What is read of a stream, by nobody that it would count as its reader."""

    def holds(self, position: str) -> bool:
        """Whether it has the entry at a position."""

    def heads(self) -> dict[str, tuple[int, str]]:
        """For each segment, the number and the hash of its last entry."""

    def peek(self, position: str, count: int) -> list[Streamed]:
        """The entries behind a position, in order."""


@dataclass(frozen=True, slots=True)
class _Archived:
    leaf: int
    hash: str
    signature: bytes
    segment: str | None
    n: int | None

    def __str__(self) -> str:
        return f"leaf {self.leaf}" + (f", entry {self.n} of segment {self.segment}" if self.segment else "")


def tail_faults(folder: Folder, chains: Chains, manifest: Manifest, stream: Stream) -> tuple[int, list[Fault]]:
    """How many entries wait in the stream, and what is wrong with those and with what is archived already.

    Args:
        folder: the archive.
        chains: the archive's, where its verification ended.
        manifest: the archive's.
        stream: the stream.
    """
    if not stream.holds(manifest.position):
        return 0, [Fault(STREAM, f"it no longer holds {manifest.position}, which was archived last")]
    heads, count, found = stream.heads(), 0, list(_kept_faults(folder, chains, manifest, stream))
    for each in _behind(stream, manifest.position):
        leaf = Leaf(manifest.size + count, each.id, each.entry, each.signature)
        if not _is_repeated(chains, leaf):
            found += [Fault(f"{STREAM} {each.id}", problem.says) for problem in chains.follow(leaf)]
        count += 1
    found += [Fault(STREAM, problem.says) for problem in chains.beyond(heads, manifest.size + count)]
    return count, found


def _kept_faults(folder: Folder, chains: Chains, manifest: Manifest, stream: Stream) -> Iterator[Fault]:
    """Where the stream differs from the leaves that were archived from it and are not trimmed yet."""
    archived: dict[str, _Archived] | None = None
    for each in _behind(stream, START):
        if archived is None:
            archived = _archived(folder, manifest, each)
        leaf, before = Leaf(manifest.size, each.id, each.entry, each.signature), archived.pop(each.id, None)
        if before is None and not _is_repeated(chains, leaf):
            yield Fault(f"{STREAM} {each.id}", "it was not archived, and others behind it were: it was put in later")
        elif before and (before.hash, before.signature) != (leaf.hash.hex(), leaf.signature):
            yield Fault(f"{STREAM} {each.id}", f"it is not {before}, which was archived from there")
        if each.id == manifest.position:
            break
    for stream_id, before in (archived or {}).items():
        yield Fault(f"{STREAM} {stream_id}", f"it is gone, and others before it are there: {before}")


def _is_repeated(chains: Chains, leaf: Leaf) -> bool:
    """Whether an entry is there a second time, signed as the first."""
    return chains.is_repeated(leaf) and signed(leaf.entry, leaf.signature, chains.signing)


def _archived(folder: Folder, manifest: Manifest, first: Streamed) -> dict[str, _Archived]:
    """What was archived from an entry of the stream on, by identifiers; without what the archive wrote itself."""
    day = Leaf(0, first.id, b"", b"").day
    files = [folder.data(file.path) for file in manifest.of("entries") if file.day >= day]
    own = ", ".join(f"'{kind}'" for kind in sorted(OWN))
    query = (
        f"SELECT leaf, stream, hash, signature, segment, n FROM {parquet(files)} "  # noqa: S608 - our own paths and names
        f"WHERE coalesce(kind, '') NOT IN ({own}) AND CAST(split_part(stream, '-', 1) AS BIGINT) >= ? ORDER BY leaf"
    )
    found = rows(database(), query, [int(first.at * 1000)]) if files else ()
    return {row.pop("stream"): _Archived(**row) for row in found}


def _behind(stream: Stream, position: str) -> Iterator[Streamed]:
    while read := stream.peek(position, _AT_ONCE):
        yield from read
        position = read[-1].id
