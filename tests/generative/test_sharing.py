"""Those who ask alike at the same time share statements, and each is answered as if they had asked alone."""

import asyncio
from dataclasses import dataclass, field, replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from neo4j import AsyncDriver

from graph.reader import GraphReader
from resolvers.model import Account, Row
from resolvers.ports import Reading
from resolvers.tree import Statement
from tests.generative.grants import random_grants
from tests.generative.harness import Case, FixedDecisions, agree
from tests.generative.operations import Drawn, bind
from tests.generative.profile import examples
from tests.generative.test_agreement import POOL
from tests.generative.test_mediation import RULES
from tests.generative.worlds import Place, new_place, random_world
from tests.guards.mutants import with_text
from tests.judge.world import World, store

SEEDS = st.integers(0, 2**32 - 1)
TOGETHER = 8
ROLES = 3
"""Among how many grants they are, so that some have theirs in common."""
MIXED = {
    "grants": (r"\$all\.grants\[each\.g\]", "$all.grants[0]"),
    "person": (r"\bask\.me\.(practitioner|organisation|area)\b", r"head($all.asks).me.\1"),
    "second person": (r"\bask\.you\.(practitioner|organisation|area)\b", r"head($all.asks).you.\1"),
    "arguments": (r"\bask\.a\.", "head($all.asks).a."),
}
"""Ways to mix up those who share a statement: each is read by a part of what another asks."""


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


async def asked_together(driver: AsyncDriver, made: int, asked: int, *, mediated: bool) -> list[AssertionError]:
    """Have several accounts ask the same at once, about other records under other grants; gives what is wrong."""
    place, r = new_place(), Random(asked)  # noqa: S311 - no secrets
    world = random_world(Random(made), place)  # noqa: S311 - no secrets
    await store(driver, world)
    drawn = r.choice(POOL[:2] if mediated else POOL)  # Neo4j takes long to plan more
    roles = [FixedDecisions(random_grants(r), random_grants(r)) for _ in range(ROLES)]
    cases = [(_case(world, drawn, place, role, r, mediated=mediated), role) for role in r.choices(roles, k=TOGETHER)]
    shared: list[int] = []
    reader = Together(GraphReader(driver, 60.0, shared.append))
    asking = (agree(driver, case, reader, role) for case, role in cases)
    outcomes = await asyncio.gather(*asking, return_exceptions=True)
    wrong = [outcome for outcome in outcomes if isinstance(outcome, AssertionError)]
    for outcome in outcomes:
        if outcome is not None and outcome not in wrong:
            raise outcome
    assert max(shared) > 1, "nobody shared a statement"
    return wrong


def _case(world: World, drawn: Drawn, place: Place, role: FixedDecisions, r: Random, *, mediated: bool) -> Case:
    accounts = world.ids("Account")
    one, two = r.sample(accounts, 2) if len(accounts) > 1 else (accounts[0], None)
    case = Case(world, one, role.table, drawn.text, bind(drawn, world, place, r), RULES)
    return replace(case, other=two, theirs=role.theirs) if mediated and two else case


@examples(quick=16)
@given(made=SEEDS, asked=SEEDS, mediated=st.booleans())
async def test_who_shares_a_statement_is_answered_as_if_alone(
    graph_driver: AsyncDriver, made: int, asked: int, *, mediated: bool
) -> None:
    """Eight who ask the same at once, in three roles, get data and record as the judge says of each alone."""
    for wrong in await asked_together(graph_driver, made, asked, mediated=mediated):
        raise wrong


@pytest.mark.parametrize("mixed", MIXED)
async def test_a_mixed_up_statement_is_noticed(graph_driver: AsyncDriver, mixed: str) -> None:
    """If a statement looked at another's part of what is asked, those who share it would not be answered so."""
    with with_text(*MIXED[mixed]):
        for seed in range(20):
            if await asked_together(graph_driver, seed, seed, mediated=mixed == "second person"):
                return
    pytest.fail("nobody noticed")
