"""All trials in one go, on a database that holds nothing else under these ids."""

from collections.abc import AsyncIterator

from neo4j import AsyncDriver

from graph.constraints import constrain
from tests.guards.conditions import TRIALS
from tests.guards.proof import Proof, Trial
from tests.guards.world import guard_world
from tests.judge.world import store


async def all_trials(driver: AsyncDriver) -> AsyncIterator[Trial]:
    """Write the world, then take out one thing after another."""
    await constrain(driver)
    world = guard_world()
    await store(driver, world)
    proof = Proof(driver, world)
    for trials in (Proof.guard_trials, *TRIALS):
        async for trial in trials(proof):
            yield trial
