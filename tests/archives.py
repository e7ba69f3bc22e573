"""Streams in memory, writers with keys of their own, and archives made of what they write."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import orjson
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from audit.archive.archiver import Archiver
from audit.archive.folder import Folder
from audit.archive.source import START, Streamed
from audit.archive.verify import Verdict, Verification
from audit.chain import CONTEXT, Head, chained, new_segment
from audit.event import confided, opened, subjects
from audit.keystore import KeyStore
from audit.note import Signer, generate
from audit.seal import Sealer
from resolvers.model import Entry
from tests.evidence import entry

SIGNING = generate("directory.example/signing")
LOG = generate("directory.example/log")
READING = X25519PrivateKey.generate()
DAY = 86_400_000
BEGUN = 1_772_452_800_000
"""When the streams begin, in milliseconds: noon of 2 March 2026."""


@dataclass(slots=True)
class MemoryStream:
    """An audit stream, as the archiver reads it, that can be tampered with.

    Attributes:
        entries: what is in it.
        marks: where the segments end.
        wrapped: subjects' keys.
        now: the server's clock, in milliseconds.
        waits: is called where the archiver waits for more.
    """

    entries: list[Streamed] = field(default_factory=list)
    marks: dict[str, tuple[int, str]] = field(default_factory=dict)
    wrapped: dict[str, bytes] = field(default_factory=dict)
    now: int = BEGUN
    waits: Callable[[], None] = lambda: None

    def append(self, content: bytes, signature: bytes) -> None:
        """Append an entry."""
        self.now += 1000
        self.entries.append(Streamed(f"{self.now}-0", content, signature))

    def holds(self, position: str) -> bool:
        """Whether it still has an entry."""
        return position == START or any(each.id == position for each in self.entries)

    def read(self, position: str, count: int) -> list[Streamed]:
        """What is behind a position."""
        return [each for each in self.entries if _number(each.id) > _number(position)][:count]

    def peek(self, position: str, count: int) -> list[Streamed]:
        """What is behind a position, for whoever only looks."""
        return self.read(position, count)

    def heads(self) -> dict[str, tuple[int, str]]:
        """Where the segments end."""
        return dict(self.marks)

    def keys(self) -> dict[str, bytes]:
        """Subjects' keys."""
        return dict(self.wrapped)

    def forget_keys(self, names: Sequence[str]) -> None:
        """Delete keys."""
        for name in names:
            del self.wrapped[name]

    def behind(self, position: str) -> float | None:
        """When the oldest entry behind a position was appended."""
        found = self.read(position, 1)
        return found[0].at if found else None

    def wait(self, _position: str, _seconds: float) -> None:
        """Wait for more; whoever tests says what comes."""
        self.waits()

    def forget_subject(self, subject: str) -> int:
        """Delete the keys of a subject."""
        names = [name for name in self.wrapped if name.startswith(f"{subject}|")]
        self.forget_keys(names)
        return len(names)

    def rewrite(self) -> None:
        """There is no file."""

    def settle(self, position: str, read: Sequence[Streamed], closed: Mapping[str, int], keep: float) -> None:
        """Trim behind the archive."""
        assert {each.id for each in read} <= {each.id for each in self.entries}
        oldest = min(_number(position), self.now - int(keep * 1000))
        self.entries = [each for each in self.entries if _number(each.id) >= oldest]
        for segment in closed:
            self.marks.pop(segment, None)


def _number(stream_id: str) -> int:
    return int(stream_id.partition("-")[0])


@dataclass(slots=True)
class Scribe:
    """A worker that writes to a stream.

    Attributes:
        stream: the stream.
        signer: its key.
        head: where its segment ends.
    """

    stream: MemoryStream
    signer: Signer = SIGNING
    head: Head = field(default_factory=new_segment)
    sealer: Sealer = field(default_factory=lambda: Sealer(READING.public_key()))

    def write(self, kind: str, **content: Any) -> None:
        """Write an entry of some kind."""
        at = {"at": "2026-03-02T12:00:00.000+00:00"}
        link, self.head = chained(self.head, kind, at | content, self.signer)
        self.stream.append(link.entry, link.signature)
        self.stream.marks[self.head.segment] = self.head.n, self.head.hash.hex()

    def access(self, said: Entry) -> None:
        """Write an access, beginning the segment where that is needed."""
        if self.head.n < 0:
            self.write("opened", after=None)
        sealed = self.sealer.seal(said.receipt, said.at[:7], subjects(said), confided(said))
        self.stream.wrapped |= {key.name: key.wrapped for key in self.sealer.take()}
        self.write("access", **opened(said), sealed=sealed)

    def accesses(self, count: int, begin: int = 0) -> None:
        """Write so many accesses, each with its own receipt."""
        for n in range(begin, begin + count):
            self.access(entry(f"{n:032x}"))


def archiver(folder: Path, stream: Any, log: Signer = LOG, kept: float = 1e9) -> Archiver:
    """An archiver of a stream."""
    keys = KeyStore(folder.parent / f"{folder.name}-keys.sqlite")
    return Archiver(Folder(folder), stream, keys, SIGNING.verifier, log, kept=kept)


def verified(folder: Path, **more: Any) -> Verdict:
    """What verification says of an archive."""
    return Verification(Folder(folder), SIGNING.verifier, LOG.verifier, **more).run()


def faults(folder: Path, **more: Any) -> list[str]:
    """What is wrong with an archive."""
    return [str(fault) for fault in verified(folder, **more).faults]


def changed(streamed: Streamed, signer: Signer | None = None, **content: Any) -> Streamed:
    """An entry that says something else; signed anew if a signer is given."""
    said = orjson.dumps({**orjson.loads(streamed.entry), **content})
    if signer is None:
        return replace(streamed, entry=said)
    return replace(streamed, entry=said, signature=signer.sign(CONTEXT + hashlib.sha256(said).digest()))


def rows(folder: Path, kind: str, what: str) -> list[tuple[Any, ...]]:
    """Some columns of every file of a kind, read as any other program would."""
    return duckdb.execute(f"SELECT {what} FROM '{folder}/{kind}/*/*.parquet' ORDER BY leaf").fetchall()  # noqa: S608


def archived(folder: Path) -> list[bytes]:
    """The exact entries in the archive, without those of the archive itself."""
    return [bytes(each) for (each,) in rows(folder, "entries", "entry") if orjson.loads(each)["kind"] != "problem"]


class Crash(BaseException):
    """The process is killed here."""


def breaking(real: Callable[..., Any], after: int) -> Callable[..., Any]:
    """A call that works so many times, and then is the process's last."""
    left = after

    def call(*given: Any, **more: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise Crash
        return real(*given, **more)

    return call
