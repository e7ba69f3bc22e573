"""Reads that share a statement: who goes together, what each takes back, and what becomes of a failure."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

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
    """What waits is taken in order, as much as one statement may answer; whoever weighs more than that goes alone."""
    graph = Graph()
    shared, first = await filled(graph)
    weights = {"u": 3, "v": MOST - 3, "w": 1, "x": MOST + 1, "y": 1, "z": 1}
    later = [ask(shared, account, weight=weight) for account, weight in weights.items()]
    await settled()
    graph.gate.set()
    await asyncio.gather(*first, *later)
    assert [accounts for _, _, accounts in graph.ran[LANES:]] == ["uv", "w", "x", "yz"]


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


async def test_who_leaves_is_not_asked_for_and_disturbs_nobody() -> None:
    """Whoever leaves while waiting is not read for; whoever leaves meanwhile takes nothing from those who stay."""
    graph = Graph()
    shared, first = await filled(graph)
    left, stays = ask(shared, "x"), ask(shared, "y")
    await settled()
    first[0].cancel()
    left.cancel()
    await settled()
    graph.gate.set()
    found = await asyncio.gather(*first, left, stays, return_exceptions=True)
    assert found[1:] == [*([["abcdefgh"[n]]] for n in range(1, LANES)), found[-2], [["y"]]]
    assert isinstance(found[-2], asyncio.CancelledError)
    assert [accounts for _, _, accounts in graph.ran[LANES:]] == ["y"]


async def test_nothing_is_kept_of_what_was_read() -> None:
    """When nobody waits any more, nothing of the statements is held, whether they failed or not."""
    graph = Graph(lambda asks: 1 / 0 if asks[0]["me"]["account"] == "y" else own(asks))
    graph.gate.set()
    shared = Shared(graph.run)
    await asyncio.gather(*(ask(shared, account) for account in "xyz"), ask(shared, "y", OTHER), return_exceptions=True)
    await settled()
    assert not shared._queues
    assert not shared._tasks
