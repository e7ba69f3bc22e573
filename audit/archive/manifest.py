"""The manifest: every data file with its hash, where each segment ends, and how far the stream is archived."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Self

import orjson

Kind = Literal["entries", "records"]


@dataclass(frozen=True, slots=True)
class DataFile:
    """A Parquet file.

    Attributes:
        path: where it is, below the archive's folder.
        sha256: the hash of its bytes, hexadecimal.
        first: its first leaf.
        last: its last leaf.
        rows: how many rows it has.
    """

    path: str
    sha256: str
    first: int
    last: int
    rows: int

    @property
    def kind(self) -> str:
        """Which kind: entries or records."""
        return self.path.partition("/")[0]

    @property
    def day(self) -> str:
        """The day that it holds, "YYYY-MM-DD"."""
        return self.path.split("/")[1].removeprefix("day=")


@dataclass(frozen=True, slots=True)
class End:
    """Where a segment ends in the archive.

    Attributes:
        n: the number of its last entry.
        hash: that entry's hash, hexadecimal.
        closed: whether the segment said that it ends there.
    """

    n: int
    hash: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Purged:
    """Leaves whose entries were removed, as retention demands.

    Attributes:
        day: the last day they were of.
        first: the first leaf.
        last: the last leaf.
    """

    day: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a checkpoint vouches for besides the tree.

    Attributes:
        size: how many leaves there are.
        position: the stream's identifier of the last archived entry.
        own: the segment in which the archiver writes what it notices.
        ends: where each segment ends that may go on.
        files: the data files.
        purged: what was removed.
        witnesses: the public keys of the witnesses that the archiver asks.
    """

    size: int = 0
    position: str = "0-0"
    own: str = ""
    ends: Mapping[str, End] = field(default_factory=dict)
    files: tuple[DataFile, ...] = ()
    purged: tuple[Purged, ...] = ()
    witnesses: tuple[str, ...] = ()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """A manifest from its bytes.

        Raises:
            ValueError: it is malformed.
        """
        try:
            head, *lines = [orjson.loads(line) for line in data.splitlines()]
            found = cls(**{**head, "witnesses": tuple(head["witnesses"])})
            return replace(
                found,
                ends={line.pop("segment"): End(**line) for line in lines if "segment" in line},
                files=tuple(DataFile(**line) for line in lines if "path" in line),
                purged=tuple(Purged(**line) for line in lines if "day" in line),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"The manifest is malformed: {error}.") from None

    @property
    def data(self) -> bytes:
        """The manifest's bytes: a JSON object a line."""
        head = {"size": self.size, "position": self.position, "own": self.own, "witnesses": self.witnesses}
        lines: list[Any] = [head]
        lines += [{"segment": name, **asdict(end)} for name, end in sorted(self.ends.items())]
        lines += map(asdict, self.files)
        lines += map(asdict, self.purged)
        return b"".join(orjson.dumps(line) + b"\n" for line in lines)

    @property
    def path(self) -> str:
        """Where it is, below the archive's folder."""
        return f"manifest/{hashlib.sha256(self.data).hexdigest()}"

    def of(self, kind: Kind) -> tuple[DataFile, ...]:
        """The data files of a kind, by their first leaf."""
        return tuple(sorted((file for file in self.files if file.kind == kind), key=lambda file: file.first))
