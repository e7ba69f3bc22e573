"""One request: plan, decide, read, record, answer.

This module is the design's sentence. Whatever fails on the way becomes a refusal, and a refusal is recorded too;
nothing is answered before its record is durable.
"""

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from graphql.execution.values import VariableValues

from resolvers.accounts import Accounts
from resolvers.answer import executed, fill
from resolvers.decide import Decisions, question
from resolvers.disclose import disclosed
from resolvers.document import Documents, Operation, variables_of
from resolvers.faults import described
from resolvers.federation import told_of
from resolvers.form import Contacts, Filler
from resolvers.grants import Grants
from resolvers.model import Access, Account, Answer, Ask, Entry, SearchRules
from resolvers.plan import Plans
from resolvers.planning import Planning
from resolvers.ports import Bill, Meter, Reader, Recorder, Shadow, Watch
from resolvers.read import Rows, check_bounds, inputs_of, read
from resolvers.refusals import GateRefusal, Refusal
from resolvers.shadow import UNSHADOWED
from resolvers.tree import Given, Plan
from resolvers.uses import Shapes, Uses, chances_of, missed, uses_of
from schema.executable import SDL

_log = logging.getLogger(__name__)
_NOWHERE = frozenset({"ACCOUNT_UNKNOWN", "GRAPH_UNAVAILABLE"})
"""Refusals after which the graph does not tell where an account belongs."""
_PLACE_SECONDS = 0.5
"""How long the record of a refusal may wait for it."""
Arguments = Sequence[tuple[str, Mapping[str, Any]]]
"""What an entry tells of each root field."""


