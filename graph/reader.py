"""The graph as the core sees it: auto-commit reads, shared by those who ask alike, faults turned into refusals."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from neo4j import AsyncDriver, Query
from neo4j.exceptions import DriverError, Neo4jError, ServiceUnavailable, SessionExpired, TransientError

from graph.compile import by_id, compile_statement
from graph.names import words
from graph.parameters import asked
from graph.shared import Shared
from graph.unlogged import Unlogged, UnloggedText
from resolvers.model import Account, Row
from resolvers.ports import Reading
from resolvers.refusals import Refusal
from resolvers.tree import Statement

_log = logging.getLogger(__name__)
_CONFLICT = "Neo.TransientError.Transaction.DeadlockDetected"
_CONFLICTS = 3
"""How often a read that a writer got in the way of is begun again; the request's deadline bounds it too."""

_ACCOUNT = UnloggedText(
    f"WITH $a.id AS id {by_id('a', 'Account', 'id')} "
    "MATCH (a)-[:MEMBER_OF]->(o:Organisation), (a)-[:BELONGS_TO]->(p:Practitioner) "
    "RETURN a.version AS version, a.roles AS roles, a.suspended AS suspended, a.trainedOn AS trainedOn, "
    "a.vettedOn AS vettedOn, a.vetting AS vetting, a.agreementSignedOn AS agreementSignedOn, p.id AS practitioner, "
    "o.id AS organisation, o.version AS organisationVersion, o.kind AS organisationKind, o.accredited AS accredited, "
    "(EXISTS { MATCH (z:Closure {scope: 'all'}) } OR EXISTS { (o)<-[:CLOSES]-(:Closure) } "
    "OR EXISTS { (o)-[:WITHIN]->(:Organisation)<-[:CLOSES]-(:Closure) }) AS closed, "
    "head(COLLECT { MATCH (o)-[:WITHIN]->(l:Organisation) RETURN l.id ORDER BY l.id }) AS area LIMIT 2"
)


class GraphReader:
    """Reads over Bolt. Close it in the end.

    Args:
        driver: the Neo4j driver.
        timeout: how long the server may work on one statement, in seconds.
        tell: is told of each statement how many operations it reads for.
    """

    def __init__(self, driver: AsyncDriver, timeout: float, tell: Callable[[int], None] = lambda _: None) -> None:
        self._driver = driver
        self._timeout = timeout
        self._shared = Shared(self._run, tell)
        self.lost = asyncio.Event()
        """Set when the graph was out of reach: it may come back with nothing planned."""
        self.losses = 0
        """How often it was."""

    async def account(self, account_id: str) -> Account | None:
        """The facts of an account; None where there is none, or more than one.

        Raises:
            Refusal: the graph does not answer.
        """
        with self._refusing():
            records = await self._run(_ACCOUNT, {"a": Unlogged(id=account_id)})
        if len(records) != 1:
            return None
        (row,) = records
        return Account(
            id=account_id,
            version=row["version"],
            roles=tuple(row["roles"] or ()),
            suspended=row["suspended"] is not False,
            trained_on=row["trainedOn"],
            vetted_on=row["vettedOn"],
            vetting=row["vetting"],
            agreement_signed_on=row["agreementSignedOn"],
            practitioner=row["practitioner"],
            organisation=row["organisation"],
            organisation_version=row["organisationVersion"],
            organisation_kind=row["organisationKind"],
            accredited=row["accredited"] is True,
            closed=row["closed"] is not False,
            area=row["area"],
        )

    async def read(self, statement: Statement, reading: Reading) -> list[list[Row]] | None:
        """The rows of each part, or None if an account or its organisation is no longer at the known version.

        Raises:
            Refusal: the graph does not answer.
        """
        text = compile_statement(statement, statement.kinds(reading.inputs), reading.other is not None)
        with self._refusing():
            return await self._shared.read(text, asked(statement, reading), reading.limit, _weight(statement, reading))

    async def aclose(self) -> None:
        """Give up the reads that are under way."""
        await self._shared.aclose()

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except (DriverError, Neo4jError, OSError) as error:
            if isinstance(error, (ServiceUnavailable, SessionExpired)):
                self.losses += 1
                self.lost.set()
            _log.error("graph: %s %s", type(error).__name__, getattr(error, "code", ""))
            raise Refusal("GRAPH_UNAVAILABLE") from None

    async def _run(self, text: UnloggedText, given: dict[str, Any]) -> list[Any]:
        """Read once more on a connection that a restarted server has forgotten, and a few times behind a writer.

        ArcadeDB gives up a read whose pages a writer has changed; Neo4j's reads take no locks.
        """
        stale, conflicts = 1, _CONFLICTS
        while True:
            try:
                return await self._once(text, given)
            except (ServiceUnavailable, SessionExpired):
                stale -= 1
                if stale < 0:
                    raise
            except TransientError as error:
                conflicts -= 1
                if conflicts < 0 or error.code != _CONFLICT:
                    raise

    async def _once(self, text: UnloggedText, given: dict[str, Any]) -> list[Any]:
        async with self._driver.session(default_access_mode="READ") as session:
            result = await session.run(Query(text, timeout=self._timeout), given)
            return [record async for record in result]


def _weight(statement: Statement, reading: Reading) -> int:
    """For how many records a statement is asked: those it starts from, or in a search the words that are looked up."""
    sources = [reading.inputs[part.number] for part in statement.parts]
    return max(1, sum(_searched_words(source) if isinstance(source, Mapping) else len(source) for source in sources))


def _searched_words(by: Mapping[str, Any]) -> int:
    """How many words a search looks up; the first two are every search's, and count as one."""
    return max(1, sum(len(words(by.get(name) or "")) for name in ("givenName", "familyName")) - 1)
