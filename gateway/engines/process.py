"""Start, find and end server processes by a pid file whose lock the server itself holds.

The pid file is locked before the server starts and the server inherits the open file: the lock is held exactly as
long as the server lives, whoever started it and however it ends. A pid is therefore never trusted on its own.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gateway.engines.model import EngineError, EngineName

PRIVATE_FILE = 0o600
"""Mode of every file that a server or its launcher writes."""

_POLL_SECONDS = 0.05
_LOOK_SECONDS = 1.0
_PID_WRITE_SECONDS = 5.0
_KILL_SECONDS = 5.0
_KEPT_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
# The shell puts the server in the background and leaves, so that no parent has to reap it; $0 is the pid file.
_LAUNCH = '"$@" & echo "$!" > "$0"'


@dataclass(frozen=True)
class ServerSpec:
    """One server to run.

    Attributes:
        name: which engine it is.
        argv: command and arguments; never a secret, since every user of the machine can read them.
        folder: working folder of the server.
        pid_file: file that holds its pid and its lock.
        log: file that receives its output; the one before it is kept as ``<log>.1``.
        grace: seconds it gets to stop by itself after SIGTERM.
    """

    name: EngineName
    argv: tuple[str, ...]
    folder: Path
    pid_file: Path
    log: Path
    grace: float


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone can read, and put it on the disk before returning."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def open_log(path: Path) -> BinaryIO:
    """Open a fresh private log, and keep the one before it as ``<log>.1``."""
    if path.exists():
        path.replace(path.with_name(path.name + ".1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE), "wb")


def is_held(pid_file: Path) -> bool:
    """Whether a server holds this pid file, that is, whether it lives."""
    try:
        descriptor = os.open(pid_file, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def running_pid(pid_file: Path) -> int | None:
    """Pid of the server that holds this pid file, or None when there is none.

    Raises:
        EngineError: a server holds the file and its pid never appeared in it.
    """
    deadline = time.monotonic() + _PID_WRITE_SECONDS
    while is_held(pid_file):
        text = pid_file.read_text(encoding="ascii").strip()
        if text:
            return int(text)
        if time.monotonic() > deadline:
            raise EngineError(
                f"A server holds {pid_file} but its process id is not in it. "
                f"Find it with `fuser {pid_file}` or `lsof {pid_file}`, end it, and start again."
            )
        time.sleep(_POLL_SECONDS)
    return None


def spawn(spec: ServerSpec) -> None:
    """Start a server and return at once; whether it answers is for the caller to find out.

    Raises:
        EngineError: it is running already, or its program cannot be started.
    """
    lock = os.open(spec.pid_file, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    try:
        if not _take(lock):
            raise EngineError(f"The {spec.name} engine is already running (see {spec.pid_file}).")
        with open_log(spec.log) as log:
            subprocess.run(  # noqa: S603 - the command is built by this package, no shell text comes from outside
                ["/bin/sh", "-c", _LAUNCH, str(spec.pid_file), *spec.argv],
                cwd=spec.folder,
                env={key: os.environ[key] for key in _KEPT_ENVIRONMENT if key in os.environ},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(lock,),
                start_new_session=True,
                umask=0o077,
                check=True,
            )
    except (OSError, subprocess.SubprocessError) as error:
        raise EngineError(f"The {spec.name} engine could not be started: {error}. Its log is {spec.log}.") from error
    finally:
        os.close(lock)


def end_all(servers: Iterable[tuple[Path, float]]) -> None:
    """End the servers that hold these pid files, side by side: SIGTERM, their grace in seconds, then SIGKILL.

    Raises:
        EngineError: one is still there after SIGKILL.
    """
    present = [(pid_file, grace) for pid_file, grace in servers if pid_file.exists()]
    for pid_file, _ in present:
        _signal(pid_file, signal.SIGTERM)
    start = time.monotonic()
    for pid_file, grace in present:
        if not _gone(pid_file, start + grace):
            _signal(pid_file, signal.SIGKILL)
            if not _gone(pid_file, time.monotonic() + _KILL_SECONDS):
                raise EngineError(f"The server of {pid_file} does not end, not even by SIGKILL. Is its disk stuck?")
        pid_file.unlink()


def log_tail(log: Path, lines: int = 5) -> str:
    """The last lines of a server's log, for an error message; empty when it wrote nothing."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.strip().splitlines()[-lines:])


def _take(lock: int) -> bool:
    """Lock an open pid file for a server to come; False when a server holds it.

    Whoever looks whether a server lives (`is_held`) holds the lock for that instant, so one refusal proves nothing.
    """
    deadline = time.monotonic() + _LOOK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        else:
            return True


def _signal(pid_file: Path, number: signal.Signals) -> None:
    """Signal the server of a pid file, if there is one."""
    pid = running_pid(pid_file)
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):  # it ended by itself since
            os.kill(pid, number)


def _gone(pid_file: Path, deadline: float) -> bool:
    while is_held(pid_file):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
