"""The data folder of a set of engines: its layout, its lock, its credentials and its engines file."""

import fcntl
import json
import os
import random
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from gateway.engines.model import EngineError, EngineName, Engines
from gateway.engines.process import PRIVATE_FILE, end_all, is_held, write_private

Kind = Literal["embedded", "stack"]

HOST = "127.0.0.1"
"""Every engine listens here and nowhere else."""

GRACE: dict[EngineName, float] = {"graph": 30.0, "stream": 10.0, "policy": 5.0}
"""Seconds that each engine gets to stop by itself."""

STOPPING = "stopping"
"""What the lock file of a data folder begins with once its engines are on their way down."""

_PRIVATE_FOLDER = 0o700
_POLL_SECONDS = 0.05
_HELD_SECONDS = 1.0  # a process that was killed an instant ago may hold the lock a moment longer
_STOPPING_SECONDS = sum(GRACE.values()) + 15.0
_FREE_BYTES = 256 * 1024 * 1024
# Below every common range of ports for outgoing connections, so that none of those takes a port between the
# moment it is chosen and the moment the engine opens it.
_PORTS = range(20_000, 32_000)


@dataclass(frozen=True)
class DataFolder:
    """Paths inside one data folder."""

    root: Path

    def part(self, name: EngineName | Literal["run", "logs", "secrets"]) -> Path:
        """The folder of one engine, or one of the launcher's own."""
        return self.root / name

    def pid_file(self, name: EngineName) -> Path:
        """The file that holds an engine's pid and lock."""
        return self.part("run") / f"{name}.pid"

    def log(self, name: str) -> Path:
        """The file that receives a process's output."""
        return self.part("logs") / f"{name}.log"

    def secret_file(self, name: EngineName) -> Path:
        """The private file that holds an engine's password and nothing else."""
        return self.part("secrets") / name

    @property
    def lock_file(self) -> Path:
        """The file whose lock is held while engines run; it names the process that holds it."""
        return self.part("run") / "engines.lock"

    @property
    def engines_file(self) -> Path:
        """The file that tells other commands where the engines answer; there while they run."""
        return self.root / "engines.json"


def open_folder(data: Path, kind: Kind) -> DataFolder:
    """Make a data folder ready for use, readable by its owner alone.

    Raises:
        EngineError: the folder cannot be written, its disk is full, or it belongs to the other kind of engines.
    """
    folder = DataFolder(data.absolute())
    try:
        folder.root.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        folder.root.chmod(_PRIVATE_FOLDER)
        for name in ("graph", "stream", "policy", "run", "logs", "secrets"):
            (folder.root / name).mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
        free = shutil.disk_usage(folder.root).free
        if free < _FREE_BYTES:
            raise EngineError(
                f"Only {free // 1024 // 1024} MiB are free on the disk of {folder.root}, and the engines need "
                f"{_FREE_BYTES // 1024 // 1024}. Make room, or choose a data folder on another disk."
            )
        owner = _once(folder.root / "kind", kind)
    except OSError as error:
        raise EngineError(f"The data folder {folder.root} cannot be used: {error.strerror or error}.") from error
    if owner != kind:
        raise EngineError(
            f"{folder.root} holds the data of the {owner} engines, whose files the {kind} engines cannot read. "
            "Choose another data folder."
        )
    return folder


@contextmanager
def locked(folder: DataFolder) -> Iterator[int]:
    """Hold the data folder for one set of engines; yields the descriptor that a child may inherit to hold it too.

    Waits for engines that are just stopping.

    Raises:
        EngineError: another process holds it.
    """
    descriptor = os.open(folder.lock_file, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    start = time.monotonic()
    try:
        while not _try_lock(descriptor):
            stopping = folder.lock_file.read_text(encoding="ascii").startswith(STOPPING)
            if time.monotonic() > start + (_STOPPING_SECONDS if stopping else _HELD_SECONDS):
                raise EngineError(
                    f"The engines of {folder.root} already run for another process (see {folder.lock_file}). "
                    "Use those, stop that process, or choose another data folder."
                )
            time.sleep(_POLL_SECONDS)
        yield descriptor
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def credential(folder: DataFolder, name: EngineName) -> str:
    """A random secret of this data folder, made when it is first asked for."""
    return _once(folder.secret_file(name), secrets.token_hex(24))


def free_ports(count: int) -> list[int]:
    """Different TCP ports of the loopback address that nobody listens on now.

    Raises:
        EngineError: there are not enough.
    """
    found: list[int] = []
    for port in random.SystemRandom().sample(_PORTS, len(_PORTS)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise EngineError(f"No free TCP port between {_PORTS.start} and {_PORTS.stop} on {HOST}. Stop some servers first.")


def write_engines(folder: DataFolder, engines: Engines) -> None:
    """Tell other commands where the engines of this folder answer."""
    temporary = folder.engines_file.with_suffix(".new")
    write_private(temporary, json.dumps(asdict(engines)))
    temporary.replace(folder.engines_file)


def read_engines(data: Path) -> Engines:
    """Where the running engines of a data folder answer.

    Raises:
        EngineError: none run there.
    """
    folder = DataFolder(data.absolute())
    try:
        engines = Engines(**json.loads(folder.engines_file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise EngineError(f"No engines run on {folder.root}. Start them first, or name their data folder.") from None
    names: tuple[EngineName, ...] = ("graph", "stream") if engines.opa_url is None else ("graph", "stream", "policy")
    if missing := [name for name in names if not is_held(folder.pid_file(name))]:
        raise EngineError(f"The {' and '.join(missing)} engine of {folder.root} has died. Start the engines again.")
    return engines


def end_engines(folder: DataFolder) -> None:
    """End whatever engines run on this folder, and take back the engines file.

    Raises:
        EngineError: one does not end.
    """
    folder.engines_file.unlink(missing_ok=True)
    end_all((folder.pid_file(name), grace) for name, grace in GRACE.items())


def _once(path: Path, value: str) -> str:
    """The text of a private file; written with this value if it is not there, and complete whenever it is there."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    write_private(temporary, value)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return path.read_text(encoding="utf-8")
    finally:
        temporary.unlink()
    return value
