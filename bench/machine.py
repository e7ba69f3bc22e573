"""What the figures were measured on, and with which versions."""

import os
import platform
import re
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from bench.node import versions
from gateway.pins import pins
from gateway.settings import ROOT
from gateway.stack.tools import redis_server


def machine(postgres: str) -> dict[str, str]:
    """The machine, the day and the versions, in words."""
    redis = re.search(r"v=([\d.]+)", _said(str(redis_server()), "--version"))
    peers: Mapping[str, str] = versions()
    return {
        "day": datetime.now(UTC).date().isoformat(),
        "commit": _said("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"),
        "processor": f"{os.cpu_count()} cores, {_field('/proc/cpuinfo', 'model name')}",
        "memory": f"{int(_field('/proc/meminfo', 'MemTotal').split()[0]) / 1024 / 1024:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "Neo4j": pins().neo4j,
        "OPA": pins().opa,
        "Redis": redis[1] if redis else "unknown",
        "PostgreSQL": postgres,
        **peers,
    }


def _field(file: str, name: str) -> str:
    lines = Path(file).read_text("utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "unknown")


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 - our words
