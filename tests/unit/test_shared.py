"""Reads that share a statement: who goes together, what each takes back, and what becomes of a failure."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from neo4j.exceptions import DriverError, ServiceUnavailable

from graph import shared as sharing
from graph.shared import LANES, MOST, Shared
from graph.unlogged import UnloggedText

TEXT, OTHER = UnloggedText("one"), UnloggedText("two")
Found = Callable[[list[Mapping[str, Any]]], Any]


def own(asks: list[Mapping[str, Any]]) -> Any:
    """Each ask's own rows: those of its account."""
    return [[ask["n"], ask["me"]["account"], [[ask["me"]["account"]]]] for ask in asks]


@dataclass
class Graph:
    """A graph that answers when it is let go.

    Attributes:
        found: what it finds for the asks of a statement, or raises.
        ran: the text, the limit and the accounts of each statement, in order.
    """

    found: Found = own
    ran: list[tuple[str, int, str]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, text: UnloggedText, given: dict[str, Any]) -> list[Any]:
        """Answer a statement."""
        asks, limit = given["all"]["asks"], given["all"]["limit"]
        self.ran.append((text, limit, "".join(ask["me"]["account"] for ask in asks)))
        await self.gate.wait()
        return [{"found": self.found(asks)}]


def ask(
    shared: Shared, account: str, text: UnloggedText = TEXT, limit: int = 6, weight: int = 1
) -> "asyncio.Task[list[list[Any]] | None]":
    """Somebody asks."""
    return asyncio.create_task(shared.read(text, {"me": {"account": account}}, limit, weight))


async def settled() -> None:
    """Let everything run that can."""
    for _ in range(6):
        await asyncio.sleep(0)


async def filled(graph: Graph) -> tuple[Shared, list[Any]]:
    """As many statements on their way as may be, one after another."""
    shared, first = Shared(graph.run), []
    for n in range(LANES):
        first.append(ask(shared, "abcdefgh"[n]))
        await settled()
    assert [accounts for _, _, accounts in graph.ran] == list("abcdefgh"[:LANES])
    return shared, first


async def test_who_comes_meanwhile_goes_together_with_the_next() -> None:
    """Nobody waits while few are on their way; who comes meanwhile shares one statement, and each gets their own."""
    graph = Graph()
    shared, first = await filled(graph)
    later = [ask(shared, account) for account in "xyz"]
    await settled()
    assert len(graph.ran) == LANES
    graph.gate.set()
    assert await asyncio.gather(*first, *later) == [[[account]] for account in [*"abcdefgh"[:LANES], *"xyz"]]
    assert [accounts for _, _, accounts in graph.ran[LANES:]] == ["xyz"]


async def test_a_statement_answers_no_more_than_it_should() -> None:
    """What waits is taken in order, as much as one statement may answer."""
    graph = Graph()
    shared, first = await filled(graph)
    weights = {"u": 3, "v": MOST - 3, "w": MOST, "x": MOST - 1, "y": 1, "z": 1}
    later = [ask(shared, account, weight=weight) for account, weight in weights.items()]
    await settled()
    graph.gate.set()
    await asyncio.gather(*first, *later)
    assert [accounts for _, _, accounts in graph.ran[LANES:]] == ["uv", "w", "xy", "z"]


async def test_a_heavy_ask_goes_alone_and_holds_up_nobody() -> None:
    """Whoever asks for more than a statement should answer neither waits for others nor keeps them waiting."""
    graph = Graph()
    shared = Shared(graph.run)
    heavy = [ask(shared, account, weight=MOST + 1) for account in "wxyz"]
    light = [ask(shared, account) for account in "ab"]
    await settled()
    assert sorted(accounts for _, _, accounts in graph.ran) == ["ab", "w", "x", "y", "z"]
    graph.gate.set()
    await asyncio.gather(*heavy, *light)


