"""The real policy and the audit stream of a set of engines."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import httpx
from neo4j import AsyncDriver

from audit.stream import connect
from gateway.engines import Engines
from gateway.policy.files import read_policies
from gateway.policy.opa import OpaDecider
from gateway.policy.rego import RegoDecider
from tests.conftest import POLICIES
from tests.evidence import writer
from tests.generative.operations import Drawn, draw_operation
from tests.noninterference.trials import Effort, Trials


def pooled(size: int, fresh: float) -> "Shapes":
    """Random operations from a pool of so many, and now and then a new one."""
    return Shapes(tuple(draw_operation(Random(seed)) for seed in range(size)), fresh)  # noqa: S311 - no secrets


class Shapes:
    """Where random operations come from.

    Args:
        pool: those that come again and again, so that an engine plans each once.
        fresh: the share of new ones.
    """

    def __init__(self, pool: tuple[Drawn, ...], fresh: float) -> None:
        self._pool = pool
        self._fresh = fresh

    def __call__(self, r: Random) -> Drawn:
        """One operation."""
        return draw_operation(r) if r.random() < self._fresh else r.choice(self._pool)


@asynccontextmanager
async def trials(driver: AsyncDriver, engines: Engines, shapes: Shapes, effort: Effort) -> AsyncIterator[Trials]:
    """Trials with the policy engine and the audit stream that belong to the engines."""
    files = read_policies(POLICIES)
    stream = connect(engines.stream_url, 30.0)
    recorder = writer(stream)
    try:
        async with httpx.AsyncClient(base_url=engines.opa_url or "http://nowhere", timeout=30) as client:
            policy = RegoDecider(files) if engines.opa_url is None else OpaDecider(client)
            yield Trials(driver, policy, files.search, recorder, shapes, effort)
    finally:
        await recorder.close()
        await stream.aclose()
