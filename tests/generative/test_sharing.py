"""Those who ask alike at the same time share statements, and each is answered as if they had asked alone."""

import asyncio
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from neo4j import AsyncDriver

from graph.reader import GraphReader
from resolvers.model import Account
from resolvers.ports import Reading, Row
from resolvers.tree import Statement
from tests.generative.grants import random_grants
from tests.generative.harness import Case, agree
from tests.generative.operations import bind
from tests.generative.profile import examples
from tests.generative.test_agreement import POOL
from tests.generative.worlds import new_place, random_world
from tests.guards.mutants import with_text
from tests.judge.world import store

SEEDS = st.integers(0, 2**32 - 1)
TOGETHER = 8
MIXED = {
    "another's grants": (r"\bask\.g\.", "head($all.asks).g."),
    "another's person": (r"\bask\.me\.(practitioner|organisation|area)", r"head($all.asks).me.\1"),
    "another's arguments": (r"\bask\.a\.", "head($all.asks).a."),
}
"""Ways to mix up those who share a statement."""


@dataclass
class Together:
    """A reader that lets nobody begin before everybody is there.

    Attributes:
        here: where everybody meets.
        begun: how many reads have met there.
    """

    reader: GraphReader
    here: asyncio.Barrier = field(default_factory=lambda: asyncio.Barrier(TOGETHER))
    begun: int = 0

    async def account(self, account_id: str) -> Account | None:
        """The facts of an account."""
        return await self.reader.account(account_id)

    async def read(self, statement: Statement, reading: Reading) -> list[list[Row]] | None:
        """The rows, the first ones together with everybody's."""
        if self.begun < TOGETHER:
            self.begun += 1
            async with asyncio.timeout(60):
                await self.here.wait()
        return await self.reader.read(statement, reading)


async def asked_together(driver: AsyncDriver, made: int, asked: int) -> list[Any]:
    """Have several accounts ask the same at once, about other records under other grants; gives what failed."""
    place, r = new_place(), Random(asked)  # noqa: S311 - no secrets
    world = random_world(Random(made), place)  # noqa: S311 - no secrets
    await store(driver, world)
    drawn = r.choice(POOL)
    cases = [
        Case(world, r.choice(world.ids("Account")), random_grants(r), drawn.text, bind(drawn, world, place, r))
        for _ in range(TOGETHER)
    ]
    reader = Together(GraphReader(driver, 60.0))
    outcomes = await asyncio.gather(*(agree(driver, case, reader) for case in cases), return_exceptions=True)
    assert reader.begun == TOGETHER
    return [outcome for outcome in outcomes if outcome is not None]


@examples(quick=20)
@given(made=SEEDS, asked=SEEDS)
async def test_who_shares_a_statement_is_answered_as_if_alone(graph_driver: AsyncDriver, made: int, asked: int) -> None:
    """Eight who ask the same at once, each under grants of their own, get data and record as the judge says."""
    for failed in await asked_together(graph_driver, made, asked):
        raise failed


@pytest.mark.parametrize("pattern", MIXED.values(), ids=MIXED)
async def test_a_mixed_up_statement_is_noticed(graph_driver: AsyncDriver, pattern: tuple[str, str]) -> None:
    """If a statement looked at another's part of what is asked, those who share it would not be answered so."""
    with with_text(*pattern):
        for seed in range(20):
            if await asked_together(graph_driver, seed, seed):
                return
    pytest.fail("nobody noticed")
