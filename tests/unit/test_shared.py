"""Reads that share a statement: who goes together, who goes alone, and what each takes back."""

import asyncio

import pytest

from graph import shared as sharing
from graph.shared import LANES, MOST, Shared
from tests.gated import OTHER, TEXT, Found, Graph, ask, filled, own, settled


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, no statement counts as slow."""
    monkeypatch.setattr(sharing, "PATIENCE", 600.0)


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
    """Beside statements that are slow others begin, each for one ask, whether or not anybody else comes."""
    monkeypatch.setattr(sharing, "PATIENCE", 0.05)
    graph, begun = Graph(), asyncio.get_running_loop().time()
    shared, first = await filled(graph)
    waits = [ask(shared, account) for account in "xy"]
    await settled()
    assert len(graph.ran) == LANES
    async with asyncio.timeout(10):
        await graph.more.wait()
    assert asyncio.get_running_loop().time() >= begun + 0.05
    assert graph.ran[LANES] == (TEXT, 6, "x")
    graph.gate.set()
    await asyncio.gather(*first, *waits)


async def test_a_statement_is_given_what_it_can_answer_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a statement that took long for one ask, the next are given one each, until they are quick again."""
    graph = Graph()
    shared, first = await filled(graph)
    later = [ask(shared, account) for account in "wxyz"]
    await settled()
    monkeypatch.setattr(sharing, "PATIENCE", 0.0)
    graph.gate.set()
    await settled()
    assert [accounts for _, _, accounts in graph.ran[LANES:]] == ["w", "x", "y", "z"]
    await asyncio.gather(*first, *later)


async def test_a_lane_too_many_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lanes that were opened beside slow ones do not stay: when all are quick again there are no more than usual."""
    graph = Graph()
    monkeypatch.setattr(sharing, "PATIENCE", 0.0)
    shared = Shared(graph.run)
    beside = []
    for account in "abcd":
        beside.append(ask(shared, account))
        await settled()
    assert len(graph.ran) == len(beside)
    monkeypatch.setattr(sharing, "PATIENCE", 60.0)
    waiting = [ask(shared, account, weight=MOST) for account in "uvwz"]
    await settled()
    assert len(graph.ran) == len(beside)
    earlier, graph.gate = graph.gate, asyncio.Event()
    earlier.set()
    await settled()
    assert len(graph.ran) == len(beside) + LANES
    graph.gate.set()
    await asyncio.gather(*beside, *waiting)


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
