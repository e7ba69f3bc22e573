"""Shielding, moving and un-shielding children, so that no reader sees a protected value under an older class.

A read is read-committed even within one statement: it may work out a child's class, and read her values after another
transaction has changed both. And a search, or a walk from a service to its children, meets a value or a link before it
works out the class of the child it leads to. So the shield and what only the shield may cover are never one
transaction, and between the two every read that had begun must have ended: the shield commits first and is lifted last.

Source: domain rule "a shielded record names no place"; design rule "writers protect first".
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from neo4j import AsyncDriver, AsyncManagedTransaction

Write = Callable[[AsyncManagedTransaction], Awaitable[object]]
"""Writes values within a transaction, which may be run again from its start."""
Drain = Callable[[], Awaitable[object]]
"""Returns when every read that had begun before the call has ended, on every replica."""

_FLAG = (
    "UNWIND $children AS child MATCH (c:Child {id: child}) WHERE c.shielded IS NULL OR c.shielded <> $shielded "
    "SET c.shielded = $shielded RETURN count(c) AS changed"
)

_LEAVE = "UNWIND $children AS child MATCH (:Child {id: child})-[r:RESIDES_IN]->(:Organisation) DELETE r"


def longest_read(deadline: float, lag: float = 0.0) -> Drain:
    """The drain that knows nothing of single reads: it waits for as long as one may take.

    Args:
        deadline: the longest time from a request to its answer, on any gateway, in seconds; a statement that the
            graph still works on after it has no reader any more.
        lag: how far a replica may be behind, in seconds.
    """

    async def wait() -> None:
        await asyncio.sleep(deadline + lag)

    return wait


async def shield(driver: AsyncDriver, children: Sequence[str], protect: Write, drained: Drain) -> int:
    """Shield children, and then write what only their shield may cover: where they live now, their school, a phone.

    If it is broken off, the children are shielded and some values are not written yet: call it again.

    Args:
        driver: the graph.
        children: their identifiers; those who are shielded already stay so.
        protect: writes the protected values.
        drained: waits until no read can hold the older class.

    Returns:
        How many were not shielded before.

    Raises:
        DriverError: the graph cannot be reached.
        Neo4jError: it does not accept a statement.
    """
    changed = await _flag(driver, children, shielded=True)
    await drained()
    async with driver.session() as session:
        await session.execute_write(protect)
    return changed


async def move(driver: AsyncDriver, children: Sequence[str], settle: Write, drained: Drain) -> None:
    """Move shielded children to another authority: while they belong to none, nobody is cleared for them.

    The officers of the authority that they leave must not see where they go, and a read may have found them cleared
    before it comes to the address. If it is broken off, nobody is cleared: call it again.

    Args:
        driver: the graph.
        children: their identifiers.
        settle: writes what is new, the link ``RESIDES_IN`` to the new authority included.
        drained: waits until no read can hold that somebody is cleared.

    Raises:
        DriverError: the graph cannot be reached.
        Neo4jError: it does not accept a statement.
    """

    async def leave(transaction: AsyncManagedTransaction) -> None:
        await (await transaction.run(_LEAVE, children=list(children))).consume()

    async with driver.session() as session:
        await session.execute_write(leave)
        await drained()
        await session.execute_write(settle)


async def unshield(driver: AsyncDriver, children: Sequence[str], disclose: Write, drained: Drain) -> int:
    """Replace or remove every protected value of children, and then lift their shield.

    If it is broken off, the children are still shielded: call it again.

    Args:
        driver: the graph.
        children: their identifiers.
        disclose: leaves no value behind that only the shield may cover.
        drained: waits until no read can hold a value that was replaced, or have met a link that was removed.

    Returns:
        How many were shielded before.

    Raises:
        DriverError: the graph cannot be reached.
        Neo4jError: it does not accept a statement.
    """
    async with driver.session() as session:
        await session.execute_write(disclose)
    await drained()
    return await _flag(driver, children, shielded=False)


async def _flag(driver: AsyncDriver, children: Sequence[str], *, shielded: bool) -> int:
    """Set the shield of children, in a transaction of its own."""

    async def write(transaction: AsyncManagedTransaction) -> int:
        result = await transaction.run(_FLAG, children=list(children), shielded=shielded)
        return int((await result.single(strict=True))["changed"])

    async with driver.session() as session:
        return await session.execute_write(write)
