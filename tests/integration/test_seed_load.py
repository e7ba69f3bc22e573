"""Loading the population into a graph: all of it, once, and with every value as it was generated."""

from datetime import date

import pytest
from neo4j import AsyncDriver

from seed.cast import cast_json
from seed.load import DATABASE, Counts, GraphNotEmptyError, clear, is_seeded, load
from seed.population import population

PEOPLE = population(300, 1, date(2026, 11, 24))


class BrokenOffError(Exception):
    """Whatever may end a load before its time."""


async def written(driver: AsyncDriver, counts: Counts) -> Counts:
    """What the graph itself counts for every label and type of link in the counts."""
    nodes, links = {}, {}
    for label in counts.nodes:
        records, _, _ = await driver.execute_query(f"MATCH (n:{label}) RETURN count(n) AS n", database_=DATABASE)
        nodes[label] = records[0]["n"]
    for kind in counts.links:
        records, _, _ = await driver.execute_query(f"MATCH ()-[r:{kind}]->() RETURN count(r) AS n", database_=DATABASE)
        links[kind] = records[0]["n"]
    return Counts(nodes, links)


@pytest.fixture(name="empty")
async def _empty(graph_driver: AsyncDriver) -> AsyncDriver:
    await clear(graph_driver)
    return graph_driver


async def test_a_load_writes_everything_and_tells_how_far_it_is(empty: AsyncDriver) -> None:
    """The graph holds what the counts say, and progress rises to the number of children asked for."""
    steps: list[tuple[int, int]] = []
    counts = await load(empty, PEOPLE, lambda done, of: steps.append((done, of)))

    assert counts == await written(empty, counts)
    assert counts.nodes["Child"] == 300
    assert steps == sorted(steps)
    assert steps[-1] == (300, 300)
    assert await is_seeded(empty)


async def test_values_arrive_as_they_were_generated(empty: AsyncDriver) -> None:
    """Every property of every child is in the graph, and what is unknown is absent."""
    await load(empty, PEOPLE, lambda _done, _of: None)
    rows = {row["id"]: row for batch in PEOPLE.batches() for row in batch.nodes["Child"]}
    records, _, _ = await empty.execute_query(
        "MATCH (c:Child) RETURN properties(c) AS row ORDER BY c.id", database_=DATABASE
    )

    assert [record["row"] for record in records] == [rows[id_] for id_ in sorted(map(str, rows))]


async def test_the_cast_can_be_walked_from_account_to_child(empty: AsyncDriver) -> None:
    """The social worker of the cast reaches open-child through an involvement of her own."""
    await load(empty, PEOPLE, lambda _done, _of: None)
    cast = cast_json()
    records, _, _ = await empty.execute_query(
        "MATCH (a:Account {id: $account})-[:BELONGS_TO]->(p:Practitioner) MATCH (p)<-[:BY]-(i:Involvement)-[:OF]->(c) "
        "RETURN c.id AS child, i.lead AS lead",
        {"account": cast["accounts"]["social-worker"]},
        database_=DATABASE,
    )

    assert [(record["child"], record["lead"]) for record in records] == [(cast["children"]["open-child"], True)]


async def test_a_graph_that_holds_children_is_left_alone(empty: AsyncDriver) -> None:
    """A second load is refused before it writes anything."""
    counts = await load(empty, PEOPLE, lambda _done, _of: None)
    with pytest.raises(GraphNotEmptyError, match="Empty it first"):
        await load(empty, population(400, 2, date(2026, 11, 24)), lambda _done, _of: None)

    assert await written(empty, counts) == counts


async def test_a_load_that_is_broken_off_leaves_a_graph_that_is_not_seeded(empty: AsyncDriver) -> None:
    """Only a load that came to its end counts; after clearing, the graph is empty and can be loaded again."""

    def interrupt(done: int, _of: int) -> None:
        if done:
            raise BrokenOffError

    with pytest.raises(BrokenOffError):
        await load(empty, PEOPLE, interrupt)
    assert not await is_seeded(empty)

    await clear(empty)
    records, _, _ = await empty.execute_query("MATCH (n) RETURN count(n) AS n", database_=DATABASE)
    assert records[0]["n"] == 0
    await load(empty, PEOPLE, lambda _done, _of: None)
    assert await is_seeded(empty)
