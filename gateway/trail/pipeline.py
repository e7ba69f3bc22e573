"""One question about the trail: check, decide, record, and only then read the archive."""

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from graphql import GraphQLError, GraphQLObjectType, execute_sync
from graphql.execution.values import VariableValues, get_argument_values

from gateway.trail.schema import SCHEMA, Trail
from resolvers.decide import question
from resolvers.document import Documents, Operation, variables_of
from resolvers.faults import described
from resolvers.model import Access, Account, Answer, Ask
from resolvers.pipeline import Arguments, Pipeline, settled
from resolvers.ports import Bill
from resolvers.refusals import Refusal
from resolvers.selections import Selections

_log = logging.getLogger(__name__)

PURPOSE = "audit-review"
"""The only purpose for which the trail is read; which roles may use it is policy."""
MOST_REQUESTS = 4
"""Questions about the trail under way at once in each worker: each takes a process, and reads files."""
_AUTHORITY = "LOCAL_AUTHORITY"
MOST_QUESTIONS = 3
"""Questions in one operation."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose accesses somebody may see: an authority's own reviewers all made in it, others their organisation's."""

    area: str | None
    organisation: str


class Questions(Protocol):
    """The archive."""

    async def history(self, scope: Scope, child: str, since: str | None, until: str | None) -> Trail:
        """Who saw the record of a child.

        Raises:
            Refusal: the archive does not answer.
        """

    async def trail(self, scope: Scope, account: str, since: str | None, until: str | None) -> Trail:
        """What an account asked for.

        Raises:
            Refusal: the archive does not answer.
        """


class Directory(Protocol):
    """The directory's pipeline under the policy in force."""

    async def current(self) -> Pipeline:
        """The pipeline.

        Raises:
            Refusal: the policy cannot be known for this second.
        """

    async def refuse(
        self, ask: Ask | None, account_id: str | None, access: Access, refusal: Refusal, arguments: Arguments = ()
    ) -> Refusal:
        """Record a refusal that came before there was a question.

        Raises:
            Refusal: it cannot be recorded.
        """


@dataclass(frozen=True, slots=True)
class _Asked:
    """One root field: its response key, its name and its arguments."""

    key: str
    field: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TrailPipeline:
    """Answers questions about the trail.

    Attributes:
        directory: the directory's pipeline, whose accounts, decisions, allowances and record this one shares.
        questions: the archive.
        threads: where answers are made of what was read, which may be much. They are its own: policy needs the others.
        documents: the cache of valid documents.
    """

    directory: Directory
    questions: Questions
    threads: Executor
    documents: Documents = field(default_factory=lambda: Documents(schema=SCHEMA))

    async def answer(self, ask: Ask, account_id: str, access: Access, toll: Bill | None = None) -> Answer:
        """Answer a question, or refuse it. Either way it is recorded before the archive is read.

        Raises:
            Refusal: nothing is shown; the exception says why, and its receipt names the record.
        """
        try:
            directory = await self.directory.current()
        except Refusal as refusal:
            raise await self.directory.refuse(ask, account_id, access, refusal) from None
        entry = directory.entry(ask, account_id, access)
        try:
            await settled(toll)
            await directory.learn(self.documents, ask, account_id, access)
            operation = self.documents.operation(ask.text, ask.operation_name)
            variables = variables_of(operation, ask.variables, SCHEMA)
            asked, introspects = _roots(operation, variables)
            told = [(each.field, each.arguments) for each in asked]
            entry = replace(entry, arguments=told, introspects=introspects)
            if access.purpose != PURPOSE:
                raise Refusal("PURPOSE_NOT_HERE")  # noqa: TRY301 - recorded below like every refusal
            if access.mediated:
                raise Refusal("MEDIATION_NOT_HERE")  # noqa: TRY301 - as above
            await directory.meter.spend(account_id, access.client, {"records": max(1, len(asked))})
            account = await directory.accounts.refresh(account_id)
            facts = question(account, access, entry.at[:10])
            entry = replace(entry, organisation=account.organisation, area=account.area, question=facts)
            grants = await directory.decisions.decide(facts, access)
            if introspects and not grants.schema:
                raise Refusal("SCHEMA_NOT_FOR_ROLE")  # noqa: TRY301 - as above
            receipt = await directory.recorder.record(replace(entry, revision=grants.revision))
        except Refusal as refusal:
            raise await directory.refused(entry, refusal) from None
        found = await self._found(asked, account)
        data = await asyncio.get_running_loop().run_in_executor(self.threads, _told, operation, variables, found)
        return Answer(data, receipt, grants.revision)

    async def refuse(
        self, ask: Ask | None, account_id: str | None, access: Access, refusal: Refusal, arguments: Arguments = ()
    ) -> Refusal:
        """Record a refusal that came before there was a question; returns it with its receipt.

        Raises:
            Refusal: it cannot be recorded.
        """
        return await self.directory.refuse(ask, account_id, access, refusal, arguments)

    async def _found(self, asked: list[_Asked], account: Account) -> dict[str, Trail]:
        """What the archive knows for each root field."""
        scope = Scope(account.area if account.organisation_kind == _AUTHORITY else None, account.organisation)
        found: dict[str, Trail] = {}
        for each in asked:
            since, until = each.arguments.get("since"), each.arguments.get("until")
            if each.field == "history":
                found[each.key] = await self.questions.history(scope, str(each.arguments["child"]), since, until)
            else:
                found[each.key] = await self.questions.trail(scope, str(each.arguments["account"]), since, until)
        return found


def _told(operation: Operation, variables: VariableValues, found: Mapping[str, Trail]) -> dict[str, Any]:
    """What was found, in the client's shape."""
    result = execute_sync(
        SCHEMA,
        operation.document,
        root_value=found,
        variable_values={name: source.value for name, source in variables.sources.items()},
        operation_name=operation.name,
        hide_suggestions=True,
    )
    if result.errors or result.data is None:
        _log.error("trail: %s", [described(error) for error in result.errors or ()])
        raise Refusal("INTERNAL")
    return result.data


def _roots(operation: Operation, variables: VariableValues) -> tuple[list[_Asked], bool]:
    """The questions of an operation, and whether it asks about the schema too."""
    query = SCHEMA.type_map["Query"]
    assert isinstance(query, GraphQLObjectType)  # noqa: S101 - for the type checker
    fields = Selections(operation, variables).collect("Query", [operation.definition.selection_set])
    asked = []
    for key, nodes in fields.items():
        if (definition := query.fields.get(nodes[0].name.value)) is not None:
            try:
                arguments = get_argument_values(definition, nodes[0], variables, hide_suggestions=True)
            except GraphQLError as error:
                raise operation.unfit(error) from None
            asked.append(_Asked(key, nodes[0].name.value, arguments))
    if len(asked) > MOST_QUESTIONS:
        raise Refusal("OPERATION_TOO_LARGE")
    introspects = any(nodes[0].name.value in {"__schema", "__type"} for nodes in fields.values())
    return asked, introspects