@dataclass(frozen=True, slots=True)
class Planned:
    """An operation with its variables, its plan, and what its root fields are asked with."""

    operation: Operation
    variables: VariableValues
    plan: Plan
    given: Given


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Answers operations.

    Attributes:
        documents: the cache of valid documents.
        plans: the cache of plans.
        accounts: the cache of account facts.
        decisions: policy's grants.
        reader: the graph.
        meter: the allowances of accounts and clients.
        recorder: the audit stream.
        contacts: whom to call about what is withheld.
        search: the rules of searching.
        representations: how many representations one operation may bring, by policy.
        sdl: the schema definition that routers are offered.
        shapes: the statement shapes that were sent already.
        planning: the turns of those that were not.
        shadow: a candidate policy, which decides beside the one in force and changes nothing.
        clock: the time, with its zone.
    """

    documents: Documents
    plans: Plans
    accounts: Accounts
    decisions: Decisions
    reader: Reader
    meter: Meter
    recorder: Recorder
    contacts: Contacts
    search: SearchRules
    representations: int
    sdl: str = SDL
    shapes: Shapes = field(default_factory=Shapes)
    planning: Planning = field(default_factory=Planning)
    shadow: Shadow = UNSHADOWED
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def answer(self, ask: Ask, account_id: str, access: Access, toll: Bill | None = None) -> Answer:
        """Answer an operation, or refuse it; either way it is recorded first.

        Args:
            ask: the operation.
            account_id: who asks.
            access: what the request states.
            toll: the request's own count, where that is not settled yet.

        Raises:
            Refusal: nothing is shown; the exception says why, and its receipt names the record.
        """
        entry, today = self.entry(ask, account_id, access), self.clock().date().isoformat()
        told: dict[str, Any] = {}  # what the entry tells besides, as far as it is known
        watch: Watch = UNSHADOWED
        try:
            await self.learn(self.documents, ask, account_id, access, toll)
            planned = self._plan(ask)
            check_bounds(planned.plan, planned.given, self.representations)
            told |= {"arguments": _arguments(planned), "introspects": planned.plan.introspects}
            inputs = inputs_of(planned.plan, planned.given, self.search)
            shapes = self.shapes.new(planned.plan, inputs, mediated=access.mediated)
            bills = await self._spend(account_id, access, uses_of(inputs, shapes), chances_of(inputs))
            if shapes:  # planning them takes the graph long
                await settled(toll)
            for fresh, known in enumerate((self.accounts.get, self.accounts.refresh)):
                account, other = await known(account_id), await _other(known, access)
                asked = question(account, access, today, other=other)
                told |= {"organisation": account.organisation, "area": account.area, "question": asked}
                watch = self.shadow.watch(asked, introspects=planned.plan.introspects)
                try:
                    grants = await self.decisions.decide(asked, access)
                except GateRefusal:
                    if fresh:
                        raise
                    continue  # what is remembered of the account may be out of date
                if planned.plan.introspects and not grants.schema:
                    raise Refusal("SCHEMA_NOT_FOR_ROLE")  # noqa: TRY301 - recorded below like every refusal
                async with self.planning.turn(account_id, shapes):
                    rows = await read(
                        self.reader, planned.plan, planned.variables, inputs, grants, account, other, today, self.search
                    )
                if rows is not None:
                    break
            else:
                raise Refusal("ACCOUNT_CHANGED")  # noqa: TRY301 - recorded below like every refusal
            await settled(toll, *bills)
            self.shapes.sent(shapes)
            if nothing := missed(inputs, rows.results, rows.too_many):
                await settled(*await self._spend(account_id, access, nothing))
            told["revision"] = grants.revision
            data = self._fill(planned, grants, rows)
            shown = disclosed(planned.plan.parts, rows.results, grants)
            entry = replace(entry, **told, disclosed=shown, shadow=watch.answered(shown, grants))
        except Refusal as refusal:
            raise await self.refused(replace(entry, **told, shadow=watch.refused(refusal)), refusal) from None
        except Exception as error:  # noqa: BLE001 - whatever fails, nothing is shown
            _log.error("operation %s failed: %s", entry.receipt, described(error))
            raise await self.refused(replace(entry, **told, outcome="failed"), Refusal("INTERNAL")) from None
        return Answer(data, await self.recorder.record(entry), grants.revision)

    async def learn(
        self, documents: Documents, ask: Ask, account_id: str, access: Access, toll: Bill | None = None
    ) -> None:
        """Read a document that is not at hand, once whoever asks has paid for it, and for the request.

        Raises:
            Refusal: the allowance is used up, or the document is not one that can be answered.
        """
        if not documents.knows(ask.text, ask.operation_name):
            await settled(toll, self.meter.spend(account_id, access.client, {"documents": 1}))
            await documents.learn(ask.text, ask.operation_name)

    async def _spend(self, account_id: str, access: Access, uses: Uses, chances: Uses | None = None) -> Sequence[Bill]:
        """Take what an operation uses from whoever asks, and from whom they ask for.

        Returns:
            What has to be settled before anything is shown. A count is waited for here where little is left, or where
            the graph would have to plan.
        """
        bills = []
        for person in (account_id, access.on_behalf_of):
            if person is not None:
                bills.append(bill := self.meter.spend(person, access.client, uses, chances))
                if "shapes" in uses or not bill.ample:
                    await bill
        return bills

    async def refuse(
        self, ask: Ask | None, account_id: str | None, access: Access, refusal: Refusal, arguments: Arguments = ()
    ) -> Refusal:
        """Record a refusal that came before there was an operation; returns it with its receipt.

        Args:
            ask: what was asked, as far as is known.
            account_id: who asked, if that is known.
            access: what the request states.
            refusal: why.
            arguments: what else to record.

        Raises:
            Refusal: it cannot be recorded.
        """
        return await self.refused(replace(self.entry(ask, account_id, access), arguments=arguments), refusal)

    async def refused(self, entry: Entry, refusal: Refusal) -> Refusal:
        """Record the refusal of an operation; returns it with its receipt.

        Raises:
            Refusal: it cannot be recorded.
        """
        outcome = "refused" if entry.outcome == "answered" else entry.outcome
        entry = await self._placed(entry, refusal)
        if isinstance(refusal, GateRefusal):
            entry = replace(entry, revision=refusal.revision)
        refusal.receipt = await self.recorder.record(
            replace(entry, outcome=outcome, codes=(*refusal.codes, *refusal.recorded))
        )
        return refusal

    async def _placed(self, entry: Entry, refusal: Refusal) -> Entry:
        """A refusal's record with the place of whoever asked, by which an authority's auditors find it."""
        if entry.account is None or entry.organisation is not None or refusal.code in _NOWHERE:
            return entry
        try:
            async with asyncio.timeout(_PLACE_SECONDS):
                account = await self.accounts.get(entry.account)
        except Exception:  # noqa: BLE001 - whatever fails, the refusal is recorded
            return entry
        return replace(entry, organisation=account.organisation, area=account.area)

    def entry(self, ask: Ask | None, account_id: str | None, access: Access) -> Entry:
        """The beginning of an operation's record."""
        return Entry(
            receipt=secrets.token_hex(16),
            at=self.clock().isoformat(timespec="milliseconds"),
            outcome="answered",
            account=account_id,
            access=access,
            operation=hashlib.sha256(ask.text.encode("utf-8", "surrogatepass")).hexdigest() if ask else None,
            operation_name=ask.operation_name if ask else None,
        )

    def _plan(self, ask: Ask) -> Planned:
        operation = self.documents.operation(ask.text, ask.operation_name)
        variables = variables_of(operation, ask.variables)
        plan = self.plans.plan(operation, variables)
        return Planned(operation, variables, plan, plan.given(variables))

    def _fill(self, planned: Planned, grants: Grants, rows: Rows) -> dict[str, Any]:
        by_id = {
            part.number: {row[1]: row for row in rows.results[part.number]}
            for part in planned.plan.parts
            if part.kind == "ids"
        }
        data = fill(planned.plan, Filler(grants, self.contacts, by_id), planned.given, rows)
        if planned.plan.introspects:
            return executed(planned.operation, data, planned.variables, self.sdl)
        return data


async def settled(*bills: Bill | None) -> None:
    """Wait for counts, one after the other; where there is None, it is settled already.

    Raises:
        Refusal: an allowance is used up, or it cannot be counted.
    """
    for bill in bills:
        if bill is not None:
            await bill


async def _other(known: Callable[[str], Awaitable[Account]], access: Access) -> Account | None:
    """The facts of whom a request is made for, if it is mediated."""
    if access.on_behalf_of is None:
        return None
    try:
        return await known(access.on_behalf_of)
    except Refusal as refusal:
        if refusal.code != "ACCOUNT_UNKNOWN":
            raise
        raise Refusal("MEDIATED_REFUSED", recorded=refusal.codes) from None


def _arguments(planned: Planned) -> Arguments:
    """The arguments of each root field for the record; of a representation its type and id, which alone count."""
    told: list[tuple[str, Mapping[str, Any]]] = []
    for root in planned.plan.roots:
        given = planned.given[root.key]
        if root.field == "_entities":
            given = {"representations": [told_of(each) for each in given["representations"]]}
        told.append((root.field, given))
    return told
