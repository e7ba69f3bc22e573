"""The emergency switch: closes the directory, or one organisation's or authority's access, at once.

A closure raises the version of every organisation that it concerns in the same transaction. Every read rechecks that
version, so no read that begins after the closure has committed answers anything. Reopening takes two people: the first
proposes it, another one does it.
"""

from dataclasses import dataclass
from typing import LiteralString

from neo4j import AsyncDriver, AsyncManagedTransaction

_TOUCH: LiteralString = (
    "MATCH (o:Organisation) WHERE $scope = 'all' OR o.id = $scope "
    "OR EXISTS { MATCH (o)-[:WITHIN]->(l:Organisation) WHERE l.id = $scope } SET o.version = o.version + 1 "
    "RETURN count(o) AS n"
)
_CLOSE: LiteralString = (
    "MERGE (z:Closure {scope: $scope}) ON CREATE SET z.closedBy = $by, z.closedAt = $at, z.reason = $reason "
    "SET z.openingBy = null WITH z MATCH (o:Organisation) WHERE o.id = $scope MERGE (z)-[:CLOSES]->(o)"
)
_FIND: LiteralString = "MATCH (z:Closure {scope: $scope}) RETURN z.openingBy AS opening"
_PROPOSE: LiteralString = "MATCH (z:Closure {scope: $scope}) SET z.openingBy = $by"
_OPEN: LiteralString = "MATCH (z:Closure {scope: $scope}) DETACH DELETE z"
_LIST: LiteralString = (
    "MATCH (z:Closure) RETURN z.scope AS scope, z.closedBy AS by, z.closedAt AS at, z.openingBy AS opening "
    "ORDER BY scope"
)


class ClosureError(Exception):
    """The switch cannot be turned so; the message says why."""


@dataclass(frozen=True, slots=True)
class Closure:
    """What is closed.

    Attributes:
        scope: "all" or an organisation's identifier.
        by: the account that closed it.
        at: when, UTC, ISO 8601.
        opening: the account that proposes to reopen it, if any.
    """

    scope: str
    by: str
    at: str
    opening: str | None


async def close(driver: AsyncDriver, scope: str, *, by: str, at: str, reason: str) -> int:
    """Close access; a proposal to reopen it is void. Returns how many organisations it concerns.

    Raises:
        ClosureError: there is no such organisation.
    """

    async def work(transaction: AsyncManagedTransaction) -> int:
        given = {"scope": scope, "by": by, "at": at, "reason": reason}
        concerned = await (await transaction.run(_TOUCH, given)).single(strict=True)
        if concerned["n"]:
            await (await transaction.run(_CLOSE, given)).consume()
        return int(concerned["n"])

    async with driver.session() as session:
        concerned = await session.execute_write(work)
    if not concerned:
        raise ClosureError(f"There is no organisation {scope}. Give its identifier, or all.")
    return concerned


async def reopen(driver: AsyncDriver, scope: str, *, by: str) -> bool:
    """Propose to reopen, or, as another person, do it. Returns whether access is open again.

    Raises:
        ClosureError: it is not closed, or the same person has proposed it.
    """

    async def work(transaction: AsyncManagedTransaction) -> str:
        given = {"scope": scope, "by": by}
        found = await (await transaction.run(_FIND, given)).single()
        if found is None:
            return "open"
        if found["opening"] == by:
            return "same"
        if found["opening"] is None:
            await (await transaction.run(_PROPOSE, given)).consume()
            return "proposed"
        await (await transaction.run(_OPEN, given)).consume()
        await (await transaction.run(_TOUCH, given)).consume()
        return "reopened"

    async with driver.session() as session:
        outcome = await session.execute_write(work)
    if outcome == "open":
        raise ClosureError(f"{scope} is not closed. What is, directory emergency status says.")
    if outcome == "same":
        raise ClosureError("You have proposed to reopen it already: another person must do it.")
    return outcome == "reopened"


async def closures(driver: AsyncDriver) -> list[Closure]:
    """What is closed."""
    async with driver.session(default_access_mode="READ") as session:
        return [Closure(**record.data()) async for record in await session.run(_LIST)]
