"""What the figures were measured on, and with which versions."""

import os
import platform
import re
import subprocess
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.node import node, versions
from gateway.pins import pins
from gateway.settings import ROOT
from gateway.stack.tools import redis_server


def machine(postgres: str, folder: Path) -> dict[str, str]:
    """The machine, the day and the versions of all that is compared, in words.

    Args:
        postgres: PostgreSQL's version.
        folder: on the disk that records are written to.
    """
    peers: Mapping[str, str] = versions()
    generator = _said("wrk", "-v").split(" Copyright")[0].removeprefix("wrk ")
    return {**ours(folder), "wrk": generator, "PostgreSQL": postgres, "Node": _said(node(), "--version"), **peers}


def ours(folder: Path) -> dict[str, str]:
    """The machine, the day and the versions of the gateway's own engines, in words.

    Args:
        folder: on the disk that records are written to.
    """
    redis = re.search(r"v=([\d.]+)", _said(str(redis_server()), "--version"))
    return {
        "day": datetime.now(UTC).date().isoformat(),
        "commit": _commit(),
        "processor": f"{os.cpu_count()} cores, {_field('/proc/cpuinfo', 'model name')}",
        "memory": f"{int(_field('/proc/meminfo', 'MemTotal').split()[0]) / 1024 / 1024:.0f} GiB",
        "one sync to disk": f"{_sync(folder):.1f} ms",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "Neo4j": pins().neo4j,
        "OPA": pins().opa,
        "Redis": redis[1] if redis else "unknown",
    }


def _commit() -> str:
    """The commit that is measured; with a plus where the files are not that commit's, reports apart."""
    git = ("git", "-C", str(ROOT))
    found = _said(*git, "rev-parse", "--short", "HEAD") or "unknown"
    changed = _said(*git, "status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs/bench")
    return f"{found}+" if changed else found


def _sync(folder: Path) -> float:
    """How long a small write takes to be on the disk, in milliseconds: no record can be quicker."""
    times = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(100):
            file.write(b"x" * 2000)
            begun = time.perf_counter()
            os.fsync(file.fileno())
            times.append(1000 * (time.perf_counter() - begun))
    return median(times)


def _field(file: str, name: str) -> str:
    lines = Path(file).read_text("utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "unknown")


def _said(*command: str | Path) -> str:
    """The first line that a program says; nothing where it says none, or is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our words
    except OSError:
        return ""
    return (done.stdout.strip().splitlines() or [""])[0]
