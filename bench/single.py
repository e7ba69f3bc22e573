"""Single requests to a target, one after the other, each timed."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from bench.http import Http, Request
from bench.model import BenchError

_PATIENCE = 300.0


@dataclass(frozen=True)
class Caller:
    """Asks a target on one connection, so that one of its workers answers."""

    target: Http
    client: httpx.Client

    def post(self, request: Request) -> httpx.Response:
        """Send a request."""
        headers = {"content-type": "application/json", **request.headers}
        return self.client.post(self.target.path, content=request.body, headers=headers)

    def timed(self, requests: Sequence[Request]) -> list[float]:
        """How long each request takes, in milliseconds.

        Raises:
            BenchError: one was not answered.
        """
        return [self._once(request, patience=0) for request in requests]

    def admitted(self, request: Request) -> float:
        """How long a request takes once it is its turn, in milliseconds; it is sent again when it is told to be.

        Raises:
            BenchError: it was not answered within minutes.
        """
        return self._once(request, patience=_PATIENCE)

    def _once(self, request: Request, patience: float) -> float:
        deadline = time.monotonic() + patience
        while True:
            begun = time.perf_counter()
            response = self.post(request)
            took = 1000 * (time.perf_counter() - begun)
            if response.status_code == httpx.codes.OK:
                return took
            if "retry-after" not in response.headers or time.monotonic() > deadline:
                raise BenchError(f"{self.target.name} answered with {response.status_code}: {response.text[:600]}")
            time.sleep(int(response.headers["retry-after"]))


@contextmanager
def caller(target: Http) -> Iterator[Caller]:
    """A connection for the length of a block."""
    with httpx.Client(base_url=f"http://127.0.0.1:{target.port}", timeout=60) as client:
        yield Caller(target, client)