async def test_nobody_waits_for_a_slow_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    """While others wait for slow statements, somebody who comes opens another lane, and it takes all who wait."""
    graph = Graph()
    shared, first = await filled(graph)
    waits = ask(shared, "x")
    await settled()
    assert len(graph.ran) == LANES
    monkeypatch.setattr(sharing, "PATIENCE", -1.0)
    comes = ask(shared, "y")
    await settled()
    assert [accounts for _, _, accounts in graph.ran[LANES:]] == ["xy"]
    graph.gate.set()
    await asyncio.gather(*first, waits, comes)


async def test_a_lane_too_many_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lanes that were opened beside slow ones do not stay: when all are quick again there are no more than usual."""
    graph = Graph()
    shared, first = await filled(graph)
    monkeypatch.setattr(sharing, "PATIENCE", -1.0)
    beside = [ask(shared, "x")]
    await settled()
    beside.append(ask(shared, "y"))
    await settled()
    monkeypatch.setattr(sharing, "PATIENCE", 60.0)
    waiting = [ask(shared, account, weight=MOST) for account in "uvwz"]
    await settled()
    assert len(graph.ran) == LANES + 2
    earlier, graph.gate = graph.gate, asyncio.Event()
    earlier.set()
    await settled()
    assert len(graph.ran) == LANES + 2 + LANES
    graph.gate.set()
    await asyncio.gather(*first, *beside, *waiting)


async def test_only_the_same_text_and_limit_is_shared() -> None:
    """An ask by another text, or under another limit, neither goes together with others nor waits for them."""
    graph = Graph()
    shared, first = await filled(graph)
    others = [ask(shared, "x", OTHER), ask(shared, "y", limit=7)]
    await settled()
    assert graph.ran[LANES:] == [("two", 6, "x"), ("one", 7, "y")]
    graph.gate.set()
    await asyncio.gather(*first, *others)


@pytest.mark.parametrize(
    "found",
    [
        lambda asks: [row for row in own(asks) if row[1] != "y"],
        lambda asks: [[n, "x" if account == "y" else account, rows] for n, account, rows in own(asks)],
        lambda asks: [*own(asks), *(row for row in own(asks) if row[1] == "y")],
        lambda asks: [[n + (account == "y"), account, rows] for n, account, rows in own(asks)],
    ],
    ids=["missing", "under another's account", "twice", "under another number"],
)
async def test_rows_that_are_not_surely_ones_own_are_nobodys(found: Found) -> None:
    """Rows that are missing, or come twice, or not under one's own number and account, are none; others get theirs."""
    graph = Graph(found)
    graph.gate.set()
    asked = [ask(Shared(graph.run), account) for account in "y"]
    shared = Shared(graph.run)
    asked += [ask(shared, account) for account in "xyz"]
    assert await asyncio.gather(*asked) == [None, [["x"]], None, [["z"]]]
    assert graph.ran[-1][2] == "xyz"


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
    assert told == [3, 1, 1, 1]


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
    first = [ask(shared, account, weight=MOST // 2) for account in "abcd"]
    await settled()
    behind = ask(shared, "x")
    for one in first[:3]:
        one.cancel()
    await settled()
    assert [accounts for _, _, accounts in graph.ran] == ["ab", "cd", "x"]
    graph.gate.set()
    found = await asyncio.gather(*first, behind, return_exceptions=True)
    assert found[3:] == [[["d"]], [["x"]]]


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


async def test_nothing_is_kept_of_what_was_read() -> None:
    """When nobody waits any more, nothing of the statements is held, whether they failed or not."""
    graph = Graph(lambda asks: 1 / 0 if asks[0]["me"]["account"] == "y" else own(asks))
    graph.gate.set()
    shared = Shared(graph.run)
    await asyncio.gather(*(ask(shared, account) for account in "xyz"), ask(shared, "y", OTHER), return_exceptions=True)
    await settled()
    assert not shared._queues
    assert not shared._tasks
