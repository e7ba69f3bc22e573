"""One world at a time in a database: each takes the place of the one before, under the same ids."""

from neo4j import AsyncDriver, AsyncManagedTransaction

from tests.judge.world import World, _write


async def put(driver: AsyncDriver, world: World, instead_of: World | None) -> None:
    """Write a world in place of another, in one transaction."""
    async with driver.session(notifications_disabled_classifications=["UNRECOGNIZED"]) as session:
        await session.execute_write(_put, world, instead_of)


async def _put(transaction: AsyncManagedTransaction, world: World, instead_of: World | None) -> None:
    if instead_of is not None:
        text = "UNWIND $ids AS i MATCH (c:Child {id: i})<-[:NAMES]-(n:NameKey) DETACH DELETE n"
        await (await transaction.run(text, ids=instead_of.ids("Child"))).consume()
        for label, nodes in instead_of.nodes.items():
            if nodes:
                text = f"UNWIND $ids AS i MATCH (n:{label} {{id: i}}) DETACH DELETE n"
                await (await transaction.run(text, ids=list(nodes))).consume()
    await _write(transaction, world)
