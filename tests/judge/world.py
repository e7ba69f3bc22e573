"""A small graph in memory, how it is written to a database, and the proof that the database holds just that."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from neo4j import AsyncDriver, AsyncManagedTransaction

from graph.constraints import LABELS
from graph.names import name_keys

Props = Mapping[str, Any]


@dataclass(frozen=True)
class Edge:
    """A relationship of the graph."""

    kind: str
    start: str
    end: str
    props: Props = field(default_factory=dict)


ENDS = {
    "CARES_FOR": ("Carer", "Child"),
    "OF": ("Involvement", "Child"),
    "AT": ("Involvement", "Service"),
    "BY": ("Involvement", "Practitioner"),
    "PART_OF": ("Service", "Organisation"),
    "WORKS_FOR": ("Practitioner", "Service"),
    "WITHIN": ("Organisation", "Organisation"),
    "RESIDES_IN": ("Child", "Organisation"),
    "BELONGS_TO": ("Account", "Practitioner"),
    "MEMBER_OF": ("Account", "Organisation"),
}
"""The labels at the start and the end of each kind of relationship."""


@dataclass
class World:
    """Nodes by label and id, and edges."""

    nodes: dict[str, dict[str, Props]] = field(default_factory=lambda: {label: {} for label in LABELS})
    edges: list[Edge] = field(default_factory=list)

    def add(self, label: str, node_id: str, **props: Any) -> str:
        """Add a node; a property of None is absent. Returns the id."""
        self.nodes[label][node_id] = {"id": node_id, **{k: v for k, v in props.items() if v is not None}}
        return node_id

    def link(self, kind: str, start: str, end: str, **props: Any) -> None:
        """Add an edge; a property of None is absent."""
        self.edges.append(Edge(kind, start, end, {k: v for k, v in props.items() if v is not None}))

    def from_(self, kind: str, start: str) -> list[str]:
        """The ends of the edges of a kind that start at a node."""
        return [edge.end for edge in self.edges if edge.kind == kind and edge.start == start]

    def to(self, kind: str, end: str) -> list[str]:
        """The starts of the edges of a kind that end at a node."""
        return [edge.start for edge in self.edges if edge.kind == kind and edge.end == end]

    def ids(self, label: str) -> list[str]:
        """The ids of a label's nodes, in order."""
        return sorted(self.nodes[label])

    def name_keys(self) -> Iterator[dict[str, Any]]:
        """The name keys of every child, each with the child's id."""
        for child_id, child in self.nodes["Child"].items():
            former = list(zip(child.get("formerGivenNames", []), child.get("formerFamilyNames", []), strict=True))
            born, place = child.get("dateOfBirth", ""), child.get("postcode")
            for key in name_keys(child.get("givenName", ""), child.get("familyName", ""), former, born, place):
                props = {name: value for name, value in key.items() if value is not None}
                yield {"child": child_id, "props": props}


async def _write(transaction: AsyncManagedTransaction, world: World) -> None:
    for label, nodes in world.nodes.items():
        if nodes:
            text = f"UNWIND $rows AS row CREATE (n:{label}) SET n = row"
            await (await transaction.run(text, rows=list(nodes.values()))).consume()
    for kind, (start, end) in ENDS.items():
        rows = [{"s": e.start, "e": e.end, "p": dict(e.props)} for e in world.edges if e.kind == kind]
        if rows:
            text = (
                f"UNWIND $rows AS row MATCH (s:{start} {{id: row.s}}) MATCH (e:{end} {{id: row.e}}) "
                f"CREATE (s)-[r:{kind}]->(e) SET r = row.p"
            )
            await (await transaction.run(text, rows=rows)).consume()
    keys = list(world.name_keys())
    if keys:
        text = "UNWIND $rows AS row MATCH (c:Child {id: row.child}) CREATE (n:NameKey)-[:NAMES]->(c) SET n = row.props"
        await (await transaction.run(text, rows=keys)).consume()


async def store(driver: AsyncDriver, world: World) -> None:
    """Write a world beside whatever the database holds already; its ids must be its own."""
    async with driver.session(notifications_disabled_classifications=["UNRECOGNIZED"]) as session:
        await session.execute_write(_write, world)


async def held(driver: AsyncDriver, world: World) -> World:
    """What the database holds under the ids of a world, read with one plain query for each label."""
    found = World()
    async with driver.session(notifications_disabled_classifications=["UNRECOGNIZED"]) as session:
        for label, nodes in world.nodes.items():
            text = f"UNWIND $ids AS i MATCH (n:{label} {{id: i}}) RETURN properties(n) AS props"
            async for record in await session.run(text, ids=list(nodes)):
                found.nodes[label][record["props"]["id"]] = record["props"]
        for kind, (start, end) in ENDS.items():
            text = (
                f"UNWIND $ids AS i MATCH (s:{start} {{id: i}})-[r:{kind}]->(e:{end}) "
                "RETURN i, e.id AS end, properties(r) AS props"
            )
            async for record in await session.run(text, ids=list(world.nodes[start])):
                found.edges.append(Edge(kind, record["i"], record["end"], record["props"]))
    return found


def same(one: World, other: World) -> bool:
    """Whether two worlds are equal, whatever the order of their edges."""

    def listed(world: World) -> list[str]:
        return sorted(f"{e.kind} {e.start} {e.end} {sorted(e.props.items())}" for e in world.edges)

    return one.nodes == other.nodes and listed(one) == listed(other)
