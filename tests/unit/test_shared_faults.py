"""Reads that share a statement: what becomes of a failure, of those who leave, and of those who wait at the end."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from neo4j.exceptions import DriverError, ServiceUnavailable

from graph import shared as sharing
from graph.shared import LANES, MOST, Shared
from graph.unlogged import UnloggedText
from tests.gated import OTHER, Graph, ask, filled, own, settled


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, no statement counts as slow."""
    monkeypatch.setattr(sharing, "PATIENCE", 600.0)


async def test_a_failure_is_only_its_own() -> None:
    """Where a shared statement fails, each of its asks is read alone, and fails only if it fails alone."""

    def found(asks: list[Mapping[str, Any]]) -> Any:
        if any(ask["me"]["account"] == "y" for ask in asks):
            raise ValueError(len(asks))
        return own(asks)

    graph, told = Graph(found), list[int]()
    graph.gate.set()
    shared = Shared(graph.run, told.append)
    x, y, z = await asyncio.gather(*(ask(shared, account) for account in "xyz"), return_exceptions=True)
    assert (x, z) == ([["x"]], [["z"]])
    assert repr(y) == "ValueError(1)"
    assert [accounts for _, _, accounts in graph.ran] == ["xyz", "x", "y", "z"]
    assert told == [3]


async def test_who_fails_slowly_delays_nobody() -> None:
    """Where each is read alone after a failure, one that hangs keeps none of the others waiting."""
    graph = Graph(lambda asks: 1 / 0 if len(asks) > 1 else own(asks))
    hangs = asyncio.Event()

    async def run(text: UnloggedText, given: dict[str, Any]) -> list[Any]:
        found = await graph.run(text, given)
        if found[0]["found"][0][1] == "x":
            await hangs.wait()
        return found

    graph.gate.set()
    shared = Shared(run)
    x, y, z = [ask(shared, account) for account in "xyz"]
    assert (await y, await z) == ([["y"]], [["z"]])
    hangs.set()
    assert await x == [["x"]]


async def test_a_lost_connection_is_everybodys() -> None:
    """Where the graph is out of reach nobody is asked for again, so that what fails costs one statement."""

    def lost(_asks: list[Mapping[str, Any]]) -> Any:
        raise ServiceUnavailable

    graph = Graph(lost)
    graph.gate.set()
    shared = Shared(graph.run)
    found = await asyncio.gather(*(ask(shared, account) for account in "xyz"), return_exceptions=True)
    assert [type(each) for each in found] == [ServiceUnavailable] * 3
    assert len(graph.ran) == 1


async def test_who_leaves_is_not_asked_for_and_disturbs_nobody() -> None:
    """Whoever leaves while waiting is not read for; whoever leaves meanwhile takes nothing from those who stay."""
    graph = Graph()
    shared = Shared(graph.run)
    first = [ask(shared, account) for account in "ab"]
    await settled()
    waiting = [ask(shared, account, weight=MOST) for account in "xyz"]
    await settled()
    first[0].cancel()
    waiting[1].cancel()
    await settled()
    graph.gate.set()
    a, b, x, y, z = await asyncio.gather(*first, *waiting, return_exceptions=True)
    assert (b, x, z) == ([["b"]], [["x"]], [["z"]])
    assert [type(each) for each in (a, y)] == [asyncio.CancelledError] * 2
    assert sorted(accounts for _, _, accounts in graph.ran) == ["ab", "x", "z"]


async def test_a_statement_is_given_up_with_the_last_who_waits() -> None:
    """A statement that hangs ends when the last of its asks has left, and whoever waits behind it is read."""
    graph = Graph()
    shared = Shared(graph.run)
    first = [ask(shared, account) for account in "ab"]
    await settled()
    behind = ask(shared, "x")
    first[0].cancel()
    await settled()
    assert [accounts for _, _, accounts in graph.ran] == ["ab"]
    first[1].cancel()
    await settled()
    assert [accounts for _, _, accounts in graph.ran] == ["ab", "x"]
    graph.gate.set()
    assert await behind == [["x"]]


async def test_nobody_is_read_for_alone_who_has_left() -> None:
    """Where a shared statement fails after its asks have left, no other is run for them."""
    graph = Graph(lambda _: 1 / 0)
    shared = Shared(graph.run)
    asked = [ask(shared, account) for account in "xyz"]
    await settled()
    asked[0].cancel()
    asked[1].cancel()
    await settled()
    graph.gate.set()
    await asyncio.gather(*asked, return_exceptions=True)
    assert [accounts for _, _, accounts in graph.ran] == ["xyz", "z"]


async def test_who_waits_when_it_is_closed_hears_of_it() -> None:
    """A reader that is closed gives up what is on its way, and everybody who waits is told so."""
    graph = Graph()
    shared, first = await filled(graph)
    later = [ask(shared, account) for account in "xyz"]
    await settled()
    await shared.aclose()
    found = await asyncio.gather(*first, *later, return_exceptions=True)
    assert [type(each) for each in found] == [DriverError] * (LANES + 3)
    assert len(graph.ran) == LANES


async def test_who_has_hardly_come_when_it_is_closed_hears_of_it_too() -> None:
    """Even whoever asked in the very moment before the reader was closed is told so."""
    shared = Shared(Graph().run)
    asked = ask(shared, "x")
    await asyncio.sleep(0)
    await shared.aclose()
    with pytest.raises(DriverError):
        await asked


async def test_nothing_is_kept_of_what_was_read() -> None:
    """When nobody waits any more, nothing of the statements is held, whether they failed or not."""
    graph = Graph(lambda asks: 1 / 0 if asks[0]["me"]["account"] == "y" else own(asks))
    graph.gate.set()
    shared = Shared(graph.run)
    await asyncio.gather(*(ask(shared, account) for account in "xyz"), ask(shared, "y", OTHER), return_exceptions=True)
    await settled()
    assert not shared._queues
    assert not shared._tasks
