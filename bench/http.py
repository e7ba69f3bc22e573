"""Targets that answer over HTTP: started, asked and loaded alike."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench import wrk
from bench.model import BenchError, Json, Load
from gateway.settings import ROOT

_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Request:
    """One request: what is sent besides the usual headers."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Http:
    """A target behind a port; a `Target`.

    Attributes:
        name: what it is called in tables.
        port: where it listens.
        path: of its endpoint.
        requests: what is asked, in turn.
        common: brings its data into the common form.
        parts: the processes of each part.
        file: where the requests are written for the load generator.
        hidden: questions about a shielded child, her family and where they go.
        expected: what every good answer holds.
    """

    name: str
    port: int
    path: str
    requests: Sequence[Request]
    common: Callable[[Json], Json]
    parts: Mapping[str, Sequence[int]]
    file: Path
    hidden: Sequence[Request] = ()
    expected: str = '"dateOfBirth":"'

    def write(self) -> None:
        """Write the requests for the load generator."""
        wrk.write_requests(
            self.file, [wrk.raw(self.port, self.path, each.headers, each.body) for each in self.requests]
        )

    def answers(self, count: int) -> list[Json]:
        """The answers to the first requests, in the common form."""
        with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60) as client:
            return [self.common(self._data(client, each)) for each in self.requests[:count]]

    def about_hidden(self) -> list[Json]:
        """The data of the answers about people who are hidden."""
        with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60) as client:
            return [self._data(client, each) for each in self.hidden]

    def _data(self, client: httpx.Client, request: Request) -> Json:
        headers = {"content-type": "application/json", **request.headers}
        response = client.post(self.path, content=request.body, headers=headers)
        answer = response.json()
        if response.status_code != httpx.codes.OK or "errors" in answer:
            raise BenchError(f"{self.name} answered with {response.status_code}: {response.text[:600]}")
        return answer["data"]

    def load(self, clients: int, seconds: float) -> Load:
        """Ask with the load generator."""
        try:
            return wrk.run(self.port, self.file, clients=clients, seconds=seconds, expected=self.expected)
        except BenchError as error:
            raise BenchError(f"{self.name}: {error}") from None


def body(query: str, variables: Mapping[str, Json]) -> bytes:
    """The body of a GraphQL request."""
    return json.dumps({"query": query, "variables": variables}, separators=(",", ":")).encode()


@contextmanager
def process(command: Sequence[str | Path], environment: Mapping[str, str], log: Path, port: int) -> Iterator[int]:
    """Run a server for the length of a block, which begins when it listens; yields its process.

    Raises:
        BenchError: it does not start.
    """
    with (
        log.open("wb") as said,
        subprocess.Popen(  # noqa: S603 - our own words
            command, env={**os.environ, **environment}, stdout=said, stderr=said, cwd=ROOT
        ) as running,
    ):
        try:
            _wait(running, log, port)
            yield running.pid
        finally:
            running.terminate()
            running.wait(60)


def _wait(running: "subprocess.Popen[bytes]", log: Path, port: int) -> None:
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            httpx.get(f"http://127.0.0.1:{port}/", timeout=5)
        except httpx.TransportError:
            if running.poll() is not None or time.monotonic() > deadline:
                said = log.read_text("utf-8", errors="replace")[-1000:]
                ended = f"ended with {running.returncode}" if running.returncode is not None else "does not answer"
                raise BenchError(f"{log.stem} {ended} before it was ready. It said:\n{said}") from None
            time.sleep(0.1)
        else:
            return
