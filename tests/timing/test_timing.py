"""A child whom somebody may not see costs what one costs who is not there."""

import random
from pathlib import Path

import pytest
from neo4j import AsyncDriver

from bench.growth.hits import counted
from gateway.engines import EngineSet
from gateway.policy.files import read_policies
from tests.conftest import empty
from tests.guards.world import ACCOUNT, guard_world
from tests.judge.world import store
from tests.timing.ranks import compare
from tests.timing.work import Work, Worker

pytestmark = pytest.mark.anyio
AUDITOR = "auditor"
MOST_HITS = 200
"""How much more an invisible child may touch Neo4j's store than an absent one: she is found, and her class worked out.

That remains, see docs/security-tests-load.md: it grows with her siblings and involvements, and is no value of hers.
"""


@pytest.fixture(name="worker", scope="module")
async def _worker(engine_set: EngineSet, graph_driver: AsyncDriver) -> Worker:
    await empty(graph_driver)
    world = guard_world()
    dates = {"trainedOn": "2026-01-01", "vettedOn": "2026-01-02", "agreementSignedOn": "2026-01-03"}
    world.add("Account", AUDITOR, version=1, roles=["auditor"], suspended=False, vetting="enhanced", **dates)
    world.link("BELONGS_TO", AUDITOR, "p1")
    world.link("MEMBER_OF", AUDITOR, "here")
    await store(graph_driver, world)
    policies, profiled = read_policies(Path(__file__).parents[2] / "policies"), engine_set.engines.opa_url is not None
    if profiled:
        await counted(graph_driver)
    return Worker(graph_driver, policies, profiled=profiled)


async def _both(worker: Worker, account: str, purpose: str, invisible: str) -> tuple[Work, Work]:
    """The work for an invisible child and for an absent one."""
    return await worker.work(account, purpose, invisible), await worker.work(account, purpose, "nobody")


@pytest.mark.parametrize(
    ("account", "purpose", "invisible"),
    [
        (ACCOUNT, "safeguarding", "shielding-missing"),
        (AUDITOR, "audit-review", "c1"),
        (AUDITOR, "audit-review", "protected-here"),
        (AUDITOR, "audit-review", "shielded-here"),
    ],
    ids=["without a class", "to auditors", "protected, to auditors", "shielded, to auditors"],
)
async def test_invisible_and_absent_are_the_same_work(
    worker: Worker, account: str, purpose: str, invisible: str
) -> None:
    """The same answer, statements, parameters, questions and entries; Neo4j runs the same operators."""
    hidden, absent = await _both(worker, account, purpose, invisible)
    assert hidden.data == absent.data == {"child": None}
    assert hidden.statements == absent.statements
    assert (hidden.questions, hidden.entries) == (absent.questions, absent.entries) == (1, 1)
    assert hidden.operators == absent.operators
    print(f"database hits: invisible {hidden.hits}, absent {absent.hits}")  # noqa: T201 - told by pytest -rP
    assert 0 <= hidden.hits - absent.hits <= MOST_HITS


async def test_the_rank_test_tells_samples_apart() -> None:
    """Equal samples are not told apart, and a shift that a person would not see is."""
    r = random.Random(5)  # noqa: S311 - no secrets
    first, second = ([r.gauss(10, 1) for _ in range(2000)] for _ in range(2))
    assert compare(first, second).p > 0.01
    shifted = compare(first, [value + 0.2 for value in second])
    assert shifted.p < 0.001
    assert shifted.larger > 0.5
    assert compare([1.0, 1.0], [1.0, 1.0]).p == 1.0
