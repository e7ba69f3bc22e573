"""The archive's folder: what is where, who may write, and how a commit survives a crash at any moment.

A commit writes new files, then renames the new checkpoint over the old one: before that nothing has happened, after it
everything has. A plan of the commit lies in the folder meanwhile; whoever comes after a crash undoes or finishes by it.
"""

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

CHECKPOINT = "checkpoint"
"""What the archive is: it names everything else, by hashes."""
COSIGNED = "cosigned"
"""For each witness, the newest checkpoint that it has signed."""
_READY = "ready"
"""Where files are written before they come under their own names."""
_PLAN = "commit"
LOCK = "lock"
"""An empty file, which whoever writes holds."""


class ArchiveError(Exception):
    """The archive cannot be used as it is; the message says what to do."""


class NotArchivedError(Exception):
    """The archive does not hold what is asked for; the message says what that may mean."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a commit changes.

    Attributes:
        manifest: the new manifest's path.
        data: data files that lie ready, and come under their own names once it is committed.
        fresh: files that are new under their own names.
        old: files and folders that go once it is committed.
    """

    manifest: str
    data: tuple[str, ...]
    fresh: tuple[str, ...]
    old: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Folder:
    """An archive's folder.

    Attributes:
        path: where it is.
    """

    path: Path

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While nobody else writes; what a crash left is put in order first.

        Raises:
            ArchiveError: the folder cannot be written.
        """
        try:
            (self.path / _READY).mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ArchiveError(f"{self.path} cannot be written: {error.strerror}. Mend the rights.") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._recover()
            yield
        finally:
            os.close(descriptor)

    def read(self, name: str) -> bytes:
        """A file's content.

        Raises:
            OSError: it cannot be read.
        """
        return (self.path / name).read_bytes()

    def committed(self) -> float | None:
        """When the last commit was, in seconds since 1970; None before the first. A witness's signature is none."""
        return max((each.stat().st_mtime for each in (self.path / "manifest").glob("*")), default=None)

    def data(self, name: str) -> Path:
        """Where a data file is: under its own name, or still where it lay ready."""
        own = self.path / name
        return own if own.exists() else self.ready(name)

    def ready(self, name: str) -> Path:
        """Where a data file is written before it is committed."""
        return self.path / _READY / name.replace("/", "_")

    def write(self, name: str, content: bytes) -> None:
        """Put a file in place whole, and on disk."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.ready(name)
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)

    def commit(self, plan: Plan, files: Mapping[str, bytes], checkpoint: bytes) -> None:
        """Change the archive as planned; the data files lie ready.

        Args:
            plan: what changes.
            files: the content of the fresh files.
            checkpoint: the checkpoint that vouches for all.
        """
        for name in plan.data:
            _sync(self.ready(name))
        self.write(_PLAN, orjson.dumps(asdict(plan)))
        for name, content in files.items():
            self.write(name, content)
        self._sync_folders([*files, _PLAN, f"{_READY}/any"])
        self.write(CHECKPOINT, checkpoint)
        _sync(self.path)
        self._finish(plan)

    def unfinished(self, name: str) -> bool:
        """Whether a file is of a commit that was interrupted, which the next archiver finishes or undoes."""
        if name == _PLAN or name.startswith(f"{_READY}/"):
            return True
        plan = self._plan()
        return plan is not None and any(
            name == each or name.startswith(f"{each}/") for each in (*plan.fresh, *plan.old)
        )

    def _plan(self) -> Plan | None:
        if not (self.path / _PLAN).exists():
            return None
        return Plan(**{name: _listed(value) for name, value in orjson.loads(self.read(_PLAN)).items()})

    def _recover(self) -> None:
        plan = self._plan()
        if plan and self._is_committed(plan):
            self._finish(plan)
        elif plan:
            self._remove(plan.fresh)
            (self.path / _PLAN).unlink()
        self._remove(f"{_READY}/{left.name}" for left in (self.path / _READY).iterdir())

    def _is_committed(self, plan: Plan) -> bool:
        try:
            return plan.manifest.rpartition("/")[2].encode() in self.read(CHECKPOINT)
        except FileNotFoundError:
            return False

    def _finish(self, plan: Plan) -> None:
        for name in plan.data:
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            if self.ready(name).exists():
                self.ready(name).replace(self.path / name)
        self._sync_folders(plan.data)
        self._remove(plan.old)
        (self.path / _PLAN).unlink()

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            path = self.path / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def _sync_folders(self, names: Iterable[str]) -> None:
        within = [parent for name in names for parent in (self.path / name).parents]
        for folder in sorted({parent for parent in within if parent.is_relative_to(self.path)}, reverse=True):
            _sync(folder)


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
