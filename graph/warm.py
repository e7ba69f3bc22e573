"""Warming: have the graph plan every known statement before anyone waits for it.

A cold Neo4j takes seconds to plan what takes a warm one a fifth of a second, so planning is repeated under other texts
until it is fast: then an operation that nobody foresaw is planned within a deadline too.
"""

import time
from collections.abc import Iterable
from uuid import uuid4

from neo4j import AsyncDriver, AsyncSession, Query

from graph.compile import compile_statement
from graph.parameters import alone
from resolvers.warm import readings

FAST = 1.0
"""Planning every known statement anew in less than this, in seconds for each, ends the warming."""
ROUNDS = 8
"""The most rounds of planning."""
_TIMEOUT = 120.0


async def warm(driver: AsyncDriver, documents: Iterable[str]) -> int:
    """Plan the statements of some operations; returns how many there are.

    Raises:
        DriverError: the graph cannot be reached.
        Neo4jError: it does not accept a statement.
    """
    known = [
        (compile_statement(statement, statement.kinds(reading.inputs)), alone(statement, reading))
        for statement, reading in readings(documents)
    ]
    async with driver.session(default_access_mode="READ") as session:
        for text, given in known:
            await _run(session, text, given)
        for _ in range(ROUNDS):
            slowest = max([await _run(session, f"EXPLAIN /* {uuid4()} */ {text}", given) for text, given in known])
            if slowest < FAST:
                break
    return len(known)


async def _run(session: AsyncSession, text: str, given: dict[str, object]) -> float:
    """Run a statement to its end; returns how long it took, in seconds."""
    begun = time.monotonic()
    result = await session.run(Query(text, timeout=_TIMEOUT), given)
    await result.consume()
    return time.monotonic() - begun
