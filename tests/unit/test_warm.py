"""Warming: every known statement is planned before anybody waits for it, and again until that is fast."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import pytest
from neo4j import Query

from graph import warm as warming
from graph.warm import ROUNDS, warm
from resolvers.warm import readings
from schema.operations import OPERATIONS


@dataclass
class Driver:
    """A driver whose every run takes so long by its own clock.

    Attributes:
        seconds: how long each run takes, in order; the last one goes on.
    """

    seconds: list[float]
    now: float = 0.0
    ran: list[str] = field(default_factory=list)
    consumed: int = 0

    def session(self, *, default_access_mode: str) -> Self:
        """A reading session."""
        assert default_access_mode == "READ"
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    async def run(self, query: Query, given: dict[str, Any]) -> Self:
        """Take a while."""
        assert [ask["me"]["account"] for ask in given["all"]["asks"]] == [""]
        self.ran.append(str(query.text))
        self.now += self.seconds.pop(0) if len(self.seconds) > 1 else self.seconds[0]
        return self

    async def consume(self) -> None:
        """Read to the end."""
        self.consumed += 1

    def monotonic(self) -> float:
        """Its clock."""
        return self.now


@pytest.fixture(name="driver")
def _driver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    driver = Driver([0.1])
    monkeypatch.setattr(warming, "time", driver)
    yield driver
    assert driver.consumed == len(driver.ran)


DOCUMENTS = ("{ me { id } }", '{ child(id: "1") { id } }')


async def test_known_statements_are_run_and_planned_once_more(driver: Driver) -> None:
    """Each statement is run as it is, then planned under another text; when that is fast, warming ends."""
    assert await warm(driver, DOCUMENTS) == 2  # type: ignore[arg-type]
    first, again = driver.ran[:2], driver.ran[2:]
    assert all(text.startswith("UNWIND $all.asks") for text in first)
    assert [text.partition("*/ ")[2] for text in again] == first
    assert len(set(again)) == 2


async def test_a_cold_graph_is_warmed_until_it_is_fast(driver: Driver) -> None:
    """While planning takes long it is repeated, each time under texts that the graph has not planned."""
    driver.seconds = [9.0] * 2 + [3.0, 3.0, 0.5, 2.0, 0.5]
    await warm(driver, DOCUMENTS)  # type: ignore[arg-type]
    assert len(driver.ran) == 2 * 4
    assert len(set(driver.ran)) == len(driver.ran)


async def test_a_slow_graph_is_not_warmed_for_ever(driver: Driver) -> None:
    """A graph that never becomes fast is planned for so many rounds and no more."""
    driver.seconds = [5.0]
    await warm(driver, DOCUMENTS)  # type: ignore[arg-type]
    assert len(driver.ran) == 2 * (1 + ROUNDS)


def test_each_statement_is_read_once_for_nobody() -> None:
    """Operations that share a statement give it once; a search is read by each index; nobody is granted anything."""
    twice = [*OPERATIONS.values(), *OPERATIONS.values()]
    found = list(readings(twice))
    assert len(found) == len(list(readings(OPERATIONS.values())))
    searches = [statement.signature for statement, _ in found if "search" in statement.signature]
    others = [statement.signature for statement, _ in found if "search" not in statement.signature]
    assert (len(searches), len(set(searches))) == (2, 1)
    assert len(others) == len(set(others))
    assert all(reading.account.suspended and not reading.grants.classes for _, reading in found)
