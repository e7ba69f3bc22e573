"""Writers and readers side by side, in the right order of writing or in a wrong one."""

import asyncio
import enum
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from neo4j import AsyncDriver, AsyncManagedTransaction

from graph.shielding import Drain, Write, shield, unshield
from tests.races.drain import Reads, undrained
from tests.races.families import MOVES, Epoch, Family, moving, settle
from tests.races.readers import Asker, Leak, Tally, asker


class Order(enum.StrEnum):
    """In which order a shield and the values that it covers are written."""

    SHIELD_FIRST = "the shield first, drained; lifted last, drained"
    VALUES_FIRST = "the values first, then the shield"
    TOGETHER = "the values and the shield in one transaction"
    NOT_DRAINED = "the shield first, lifted last, but not drained"


@dataclass
class Outcome:
    """What a race came to.

    Attributes:
        order: how was written.
        shielded: children shielded.
        moved: children moved while shielded.
        unshielded: children un-shielded.
        tally: what readers saw.
        seconds: how long it took.
    """

    order: Order
    shielded: int = 0
    moved: int = 0
    unshielded: int = 0
    tally: Tally = field(default_factory=Tally)
    seconds: float = 0.0

    @property
    def transitions(self) -> int:
        """Committed changes of a child's state."""
        return self.shielded + self.moved + self.unshielded

    @property
    def leaks(self) -> list[Leak]:
        """Protected values that were seen."""
        return self.tally.leaks


_USUAL = (*MOVES, *("home", "phone") * 3)
"""What moves: mostly what is cheap to write, so that there are many transitions."""


@dataclass
class Race:
    """One race on one database.

    Attributes:
        driver: the graph.
        families: whose children are shielded, moved and un-shielded, most of them in each cycle.
        outcome: so far.
        reads: the reads that go on.
        r: draws what moves.
        whole: whether everything moves in each cycle, which takes longer and leaves readers more room.
        epoch: what the families' values are now.
        over: set when readers are to stop.
    """

    driver: AsyncDriver
    families: Sequence[Family]
    outcome: Outcome
    r: Random
    whole: bool
    reads: Reads = field(default_factory=Reads)
    epoch: Epoch = field(default_factory=lambda: Epoch(0, hidden=False))
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def cycle(self) -> None:
        """Shield, move and un-shield most children once; who, and what moves, differs from cycle to cycle."""
        chosen = self.r.sample(self.families, 1 + len(self.families) * 3 // 4)
        children = [family.id("child") for family in chosen]
        what = tuple(MOVES) if self.whole else (self.r.choice(_USUAL),)
        await self._shield(children, self._next(chosen, what, hidden=True))
        self.outcome.shielded += len(children)
        await self._write(self._next(chosen, what, hidden=True))
        self.outcome.moved += len(children)
        await self._unshield(children, self._next(chosen, what, hidden=False))
        self.outcome.unshielded += len(children)

    def _next(self, chosen: Sequence[Family], what: Sequence[str], *, hidden: bool) -> Write:
        """The write of the next epoch; readers know its number, and that of the one before, before it is written."""
        self.epoch = Epoch(self.epoch.number + 1, hidden)
        return moving(chosen, self.epoch, *what)

    def guess(self, r: Random) -> str:
        """A postcode that is, was just now, or is about to be that of hidden families."""
        now = self.epoch.number
        return Epoch(r.choice((now, now - 1)) if self.epoch.hidden else now - 1, hidden=True).postcode(
            r.choice(self.families)
        )

    async def _shield(self, children: Sequence[str], protect: Write) -> None:
        match self.outcome.order:
            case Order.VALUES_FIRST:
                await self._write(protect)
                await shield(self.driver, children, _nothing, undrained)
            case Order.TOGETHER:
                await self._write(protect, _flag(children, shielded=True))
            case _:
                assert await shield(self.driver, children, protect, self._drain) == len(children)

    async def _unshield(self, children: Sequence[str], disclose: Write) -> None:
        match self.outcome.order:
            case Order.VALUES_FIRST:
                await unshield(self.driver, children, _nothing, undrained)
                await self._write(disclose)
            case Order.TOGETHER:
                await self._write(disclose, _flag(children, shielded=False))
            case _:
                assert await unshield(self.driver, children, disclose, self._drain) == len(children)

    @property
    def _drain(self) -> Drain:
        return self.reads.drained if self.outcome.order is Order.SHIELD_FIRST else undrained

    async def _write(self, *writes: Write) -> None:
        async def all_of_them(transaction: AsyncManagedTransaction) -> None:
            for write in writes:
                await write(transaction)

        async with self.driver.session() as session:
            await session.execute_write(all_of_them)

    async def read(self, asking: Asker, r: Random) -> None:
        """Ask in turn until the race is over."""
        while not self.over.is_set():
            await self.ask(asking, r)

    async def ask(self, asking: Asker, r: Random) -> None:
        """Ask in each way once."""
        await asking.child(self.families, r)
        await asking.search(self.guess(r))
        await asking.school(r)


async def _nothing(_transaction: AsyncManagedTransaction) -> None:
    """A write that writes nothing."""


def _flag(children: Sequence[str], *, shielded: bool) -> Write:
    """The shield as a part of another transaction, as it must not be written."""
    text = "UNWIND $children AS i MATCH (c:Child {id: i}) SET c.shielded = $shielded"

    async def write(transaction: AsyncManagedTransaction) -> None:
        await (await transaction.run(text, children=list(children), shielded=shielded)).consume()

    return write


async def race(
    driver: AsyncDriver,
    order: Order,
    *,
    families: int = 500,
    readers: int = 2,
    until: Callable[[Outcome], bool],
    whole: bool = False,
    seed: int = 1,
) -> Outcome:
    """Race until somebody is content with the outcome.

    Args:
        driver: the graph, with its constraints.
        order: how to write.
        families: how many children a transaction shields.
        readers: how many read at once.
        until: asked after each cycle whether that is enough.
        whole: whether everything moves in each cycle.
        seed: draws who is read.
    """
    run = Race(driver, [Family(number) for number in range(families)], Outcome(order), Random(seed), whole)  # noqa: S311 - no secrets
    await settle(driver, run.families)
    asking = await asker(driver, run.reads)
    await run.ask(asking, run.r)  # so that the graph has planned the statements when the race begins
    run.outcome.tally = asking.tally = Tally()
    begun = time.monotonic()

    async def write() -> None:
        try:
            while not until(run.outcome):
                await run.cycle()
                run.outcome.seconds = time.monotonic() - begun
        finally:
            run.over.set()

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        for number in range(readers):
            group.create_task(run.read(asking, Random(f"{seed} {number}")))  # noqa: S311 - no secrets
    return run.outcome
