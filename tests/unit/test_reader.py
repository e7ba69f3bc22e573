"""The graph reader: a forgotten connection is tried once more, and every fault shows nothing."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self

import pytest
from neo4j import Query
from neo4j.exceptions import (
    AuthError,
    ClientError,
    DatabaseUnavailable,
    DriverError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from graph.reader import GraphReader, _weight
from graph.shared import MOST
from resolvers.grants import Grants
from resolvers.ports import Reading
from resolvers.refusals import Refusal
from tests.fakes import account
from tests.gated import settled
from tests.rewritten import planned

KNOWN = {
    "version": 3,
    "roles": ["social-worker"],
    "suspended": False,
    "trainedOn": "2026-01-01",
    "vettedOn": "2026-01-02",
    "vetting": "enhanced",
    "agreementSignedOn": "2026-01-03",
    "practitioner": "p",
    "organisation": "o",
    "organisationVersion": 4,
    "organisationKind": "LOCAL_AUTHORITY",
    "accredited": True,
    "closed": False,
    "area": "o",
}


@dataclass
class Driver:
    """A driver and its sessions; each run gives the next outcome: records or a failure.

    Attributes:
        broken: what fails after the first record of a result, if anything does.
        hangs: whether results never come.
        opened: how many sessions are open.
    """

    outcomes: list[list[Mapping[str, Any]] | Exception]
    broken: Exception | None = None
    ran: list[tuple[str, Any, dict[str, Any]]] = field(default_factory=list)
    modes: list[str] = field(default_factory=list)
    hangs: bool = False
    opened: int = 0

    def session(self, *, default_access_mode: str) -> Self:
        """A session."""
        self.modes.append(default_access_mode)
        return self

    async def __aenter__(self) -> Self:
        self.opened += 1
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.opened -= 1

    async def run(self, query: Query, given: dict[str, Any]) -> AsyncIterator[Mapping[str, Any]]:
        """The next outcome."""
        self.ran.append((str(query.text), query.timeout, given))
        if self.hangs:
            await asyncio.Event().wait()
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return self._records(outcome)

    async def _records(self, records: list[Mapping[str, Any]]) -> AsyncIterator[Mapping[str, Any]]:
        for record in records:
            yield record
            if self.broken:
                raise self.broken


def reader(*outcomes: list[Mapping[str, Any]] | Exception) -> tuple[GraphReader, Driver]:
    """A reader and its driver."""
    driver = Driver(list(outcomes))
    return GraphReader(driver, 1.5), driver  # type: ignore[arg-type]


async def test_facts_are_read_by_one_bounded_read() -> None:
    """The facts of an account are one read of its id, sent as a reading session, bounded in time."""
    graph, driver = reader([KNOWN])
    found = await graph.account("a")
    assert found is not None
    assert (found.id, found.version, found.organisation_version, found.area) == ("a", 3, 4, "o")
    ((text, timeout, given),) = driver.ran
    assert (timeout, given, driver.modes) == (1.5, {"a": {"id": "a"}}, ["READ"])
    assert "'a'" not in text


@pytest.mark.parametrize(("stored", "counts"), [(False, False), (True, True), (None, True), ("false", True), (0, True)])
async def test_only_a_plain_false_is_neither_suspended_nor_closed(stored: object, counts: object) -> None:
    """Where suspension or closure is missing or anything but false, the account counts as suspended or closed."""
    suspended = await reader([{**KNOWN, "suspended": stored}])[0].account("a")
    closed = await reader([{**KNOWN, "closed": stored}])[0].account("a")
    assert suspended is not None
    assert closed is not None
    assert (suspended.suspended, suspended.closed) == (counts, False)
    assert (closed.suspended, closed.closed) == (False, counts)


@pytest.mark.parametrize(
    ("stored", "accredited"), [(True, True), (False, False), (None, False), ("true", False), (1, False)]
)
async def test_only_a_plain_true_is_accredited(stored: object, accredited: object) -> None:
    """An organisation whose accreditation is missing or anything but true counts as not accredited."""
    found = await reader([{**KNOWN, "accredited": stored}])[0].account("a")
    assert found is not None
    assert found.accredited is accredited


async def test_no_roles_are_none() -> None:
    """An account without roles has none."""
    found = await reader([{**KNOWN, "roles": None}])[0].account("a")
    assert found is not None
    assert found.roles == ()


@pytest.mark.parametrize("count", [0, 2])
async def test_an_account_is_one_or_nobody(count: int) -> None:
    """No match is nobody, and neither is an account that belongs to two organisations or practitioners."""
    assert await reader([KNOWN] * count)[0].account("a") is None


def reading() -> tuple[Any, Reading]:
    """A statement with two parts, and a reading of it."""
    plan, _ = planned('{ me { id } child(id: "1") { id } }')
    ((statement,),) = plan.stages
    return statement, Reading(Grants("r", {}), account("a"), None, "2026-03-02", {0: ["1"], 1: []}, 6, {})


async def test_rows_come_part_by_part() -> None:
    """A read gives the rows of each part in order, and None where there is no row since the account has changed."""
    statement, given = reading()
    found = [[["k", "1"]], []]
    assert await reader([{"found": [[0, "a", found]]}])[0].read(statement, given) == found
    assert await reader([{"found": []}])[0].read(statement, given) is None


@pytest.mark.parametrize(
    ("by", "weight"),
    [({"familyName": "Fenn"}, 1), ({"givenName": "Ann", "familyName": "Fenn"}, 1), ({"familyName": "a " * 50}, 49)],
)
async def test_a_search_weighs_what_it_looks_up(by: dict[str, Any], weight: int) -> None:
    """A usual search weighs as much as a record; one of many words as much as they are, so that it goes alone."""
    statement, given = reading()
    assert _weight(statement, replace(given, inputs={0: by, 1: []})) == weight
    assert weight == 1 or weight > MOST


async def test_a_read_that_hangs_ends_with_those_who_wait_for_it() -> None:
    """When everybody's deadline has passed, a read of which nothing comes back gives up its connection."""
    graph, driver = reader([{"found": []}])
    driver.hangs = True
    statement, given = reading()
    asked = (asyncio.wait_for(graph.read(statement, given), 0.05) for _ in range(3))
    assert [type(each) for each in await asyncio.gather(*asked, return_exceptions=True)] == [TimeoutError] * 3
    await settled()
    assert (len(driver.ran), driver.opened) == (1, 0)
    driver.hangs = False
    assert await graph.read(statement, given) is None


