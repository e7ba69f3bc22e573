"""The archiver: moves entries from the stream into the archive, each exactly once, and names what is wrong with them.

Nothing that is wrong with an entry keeps it, or any other, out of the archive: the archive says so in an entry of its
own, behind it. What is archived once is recognised by its place in the stream; and where the stream itself was
replaced, by the entry.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from audit.archive.chains import Chains, Problem
from audit.archive.folder import Folder
from audit.archive.log import Lookup, State, Writing
from audit.archive.manifest import End, Manifest, Purged
from audit.archive.purge import purge
from audit.archive.rows import Leaf
from audit.archive.source import START, Source, Streamed
from audit.archive.tables import Tables
from audit.chain import Verifies, chained
from audit.keystore import KeyStore
from audit.note import Signer
from audit.tiles import Tiles, loader
from audit.witness.client import Peers

BATCH = 5000
"""Entries that are archived together at most."""
KEPT_SECONDS = 3600.0
"""How long archived entries stay in the stream."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did.

    Attributes:
        archived: how many entries of the stream it archived.
        repeated: how many it left out, as they are archived already.
        problems: what was wrong.
        more: whether the stream may hold more.
        position: how far the stream is archived.
    """

    archived: int
    repeated: int
    problems: tuple[Problem, ...]
    more: bool
    position: str


@dataclass(slots=True)
class Archiver:
    """Archives one stream in one folder.

    Attributes:
        folder: the archive.
        source: the stream.
        keys: where subjects' keys go.
        signing: the key that entries are signed with.
        log: the log's own key.
        peers: the witnesses.
        witnesses: their public keys, which the archive names.
        kept: how long archived entries stay in the stream, in seconds.
        clock: the time, in seconds since 1970.
    """

    folder: Folder
    source: Source
    keys: KeyStore
    signing: Verifies
    log: Signer
    peers: Peers | None = None
    witnesses: tuple[str, ...] = ()
    kept: float = KEPT_SECONDS
    clock: Callable[[], float] = time.time
    state: State = field(default_factory=lambda: State(Manifest()))
    _writing: Writing = field(init=False)

    def __post_init__(self) -> None:
        self._writing = Writing(self.folder, Tables(self.folder), self.log)

    def round(self, count: int = BATCH) -> Round:
        """Archive what is behind the archive, so many entries at most.

        Raises:
            ArchiveError: the archive is damaged.
            RedisError: the stream does not answer; nothing is lost by that.
        """
        with self.folder.alone():
            self.state = state = State.load(self.folder, self.log.verifier)
            heads, keys = self.source.heads(), self.source.keys()
            position, replaced = state.manifest.position, not self.source.holds(state.manifest.position)
            read = self.source.read(START if replaced else position, count)
            fresh = _Batch(self, state, START if replaced else position)
            if replaced:
                fresh.notice(_replaced(state.manifest))
            for each in read:
                fresh.take(each)
            if len(read) < count:
                fresh.compare(heads)
            if keys:
                self.keys.add(keys)
            self.state = fresh.commit()
            self.source.forget_keys(list(keys))
            self.source.settle(fresh.position, read, fresh.closed, self.kept)
        return Round(fresh.archived, fresh.repeated, tuple(fresh.problems), len(read) == count, fresh.position)

    def witness(self) -> Mapping[str, str]:
        """Ask the witnesses for the newest checkpoint; why those that have not signed have not, by name."""
        if self.peers is None:
            return {}
        state = State.load(self.folder, self.log.verifier)
        if state.opened is None:
            return {}
        tree = Tiles(loader(self.folder.path), state.manifest.size)
        said = asyncio.run(self.peers.ask(state.opened.note, tree.node))
        with self.folder.alone():
            self._writing.cosign(state, said.signatures)
        return said.absent

    def forget(self, subject: str) -> int:
        """Destroy a subject's keys, wherever they are; how many there were.

        Raises:
            KeyStoreError: they cannot be destroyed.
            RedisError: the stream does not answer.
            ArchiveError: the keys are destroyed, but still in the file of the stream's server.
        """
        with self.folder.alone():  # so that no key is on its way between the two
            count = self.source.forget_subject(subject) + self.keys.forget(subject)
        self.source.rewrite()
        return count

    def purge(self, before: date, receipt: str) -> Purged | None:
        """Remove the entries of the days before one; see `audit.archive.purge`."""
        now = datetime.fromtimestamp(self.clock(), UTC)
        return purge(self._writing, self.keys, before, receipt, now)


class _Batch:
    """Leaves that are about to be committed."""

    def __init__(self, archiver: Archiver, state: State, position: str) -> None:
        self._archiver, self._state, self._writing = archiver, state, archiver._writing  # noqa: SLF001 - its own part
        known = Lookup(self._writing.tables, archiver.folder, state.manifest.of("entries"))
        ends = dict(state.manifest.ends)
        self._chains = Chains(archiver.signing, archiver.log.verifier, ends, known)
        self._leaves: list[Leaf] = []
        self._own = state.own
        self.position = position
        self.archived = self.repeated = 0
        self.problems: list[Problem] = []

    @property
    def _next(self) -> int:
        return self._state.manifest.size + len(self._leaves)

    def take(self, entry: Streamed) -> None:
        """The next entry of the stream."""
        leaf = Leaf(self._next, entry.id, entry.entry, entry.signature)
        self.position = entry.id
        if self._chains.is_repeated(leaf):
            self.repeated += 1
            return
        self.archived += 1
        self._leaves.append(leaf)
        for problem in self._chains.follow(leaf):
            self.notice(problem)

    def notice(self, problem: Problem) -> None:
        """Record that something is wrong, in the archive's own segment."""
        self.problems.append(problem)
        of = {"segment": problem.segment, "n": problem.n}
        said = {"code": problem.code, "says": problem.says, "leaf": problem.leaf, "of": of, "hash": problem.hash}
        self._add("problem", said)

    def compare(self, heads: Mapping[str, tuple[int, str]]) -> None:
        """Where the writers left their segments, now that everything is read."""
        for problem in self._chains.beyond(heads, self._next):
            self.notice(problem)

    def commit(self) -> State:
        """Commit them, or the mere position if it has changed; a log begins with none."""
        manifest = replace(
            self._state.manifest,
            position=self.position,
            ends=self._chains.ends,
            witnesses=self._archiver.witnesses,
        )
        if self._state.opened and not self._leaves and self.position == self._state.manifest.position:
            return self._state
        return self._writing.add(self._state, manifest, self._leaves)

    @property
    def closed(self) -> Mapping[str, int]:
        """The segments that have said that they end, and where."""
        return {name: end.n for name, end in self._chains.ends.items() if end.closed}

    def _add(self, kind: str, content: Mapping[str, object]) -> None:
        at = datetime.fromtimestamp(self._archiver.clock(), UTC).isoformat(timespec="milliseconds")
        link, self._own = chained(self._own, kind, {"at": at, **content}, self._archiver.log)
        stream = self._leaves[-1].stream if self._leaves else f"{int(self._archiver.clock() * 1000)}-0"
        self._leaves.append(Leaf(self._next, stream, link.entry, link.signature))
        self._chains.ends[self._own.segment] = End(link.n, link.hash.hex())


def _replaced(manifest: Manifest) -> Problem:
    says = f"the stream no longer holds {manifest.position}, which was archived last: it was replaced or cut"
    return Problem("replaced", says, manifest.size)
