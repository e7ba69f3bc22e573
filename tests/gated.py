"""A graph that answers when it is let go, and several who ask it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graph.shared import LANES, Shared
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
        more: whether there were more statements than there are lanes.
    """

    found: Found = own
    ran: list[tuple[str, int, str]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, text: UnloggedText, given: dict[str, Any]) -> list[Any]:
        """Answer a statement."""
        asks, limit = given["all"]["asks"], given["all"]["limit"]
        self.ran.append((text, limit, "".join(ask["me"]["account"] for ask in asks)))
        if len(self.ran) > LANES:
            self.more.set()
        await self.gate.wait()
        return [{"found": self.found(asks)}]


def ask(
    shared: Shared, account: str, text: UnloggedText = TEXT, limit: int = 6, weight: int = 1
) -> "asyncio.Task[list[list[Any]] | None]":
    """Somebody asks."""
    return asyncio.create_task(shared.read(text, {"g": {}, "me": {"account": account}}, limit, weight))


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
