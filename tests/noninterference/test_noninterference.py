"""What policy withholds has no influence on any response, nor on what it costs."""

import pytest
from neo4j import AsyncDriver

from gateway.engines import EngineSet
from tests.generative.test_agreement import POOL
from tests.noninterference.engines import Shapes, trials
from tests.noninterference.trials import Effort

REAL, EMBEDDED = 400, 2400


async def test_what_is_withheld_changes_nothing(
    graph_driver: AsyncDriver, engine_set: EngineSet, caplog: pytest.LogCaptureFixture
) -> None:
    """Two graphs that differ in withheld facts alone give the same bytes for the same number of calls."""
    caplog.set_level("CRITICAL")  # requests gone wrong are part of it
    real = engine_set.engines.opa_url is not None
    shapes = Shapes(POOL[-8:], 0.0) if real else Shapes(POOL, 0.05)
    effort = Effort(variants=4, directed=8, drawn=3, broken=3)
    found, seed = [], 0
    async with trials(graph_driver, engine_set.engines, shapes, effort) as tried:
        while tried.count < (REAL if real else EMBEDDED):
            found += [case async for case in tried.cases(seed) if case.differs]
            seed += 1
        assert found == []
        assert tried.releases.unlisted == []
        assert set(tried.modes) == set(effort.modes)
