"""The graph: loaded once, and the children that are asked about chosen from it."""

from collections.abc import Callable

from neo4j import AsyncDriver, AsyncGraphDatabase

from bench.answer import STATEMENT, answer_of, leaves
from bench.model import BenchError, Json
from bench.people import Peopled
from gateway.engines.model import Engines
from graph.constraints import constrain
from seed.load import clear, load

FIELDS = range(70, 81)
"""How many values an answer has: about 75."""
HOT = 500
"""How many children are asked about, in turn."""
_OPEN = (
    "MATCH (c:Child) WHERE c.id >= $after AND c.shielded = false AND size(c.formerGivenNames) = 0 "
    "AND NOT EXISTS { MATCH (c)<-[:CARES_FOR]-(:Carer)-[:CARES_FOR]->(z:Child) WHERE z.shielded <> false } "
    "AND NOT EXISTS { MATCH (c)<-[:CARES_FOR]-(:Carer)-[:CARES_FOR]->(:Child)<-[:CARES_FOR]-(:Carer)"
    "-[:CARES_FOR]->(z:Child) WHERE z.shielded <> false } "
    "AND NOT EXISTS { MATCH (c)<-[:OF]-(i:Involvement) WHERE i.kind = 'SENSITIVE' } "
    "RETURN c.id AS id ORDER BY id LIMIT $most"
)
"""Children of whom a social worker sees everything: what shows is the same for whoever answers."""


def driver_of(engines: Engines) -> AsyncDriver:
    """A driver of a graph."""
    return AsyncGraphDatabase.driver(
        engines.graph_uri, auth=(engines.graph_user, engines.graph_password), notifications_min_severity="OFF"
    )


async def seeded(engines: Engines, people: Peopled, progress: Callable[[int, int], None]) -> None:
    """Have a graph hold a population; nothing is done where it does."""
    wanted = (people.children, people.seed, people.today.isoformat())
    async with driver_of(engines) as driver:
        await constrain(driver)
        text = "MATCH (p:Population) RETURN p.children AS children, p.seed AS seed, p.today AS today"
        found, _, _ = await driver.execute_query(text)
        if [tuple(each) for each in found] != [wanted]:
            await clear(driver)
            await load(driver, people, progress)


async def chosen(engines: Engines, today: str, count: int = HOT) -> dict[str, Json]:
    """Children whose answer has about 75 values, each with its answer by a plain statement.

    Raises:
        BenchError: there are too few.
    """
    found: dict[str, Json] = {}
    async with driver_of(engines) as driver:
        ids, _, _ = await driver.execute_query(_OPEN, after="4", most=20 * count)
        async with driver.session(default_access_mode="READ") as session:
            for each in ids:
                row = await (await session.run(STATEMENT, id=each["id"], today=today)).single(strict=True)
                answer = answer_of(row.values())
                if leaves(answer) in FIELDS:
                    found[each["id"]] = answer
                if len(found) == count:
                    return found
    raise BenchError(f"Only {len(found)} children have an answer of about 75 values, and {count} are needed.")
