"""The suite's schema behind everything of the directory that is not about its own records.

The same are the HTTP layer, who asks, what a document may cost, what policy's gate says, and the record that is durable
before the answer. Not the same is what answers: the directory reads its own graph by statements made from its own
catalogue, so another schema's data come from resolvers here.
"""

from dataclasses import dataclass, fields, replace
from typing import Any

from graphql import GraphQLSchema, execute_sync
from graphql.execution.values import get_variable_values
from starlette.types import ASGIApp, Receive, Scope, Send

from resolvers.decide import question
from resolvers.document import Documents
from resolvers.model import Access, Answer, Ask
from resolvers.pipeline import Pipeline, settled
from resolvers.ports import Bill
from resolvers.refusals import Refusal
from tests.federation.products.types import PRODUCTS

SCHEMA: GraphQLSchema = PRODUCTS._schema


@dataclass(frozen=True, slots=True)
class ProductsPipeline(Pipeline):
    """Answers operations on products; plan and read are left out."""

    async def answer(self, ask: Ask, account_id: str, access: Access, toll: Bill | None = None) -> Answer:
        """Decide, execute, record, answer."""
        entry, today = self.entry(ask, account_id, access), self.clock().date().isoformat()
        try:
            await settled(toll)
            operation = self.documents.operation(ask.text, ask.operation_name)
            definitions = operation.definition.variable_definitions or ()
            if isinstance(get_variable_values(SCHEMA, definitions, dict(ask.variables)), list):
                raise Refusal("VARIABLES_INVALID")  # noqa: TRY301 - recorded below like every refusal
            account = await self.accounts.get(account_id)
            asked = question(account, access, today)
            entry = replace(entry, organisation=account.organisation, question=asked)
            grants = await self.decisions.decide(asked, access)
            data = _executed(operation.document, ask)
        except Refusal as refusal:
            raise await self.refused(entry, refusal) from None
        await self.recorder.record(replace(entry, revision=grants.revision))
        return Answer(data, entry.receipt, grants.revision)


def _executed(document: Any, ask: Ask) -> dict[str, Any]:
    result = execute_sync(
        SCHEMA, document, variable_values=dict(ask.variables), operation_name=ask.operation_name, context_value=PRODUCTS
    )
    if result.errors:
        raise result.errors[0]
    return result.data or {}


def products_pipeline(directory: Pipeline) -> ProductsPipeline:
    """The directory's pipeline with another schema to answer."""
    kept = {each.name: getattr(directory, each.name) for each in fields(Pipeline)}
    return ProductsPipeline(**{**kept, "documents": Documents(schema=SCHEMA)})


def as_principal(app: ASGIApp, headers: dict[str, str]) -> ASGIApp:
    """The application for a client that sends no credentials: each request gets the test principal's."""
    added = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]

    async def signed(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "headers": [*scope["headers"], *added]}, receive, send)

    return signed
