"""New shapes of statement take turns, and the graph rests between them; what is known waits for nobody."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from resolvers.model import Ask
from resolvers.planning import MAX_WAITING, Planning
from resolvers.refusals import Refusal
from tests.scripted import ACCESS, CHILD, one_child

NEW = ["shape"]


class Clock:
    """A clock that stands still until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        """Monotonic time in seconds."""
        return self.now


async def taken(planning: Planning, seconds: float = 0.0, clock: Clock | None = None, account: str = "a") -> None:
    """One turn of some seconds."""
    async with planning.turn(account, NEW):
        if clock:
            clock.now += seconds


async def test_new_shapes_take_turns() -> None:
    """Of operations with new shapes one is with the graph at a time, in the order in which they came."""
    planning, events = Planning(), []

    async def ask(name: str) -> None:
        async with planning.turn("a", NEW):
            events.append(f"{name} in")
            await asyncio.sleep(0)
            events.append(f"{name} out")

    await asyncio.gather(*map(ask, "abc"))
    assert events == ["a in", "a out", "b in", "b out", "c in", "c out"]


async def test_what_is_known_waits_for_nobody() -> None:
    """An operation whose shapes are known goes ahead while a new one is with the graph, and while the graph rests."""
    clock = Clock()
    planning = Planning(0.1, patience=0.0, clock=clock)
    async with planning.turn("a", NEW), planning.turn("a", []):
        clock.now += 5
    async with planning.turn("a", []):
        pass
    with pytest.raises(Refusal, match="SHAPE_BUSY"):
        await taken(planning)


async def test_the_graph_rests_after_a_turn() -> None:
    """After a turn the graph rests until turns have had their share of the time, and a refusal says how long."""
    clock = Clock()
    planning = Planning(0.2, clock=clock)
    await taken(planning, 2.0, clock)
    with pytest.raises(Refusal, match="SHAPE_BUSY") as caught:
        await taken(planning)
    assert caught.value.retry == 8
    clock.now += 8.0
    await taken(planning)


async def test_one_account_takes_less_than_all() -> None:
    """After a turn the account whose turn it was waits longer than any other, so that nobody crowds out others."""
    clock = Clock()
    planning = Planning(0.5, 0.1, clock=clock)
    await taken(planning, 2.0, clock)
    clock.now += 2.0
    with pytest.raises(Refusal, match="SHAPE_BUSY") as caught:
        await taken(planning)
    assert caught.value.retry == 16
    await taken(planning, 0.0, clock, "b")
    clock.now += 16.0
    await taken(planning)


async def test_whoever_waits_too_long_is_refused() -> None:
    """An operation that does not get its turn in time is refused, and leaves the turn to others."""
    planning = Planning(patience=0.01)
    async with planning.turn("a", NEW):
        with pytest.raises(Refusal, match="SHAPE_BUSY"):
            await taken(planning)
    await taken(planning)


async def test_few_wait_at_once() -> None:
    """When as many wait as may, the next is refused at once, so that a flood of new shapes fills no gateway."""
    planning = Planning(patience=60)
    async with AsyncExitStack() as first:
        await first.enter_async_context(planning.turn("a", NEW))
        waiting = [asyncio.create_task(taken(planning)) for _ in range(MAX_WAITING)]
        await asyncio.sleep(0)
        with pytest.raises(Refusal, match="SHAPE_BUSY"):
            await taken(planning)
    await asyncio.gather(*waiting)


async def test_a_turn_that_fails_ends() -> None:
    """A turn that fails, or whose request is given up while it waits, with the graph or for its rest, is free again."""
    planning = Planning(patience=60)
    with pytest.raises(ValueError, match="lost"):
        async with planning.turn("a", NEW):
            raise ValueError("lost")
    clock = Clock()
    resting = Planning(0.5, patience=60.0, clock=clock)
    await taken(resting, 30.0, clock)
    waiting = asyncio.create_task(taken(resting))
    for _ in range(5):
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    clock.now += 30.0
    await asyncio.gather(taken(planning), taken(resting))


async def test_an_operation_with_a_new_shape_takes_a_turn() -> None:
    """The read of a shape that was not sent before waits for its turn; refused, it is recorded and nothing is read."""
    world = one_child()
    line = world.pipeline
    async with line.planning.turn("a", NEW):
        line.planning._patience = 0.0
        with pytest.raises(Refusal, match="SHAPE_BUSY"):
            await line.answer(Ask(CHILD, None, {}), "a", ACCESS)
    assert "read" not in world.events
    assert world.entries[-1].codes == ("SHAPE_BUSY",)
    await line.answer(Ask(CHILD, None, {}), "a", ACCESS)
    async with line.planning.turn("a", NEW):
        await line.answer(Ask(CHILD, None, {}), "a", ACCESS)
    assert world.events.count("read") == 2
