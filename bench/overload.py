"""More requests than can be answered: vegeta sends them at a fixed rate, whatever comes back."""

import base64
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.figures import percentile
from bench.http import Http
from bench.model import BenchError
from gateway.stack.tools import TOOLS, go, run

_VERSION = "v12.13.0"
_MODULE = "github.com/tsenart/vegeta/v12"


def vegeta() -> Path:
    """The program, built into `.tools/bin` if it is not there yet.

    Raises:
        EngineError: Go is missing, or the build fails.
    """
    program, stamp = TOOLS / "bin" / "vegeta", TOOLS / "bin" / f".vegeta-{_VERSION}"
    if not (program.exists() and stamp.exists()):
        program.parent.mkdir(parents=True, exist_ok=True)
        build = [go("vegeta"), "install", f"{_MODULE}@{_VERSION}"]
        run(build, "vegeta cannot be built", {"GOBIN": str(program.parent)})
        stamp.touch()
    return program


def flood(target: Http, *, rate: float, seconds: float) -> dict[str, float]:
    """Send requests at a rate: how many were answered and refused in a second, and how long each took.

    Raises:
        BenchError: a request was neither answered nor refused with a word on when to try again.
    """
    program = vegeta()
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder, "results")
        words = ["attack", "-format=json", f"-rate={rate:.0f}", f"-duration={seconds:.0f}s", "-timeout=30s"]
        words += ["-max-body=0", f"-output={results}"]
        _ran([str(program), *words], "\n".join(_targets(target)))
        lines = _ran([str(program), "encode", "--to=json", str(results)], "").splitlines()
    return told([json.loads(line) for line in lines], rate)


def told(results: list[dict[str, Any]], rate: float) -> dict[str, float]:
    """The figures of vegeta's results, of which each is a request.

    Raises:
        BenchError: a request was neither answered nor refused with a word on when to try again.
    """
    good = sorted(each["latency"] / 1e6 for each in results if each["code"] == 200)  # noqa: PLR2004 - HTTP's
    refused = [each for each in results if each["code"] in {429, 503} and "Retry-After" in (each["headers"] or {})]
    if len(good) + len(refused) < len(results) or not good:
        other = next(each for each in results if each["code"] != 200 and each not in refused)  # noqa: PLR2004 - HTTP's
        raise BenchError(f"A request ended with {other['code']} {other['error']}, neither answered nor told to wait.")
    seconds = len(results) / rate
    figures = {"asked/s": rate, "answered/s": len(good) / seconds, "refused/s": len(refused) / seconds}
    figures |= {"answered p50 ms": percentile(good, 50), "answered p99 ms": percentile(good, 99)}
    times = sorted(each["latency"] / 1e6 for each in refused)
    return figures | (
        {"refused p50 ms": percentile(times, 50), "refused p99 ms": percentile(times, 99)} if times else {}
    )


def _targets(target: Http) -> Iterator[str]:
    url = f"http://127.0.0.1:{target.port}{target.path}"
    for each in target.requests:
        headers = {name: [value] for name, value in {"Content-Type": "application/json", **each.headers}.items()}
        sent = base64.b64encode(each.body).decode()
        yield json.dumps({"method": "POST", "url": url, "header": headers, "body": sent})


def _ran(command: list[str], given: str) -> str:
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)  # noqa: S603 - our words
    if done.returncode != 0:
        raise BenchError(f"vegeta ended with {done.returncode}: {done.stderr.strip()[-600:]}")
    return done.stdout
