"""The search for influence is keen enough: it notices every leak that is made on purpose."""

import pytest
from neo4j import AsyncGraphDatabase

from gateway.engines import EngineSet
from graph.constraints import constrain
from tests.noninterference.engines import Shapes, trials
from tests.noninterference.leaks import LEAKS, Leak, aimed, caught_after

BOUND = 1500


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.name)
async def test_a_leak_is_caught(embedded: EngineSet, leak: Leak, caplog: pytest.LogCaptureFixture) -> None:
    """A gateway that leaks is told from one that does not."""
    caplog.set_level("CRITICAL")  # a leaky gateway may fail loudly
    engines = embedded.engines
    auth = (engines.graph_user, engines.graph_password)
    async with AsyncGraphDatabase.driver(engines.graph_uri, auth=auth, notifications_min_severity="OFF") as driver:
        await constrain(driver)
        async with trials(driver, engines, Shapes((), 1.0), aimed(leak)) as tried:
            tried.readers = leak.readers
            with leak.change():
                assert await caught_after(tried, BOUND) is not None
