"""Shielding while others read: the order of writing, and what a wrong one would show."""

import asyncio
import time
from collections.abc import Callable

import pytest
from neo4j import AsyncDriver

from graph.shielding import longest_read
from tests.races.families import clear
from tests.races.run import Order, Outcome, race

pytestmark = pytest.mark.anyio
SECONDS = 6.0
"""How long the right order races on each engine."""
READS = 30
MOST = 60_000
"""After so many transitions a race is given up."""


async def raced(driver: AsyncDriver, order: Order, until: Callable[[Outcome], bool]) -> Outcome:
    """A short race that leaves nothing behind."""
    try:
        return await race(driver, order, families=200, whole=True, until=until)
    finally:
        await clear(driver)


def _long_enough(outcome: Outcome) -> bool:
    """Some seconds, and as long as it takes that readers have met families in either state."""
    met = outcome.tally.open_rows > 0 and outcome.tally.reads >= READS
    return outcome.seconds > SECONDS and (met or outcome.transitions > MOST)


async def test_no_reader_sees_a_protected_value(graph_driver: AsyncDriver) -> None:
    """Whoever is shielded, moved and un-shielded in the right order while others read, is never seen by them."""
    outcome = await raced(graph_driver, Order.SHIELD_FIRST, _long_enough)
    assert outcome.leaks == []
    assert outcome.tally.open_rows > 0


@pytest.mark.parametrize("order", [Order.VALUES_FIRST, Order.TOGETHER])
async def test_a_wrong_order_is_noticed(graph_driver: AsyncDriver, order: Order) -> None:
    """Written with the values first, or all in one transaction, protected values are seen: so the race is one."""
    outcome = await raced(graph_driver, order, lambda so_far: bool(so_far.leaks) or so_far.transitions > MOST)
    assert outcome.leaks


async def test_the_longest_read_is_waited_for() -> None:
    """Where single reads are not known, the drain is the longest that a read may take, and the replicas' lag."""
    begun = time.monotonic()
    await asyncio.wait_for(longest_read(0.02, 0.01)(), 5)
    assert time.monotonic() - begun >= 0.03
