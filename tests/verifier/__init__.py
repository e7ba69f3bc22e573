"""A verifier in Go, of Go's own transparency-log packages: what the archive proves must hold there too."""

import hashlib
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest

from gateway.engines.model import EngineError
from gateway.stack.tools import TOOLS, go, run

FOLDER = Path(__file__).parent
SOURCES = ("go.mod", "go.sum", "main.go")


@cache
def program() -> Path:
    """The verifier, built into `.tools/bin` if it is not there yet.

    Raises:
        EngineError: Go is missing, or the build fails.
    """
    sources = b"".join((FOLDER / name).read_bytes() for name in SOURCES)
    built = TOOLS / "bin" / f"verifier-{hashlib.sha256(sources).hexdigest()[:16]}"
    if not built.exists():
        built.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=TOOLS) as folder:
            build = [go("the tests' verifier"), "build", "-C", str(FOLDER), "-mod=readonly", "-o", f"{folder}/verifier"]
            run([*build, "."], "the verifier cannot be built", {"GOFLAGS": "-buildvcs=false"})
            (Path(folder) / "verifier").replace(built)
    return built


def verify(what: str, *arguments: str, given: bytes) -> subprocess.CompletedProcess[bytes]:
    """Run the verifier with nothing but what it is given; without Go the test is skipped, on CI failed."""
    try:
        command = [str(program()), what, *arguments]
    except EngineError as error:
        said = f"NOT TESTED WITH A SECOND VERIFIER: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        sys.__stderr__ and sys.__stderr__.write(f"\n{said}\n")
        pytest.skip(said)
    return subprocess.run(command, input=given, capture_output=True, env={}, cwd="/", check=False)  # noqa: S603 - ours
