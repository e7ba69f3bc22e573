"""Writes a population to the graph over Bolt, in statements that Neo4j and ArcadeDB run alike.

The constraints on ids are taken to be there: without them every link would scan all records.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, LiteralString

from neo4j import AsyncDriver, AsyncManagedTransaction, AsyncSession

from seed.population import Population
from seed.shape import LINKS, NAME_KEY, NODES, Batch, Link, Row

DATABASE: Final = "neo4j"
_ROWS: Final = 2000
"""Rows in one statement at the most."""
_DELETED_AT_ONCE: Final = 5000
_DONE: Final = "Population"
"""The label of the one node that says a load has come to its end."""


@dataclass(frozen=True)
class Counts:
    """What has been written.

    Attributes:
        nodes: for each label, the number of records.
        links: for each type, the number of relationships.
    """

    nodes: dict[str, int]
    links: dict[str, int]


class GraphNotEmptyError(Exception):
    """The graph holds children already, of a finished load or of one that was broken off."""


def _properties(names: Iterable[str]) -> str:
    return ", ".join(f"{name}: r.{name}" for name in names)


def _node_statement(label: str) -> str:
    # Each property by name: `SET n += r` takes ArcadeDB ten times as long.
    return f"UNWIND $rows AS r CREATE (:{label} {{{_properties(NODES[label])}}})"


def _link_statement(link: Link) -> str:
    properties = f" {{{_properties(LINKS[link])}}}" if LINKS[link] else ""
    return (
        f"UNWIND $rows AS r MATCH (a:{link.start} {{id: r.start}}) MATCH (b:{link.end} {{id: r.end}}) "
        f"CREATE (a)-[:{link.type}{properties}]->(b)"
    )


_NAME_KEY_STATEMENT: Final = (
    f"UNWIND $rows AS r MATCH (c:Child {{id: r.child}}) CREATE (:NameKey {{{_properties(NAME_KEY)}}})-[:NAMES]->(c)"
)


def _statements(batch: Batch) -> Iterator[tuple[str, list[Row]]]:
    for label, rows in batch.nodes.items():
        yield _node_statement(label), rows
    for link, rows in batch.links.items():
        yield _link_statement(link), rows
    yield _NAME_KEY_STATEMENT, batch.name_keys


def _pieces(rows: Sequence[Row]) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while piece := list(islice(remaining, _ROWS)):
        yield piece


async def _write(transaction: AsyncManagedTransaction, batch: Batch) -> None:
    for text, rows in _statements(batch):
        for piece in _pieces(rows):
            result = await transaction.run(text, rows=piece)
            await result.consume()


def _session(driver: AsyncDriver) -> AsyncSession:
    # Neo4j warns of every label that it has not met yet, and an empty graph has met few.
    return driver.session(database=DATABASE, notifications_disabled_classifications=["UNRECOGNIZED"])


async def _number(session: AsyncSession, text: LiteralString) -> int:
    record = await (await session.run(text)).single(strict=True)
    return int(record["n"])


async def _sign(transaction: AsyncManagedTransaction, population: Population) -> None:
    result = await transaction.run(
        f"CREATE (:{_DONE} {{children: $children, seed: $seed, today: $today}})",
        children=population.children,
        seed=population.seed,
        today=population.today.isoformat(),
    )
    await result.consume()


async def is_seeded(driver: AsyncDriver) -> bool:
    """Whether the graph holds a population whose load came to its end."""
    async with _session(driver) as session:
        return await _number(session, f"MATCH (p:{_DONE}) RETURN count(p) AS n") > 0


async def load(driver: AsyncDriver, population: Population, progress: Callable[[int, int], None]) -> Counts:
    """Write a population into an empty graph.

    Each batch is one transaction. A load that was broken off leaves a graph that is not seeded: clear it, load again.

    Args:
        driver: of the graph, whose constraints on ids exist.
        population: what to write.
        progress: called after each batch with the number of children written, and of all children.

    Raises:
        GraphNotEmptyError: there are children in the graph.
        neo4j.exceptions.Neo4jError: the database refused a statement, or is out of reach.
    """
    nodes: dict[str, int] = {}
    links: dict[str, int] = {}
    async with _session(driver) as session:
        if await _number(session, "MATCH (c:Child) WITH c LIMIT 1 RETURN count(c) AS n"):
            raise GraphNotEmptyError("The graph already holds children. Empty it first, with directory seed --anew.")
        for batch in population.batches():
            await session.execute_write(_write, batch)
            for label, rows in batch.nodes.items():
                nodes[label] = nodes.get(label, 0) + len(rows)
            for link, rows in batch.links.items():
                links[link.type] = links.get(link.type, 0) + len(rows)
            nodes["NameKey"] = nodes.get("NameKey", 0) + len(batch.name_keys)
            progress(nodes["Child"], population.children)
        await session.execute_write(_sign, population)
    links["NAMES"] = nodes["NameKey"]
    return Counts(nodes, links)


async def clear(driver: AsyncDriver) -> None:
    """Delete a population, whole or broken off, a few thousand records at a time; constraints stay.

    From the first moment on the graph is not seeded.
    """
    async with _session(driver) as session:
        for label in (_DONE, "NameKey", *reversed(NODES)):
            text = f"MATCH (n:{label}) WITH n LIMIT {_DELETED_AT_ONCE} DETACH DELETE n RETURN count(n) AS n"
            while await _number(session, text):
                pass
