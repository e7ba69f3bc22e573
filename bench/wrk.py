"""The load generator: wrk, with requests made beforehand, every answer looked at."""

import json
import os
import random
import resource
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.model import BenchError, Load

_SCRIPT = Path(__file__).with_name("load.lua")
_HOST = "127.0.0.1"
_REST = 0.3
"""For how long nothing is sent between two loads, in seconds: wrk hangs up on its last requests, which are still being
answered, and a gateway that has as much under way as it may would refuse the next load's first ones."""


def raw(port: int, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """A POST request as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {_HOST}:{port}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in {"Content-Type": "application/json", **headers}.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def write_requests(path: Path, requests: Sequence[bytes]) -> None:
    """Write requests for the script."""
    with path.open("wb") as file:
        for each in requests:
            file.write(b"%d\n%b" % (len(each), each))


def program() -> str:
    """The program.

    Raises:
        BenchError: it is missing.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise BenchError("wrk is missing: install it (on Debian: apt-get install wrk).")
    return wrk


def run(port: int, requests: Path, *, clients: int, seconds: float, expected: str) -> Load:
    """Send requests on so many connections, each as soon as the one before it is answered.

    Args:
        port: where the target listens.
        requests: what `write_requests` wrote; a run begins somewhere in it, and goes on in turn.
        clients: how many connections.
        seconds: how long.
        expected: what every good answer holds.

    Raises:
        BenchError: wrk is missing, or an answer was not what it should be.
    """
    wrk = program()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    first = random.randrange(10_000)  # noqa: S311 - spreads the accounts' turns
    time.sleep(_REST)
    done = subprocess.run(  # noqa: S603 - our own words
        [
            wrk,
            "-t1",
            f"-c{clients}",
            f"-d{round(seconds)}s",
            "--timeout",
            "10s",
            "-s",
            _SCRIPT,
            f"http://{_HOST}:{port}",
        ],
        env={**os.environ, "REQUESTS": str(requests), "FIRST": str(first), "EXPECTED": expected},
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise BenchError(f"wrk ended with {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")
    found = json.loads(done.stdout.splitlines()[-1])
    if not found["requests"]:
        raise BenchError(f"nothing was answered within {seconds:.0f} s")
    if found["wrong"]:
        raise BenchError(f"{found['wrong']} of {found['requests']} answers were wrong, the first: {done.stderr[:600]}")
    generator = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    seconds = found["microseconds"] / 1e6
    return Load(found["requests"], seconds, found["p50"] / 1000, found["p99"] / 1000, generator)
