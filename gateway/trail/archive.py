"""The archive as the trail's questions see it: limited to what the asker may see, a bounded number of accesses."""

import asyncio
import logging
from concurrent.futures import Executor
from datetime import date

from strawberry import ID

from audit.questions import Accessed, Archive, Question
from gateway.trail.aside import UnansweredError, asked, told
from gateway.trail.pipeline import Scope
from gateway.trail.schema import Trail, TrailAccess, TrailRecord, TrailWithheld
from resolvers.faults import described
from resolvers.refusals import Refusal

_log = logging.getLogger(__name__)

MOST = 200
"""Accesses in one answer."""


class ArchiveQuestions:
    """Answers from an archive.

    Args:
        archive: the archive.
        threads: where answers are made of what was read, which may be much.
    """

    def __init__(self, archive: Archive, threads: Executor) -> None:
        self._archive, self._threads = archive, threads

    async def history(self, scope: Scope, child: str, since: str | None, until: str | None) -> Trail:
        """Who saw the record of a child.

        Raises:
            Refusal: the archive cannot be read.
        """
        return await self._ask(scope, since, until, child=child)

    async def trail(self, scope: Scope, account: str, since: str | None, until: str | None) -> Trail:
        """What an account asked for.

        Raises:
            Refusal: the archive cannot be read.
        """
        return await self._ask(scope, since, until, account=account)

    async def _ask(
        self,
        scope: Scope,
        since: str | None,
        until: str | None,
        *,
        child: str | None = None,
        account: str | None = None,
    ) -> Trail:
        question = Question(
            child=child,
            account=account,
            area=scope.area,
            organisation=None if scope.area else scope.organisation,
            since=date.fromisoformat(since) if since else None,
            until=date.fromisoformat(until) if until else None,
            limit=MOST,
        )
        try:
            said = await asked(self._archive, question)
            return await asyncio.get_running_loop().run_in_executor(self._threads, _trail, said)
        except Exception as error:  # noqa: BLE001 - whatever fails, nothing is shown
            _log.error("trail: %s", error if isinstance(error, UnansweredError) else described(error))
            raise Refusal("ARCHIVE_UNAVAILABLE") from None


_PEOPLE = frozenset({"Child", "Care", "Carer"})
"""The types whose records are told by identifier. Whoever reviews may look up services, practitioners and
organisations: their identifiers beside a child would tell where she goes, which policy withholds from them."""


def _trail(said: bytes) -> Trail:
    answer = told(said)
    accesses = [_access(each) for each in answer.accesses]
    return Trail(until=answer.until.isoformat(), purged=answer.purged, more=answer.more, accesses=accesses)


def _access(found: Accessed) -> TrailAccess:
    records = [
        TrailRecord(
            path=record.path,
            type=record.type,
            id=ID(record.id) if record.type in _PEOPLE else None,
            child=_id(record.of),
            shown=list(record.shown),
            withheld=[TrailWithheld(field=name, reason=why) for name, why in record.withheld.items()],
        )
        for record in found.records
    ]
    return TrailAccess(
        receipt=ID(found.receipt),
        at=found.at.isoformat(timespec="milliseconds"),
        outcome=found.outcome,
        codes=list(found.codes),
        account=_id(found.account),
        organisation=_id(found.organisation),
        purpose=found.purpose,
        client=found.client,
        trace=found.trace,
        records=records,
    )


def _id(value: str | None) -> ID | None:
    return None if value is None else ID(value)
