"""The pipeline and the judge agree on any graph, for any principal, under any grants, about any operation."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from neo4j import AsyncDriver

from gateway.engines import EngineSet
from tests.generative.grants import random_grants
from tests.generative.harness import Case, agree
from tests.generative.operations import Drawn, bind, draw_operation
from tests.generative.profile import examples
from tests.generative.worlds import new_place, random_world
from tests.judge.world import held, same, store

POOL = tuple(draw_operation(Random(seed), most=20 if seed == 0 else 6) for seed in range(12))  # noqa: S311 - no secrets
"""Shapes for Neo4j, which takes about a second to plan a new one."""
SEEDS = st.integers(0, 2**32 - 1)
Shapes = Callable[[Random], Drawn]


@pytest.fixture(name="shapes", scope="session")
def _shapes(engine_set: EngineSet) -> Shapes:
    """Where operations come from: on Neo4j from the pool, else freshly drawn."""
    if engine_set.engines.opa_url is None:
        return lambda r: draw_operation(r, most=r.choice((5, 9, 9, 9, 9, 40)))
    return lambda r: r.choice(POOL)


@examples(quick=50)
@given(made=SEEDS, asked=SEEDS)
async def test_answer_and_record_are_the_judges(
    graph_driver: AsyncDriver, shapes: Shapes, made: int, asked: int
) -> None:
    """Data, order, accounts of what was withheld and the audit record are what the judge says, byte for byte."""
    place = new_place()
    world = random_world(Random(made), place)  # noqa: S311 - no secrets
    await store(graph_driver, world)
    assert same(await held(graph_driver, world), world)
    r = Random(asked)  # noqa: S311 - no secrets
    drawn = shapes(r)
    for _ in range(4):
        account = r.choice(world.ids("Account"))
        given_variables = bind(drawn, world, place, r)
        await agree(graph_driver, Case(world, account, random_grants(r), drawn.text, given_variables))
