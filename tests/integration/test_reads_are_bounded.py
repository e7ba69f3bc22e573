"""On Neo4j: what is closed is not read, and nothing is ever scanned."""

import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from neo4j import AsyncDriver, AsyncGraphDatabase

from bench.growth.hits import walk
from gateway.engines import EngineSet
from graph.compile import compile_statement
from graph.constraints import constrain
from graph.parameters import alone
from graph.reader import GraphReader
from graph.unlogged import UnloggedText
from resolvers.warm import readings
from schema.operations import OPERATIONS
from tests.conftest import empty
from tests.generative.grants import Table, everything, granted
from tests.generative.harness import Case
from tests.guards.pool import pool
from tests.guards.proof import RULES
from tests.guards.world import ACCOUNT, guard_world
from tests.judge.world import World, store

SCANS = ("Scan",)
WHOLE = """{ child(id: "c1") {
  id number givenName familyName dateOfBirth gender address { lines postcode state }
  carers { relationship parentalResponsibility carer { id givenName familyName phone address { postcode } } }
  involvements { id kind since until lead
    service { id name kind phone email organisation { id name phone } } practitioner { id name role phone email } }
  leadProfessional { id name phone } authority { id name phone }
  access { shielded withheld { field reason } contact { phone } } } }"""


@dataclass
class Noting(GraphReader):
    """A reader that notes every statement with its parameters."""

    driver: AsyncDriver
    statements: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self.driver, 60.0)

    async def _run(self, text: UnloggedText, given: dict[str, Any]) -> list[Any]:
        self.statements.append((text, given))
        return await super()._run(text, given)


@pytest.fixture(name="driver", scope="module")
async def _driver(real: EngineSet, anyio_backend: str) -> AsyncIterator[AsyncDriver]:  # noqa: ARG001
    engines = real.engines
    auth = (engines.graph_user, engines.graph_password)
    async with AsyncGraphDatabase.driver(engines.graph_uri, auth=auth, notifications_min_severity="OFF") as driver:
        await constrain(driver)
        yield driver


@pytest.fixture(name="world", scope="module")
async def _world(driver: AsyncDriver) -> World:
    await empty(driver)
    world = guard_world()
    await store(driver, world)
    async with driver.session() as session:  # plans for this graph, none that was made for a test before
        for text in ("CALL db.prepareForReplanning()", "CALL db.clearQueryCaches()"):
            await (await session.run(text)).consume()
    return world


async def statements(driver: AsyncDriver, case: Case) -> list[tuple[str, dict[str, Any]]]:
    """The statements that an operation is read with."""
    reader = Noting(driver)
    await case.answer(driver, reader=reader)
    return reader.statements


async def hits(driver: AsyncDriver, case: Case) -> int:
    """How often a read touches the store."""
    total = 0
    for text, given in (await statements(driver, case))[1:]:  # the first finds the account
        async with driver.session() as session:
            summary = await (await session.run("PROFILE " + text, given)).consume()
        total += sum(plan.get("dbHits", 0) for plan in walk(summary.profile))
    return total


async def assert_no_scan(driver: AsyncDriver, text: str, given: Mapping[str, Any]) -> None:
    """Fail if Neo4j would scan all nodes, all nodes of a label, or a whole index to run a statement."""
    async with driver.session() as session:
        summary = await (await session.run("EXPLAIN " + text, dict(given))).consume()
    plans = [(plan["operatorType"].partition("@")[0], plan["args"].get("Details")) for plan in walk(summary.plan)]
    assert plans
    assert [plan for plan in plans if plan[0].endswith(SCANS)] == [], text


def only_names() -> Table:
    """Children open their names, and nothing else is open."""
    table: Table = {type_name: {} for type_name in everything()}
    names = frozenset({"givenName", "familyName"})
    return table | {"Child": {key: granted("Child", names) for key in everything()["Child"]}}


async def test_closed_branches_are_not_read(driver: AsyncDriver, world: World) -> None:
    """With only the name open, the store is touched far less than with everything open; without grants, less still."""
    closed: Table = {type_name: {} for type_name in everything()}
    touched = [
        await hits(driver, Case(world, ACCOUNT, table, WHOLE, {})) for table in (everything(), only_names(), closed)
    ]
    whole, names, nothing = touched

    assert whole > 4 * names, touched
    assert names > nothing > 0, touched


async def test_a_value_that_nobody_asked_for_is_not_read(driver: AsyncDriver, world: World) -> None:
    """Under the same statement, an operation that wants one value touches the store less than one that wants all."""
    few, many = [
        await hits(
            driver, Case(world, ACCOUNT, everything(), f'{{ child(id: "c1") {{ involvements {{ {asked} }} }} }}', {})
        )
        for asked in ("kind", "kind since until consent lead")
    ]
    assert few < many


async def test_no_statement_scans(driver: AsyncDriver, world: World) -> None:
    """Every root, relation, filter, search and cut is read by seeks and expansions alone, and so is the account."""
    checked: set[str] = set()
    for asking in pool(world):
        case = Case(world, ACCOUNT, everything(), asking.text, asking.variables, RULES)
        for text, given in await statements(driver, case):
            if text not in checked:
                checked.add(text)
                await assert_no_scan(driver, text, given)
    assert len(checked) > 30


@pytest.mark.usefixtures("world")
async def test_no_warmed_statement_scans(driver: AsyncDriver) -> None:
    """What the gateway has planned before it serves is read by seeks and expansions alone."""
    for statement, reading in readings(OPERATIONS.values()):
        text = compile_statement(statement, statement.kinds(reading.inputs))
        await assert_no_scan(driver, text, alone(statement, reading))


async def test_the_drivers_log_tells_nothing_of_a_read(
    driver: AsyncDriver, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Even where the driver keeps its most talkative log, neither a statement nor what it is given stands in it."""
    with caplog.at_level(logging.DEBUG, "neo4j"):
        ran = await statements(driver, Case(world, ACCOUNT, everything(), WHOLE, {}))
    assert "C: RUN" in caplog.text
    assert len(ran) > 1
    assert [told for told in ("MATCH", ACCOUNT, '"c1"', "'c1'") if told in caplog.text] == []
