"""A read that a writer gets in the way of is begun again, a few times."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from neo4j.exceptions import Neo4jError

from graph.reader import GraphReader
from resolvers.refusals import Refusal

pytestmark = pytest.mark.anyio
CONFLICT = "Neo.TransientError.Transaction.DeadlockDetected"
BUSY = "Neo.TransientError.General.MemoryPoolOutOfMemoryError"


@dataclass
class Conflicting:
    """A driver whose first reads fail.

    Attributes:
        failures: how many reads fail yet.
        code: what they fail with.
        reads: how many there were.
    """

    failures: int
    code: str = CONFLICT
    reads: int = 0

    @asynccontextmanager
    async def session(self, **_settings: Any) -> AsyncIterator["Conflicting"]:
        """A session."""
        yield self

    async def run(self, *_given: Any) -> Any:
        """One read, which finds nothing."""
        self.reads += 1
        if self.reads <= self.failures:
            raise Neo4jError._hydrate_neo4j(code=self.code, message="a writer was faster")
        return _nothing()


async def _nothing() -> AsyncIterator[Any]:
    nothing: tuple[Any, ...] = ()
    for record in nothing:
        yield record


@pytest.mark.parametrize("failures", [0, 1, 3])
async def test_a_read_is_begun_again_after_a_conflict(failures: int) -> None:
    """A writer that changes the same pages delays a read, and does not fail it."""
    driver = Conflicting(failures)
    assert await GraphReader(driver, 1.0).account("a") is None  # type: ignore[arg-type]
    assert driver.reads == failures + 1


@pytest.mark.parametrize(("failures", "code", "reads"), [(9, CONFLICT, 4), (1, BUSY, 1)])
async def test_conflicts_without_end_are_refused(failures: int, code: str, reads: int) -> None:
    """A read that fails again and again, or for want of memory, is refused."""
    driver = Conflicting(failures, code)
    with pytest.raises(Refusal, match="GRAPH_UNAVAILABLE"):
        await GraphReader(driver, 1.0).account("a")  # type: ignore[arg-type]
    assert driver.reads == reads