async def test_a_reader_that_is_closed_refuses_those_who_wait() -> None:
    """Whoever waits for a read while the gateway stops is refused."""
    graph, driver = reader()
    driver.hangs = True
    asked = asyncio.create_task(graph.read(*reading()))
    await settled()
    assert driver.opened == 1
    await graph.aclose()
    with pytest.raises(Refusal, match="GRAPH_UNAVAILABLE"):
        await asked
    assert driver.opened == 0


@pytest.mark.parametrize("failure", [ServiceUnavailable("Ada"), SessionExpired("Ada")])
async def test_a_forgotten_connection_is_tried_once_more(failure: Exception) -> None:
    """A connection that turns out dead is replaced and the read done again, without anybody noticing."""
    graph, driver = reader(failure, [KNOWN])
    assert await graph.account("a") is not None
    assert len(driver.ran) == 2
    assert not graph.lost.is_set()


@pytest.mark.parametrize("failure", [ServiceUnavailable("Ada"), SessionExpired("Ada")])
async def test_a_graph_that_stays_away_is_lost(failure: Exception) -> None:
    """After the second failure nothing is shown, no third try is made, and the graph counts as lost."""
    graph, driver = reader(failure, failure, [KNOWN])
    with pytest.raises(Refusal, match="GRAPH_UNAVAILABLE"):
        await graph.account("a")
    assert len(driver.ran) == 2
    assert graph.lost.is_set()


@pytest.mark.parametrize(
    "failure",
    [
        ClientError("Ada"),
        TransientError("Ada"),
        DatabaseUnavailable("Ada"),
        AuthError("Ada"),
        DriverError("Ada"),
        OSError("Ada"),
    ],
)
async def test_any_other_fault_is_not_tried_again(failure: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """Every other fault of driver or graph refuses at once, and the log holds its kind but not its message."""
    graph, driver = reader(failure, [KNOWN])
    with pytest.raises(Refusal, match="GRAPH_UNAVAILABLE"):
        await graph.account("a")
    assert len(driver.ran) == 1
    assert not graph.lost.is_set()
    assert type(failure).__name__ in caplog.text
    assert "Ada" not in caplog.text


async def test_a_result_that_breaks_off_shows_nothing() -> None:
    """A connection that dies between two records gives none of them."""
    graph, driver = reader([KNOWN], [KNOWN])
    driver.broken = ServiceUnavailable("gone")
    with pytest.raises(Refusal, match="GRAPH_UNAVAILABLE"):
        await graph.account("a")
    assert graph.lost.is_set()
