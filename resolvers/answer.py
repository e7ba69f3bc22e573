"""Rows to answer: the client's shape filled straight from the rows."""

from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError, execute_sync
from graphql.execution.values import VariableValues

from resolvers.document import Operation
from resolvers.federation import reference_of
from resolvers.form import Filler
from resolvers.read import Rows
from resolvers.tree import Branch, Given, Plan, Root
from schema.executable import SCHEMA, Entity


def fill(plan: Plan, filler: Filler, given: Given, rows: Rows) -> dict[str, Any]:
    """The data of an answer, in the client's order; what only the executor can answer is left out.

    Raises:
        Refusal: the answer has too many values.
    """
    answered: dict[str, Any] = dict.fromkeys(plan.typenames, "Query")
    for root in plan.roots:
        answered[root.key] = _root(root, filler, given, rows)
    return {key: answered[key] for key in plan.order if key in answered}


def _root(root: Root, filler: Filler, given: Given, rows: Rows) -> Any:
    if root.field == "_entities":
        return [_entity(each, root.branches, filler) for each in given[root.key]["representations"]]
    (branch,) = root.branches
    found = rows.results[branch.part]
    if root.field == "findChildren":
        many = branch.part in rows.too_many
        wrapped: dict[str, Any] = {}
        for key, name, form in root.wrapper:
            if name == "candidates":
                wrapped[key] = None if many else [form(filler, row) for row in found]
            else:
                wrapped[key] = many if name == "tooMany" else "FoundChildren"
        return wrapped
    return branch.form(filler, found[0]) if found else None


def _entity(representation: Any, branches: Sequence[Branch], filler: Filler) -> Entity | None:
    """One entity for a router's representation."""
    reference = reference_of(representation)
    for branch in branches:
        if reference and reference.type == branch.node.type:
            row = filler.by_id[branch.part].get(reference.id)
            if row is not None:
                return Entity(branch.node.type, branch.form(filler, row))
    return None


def executed(operation: Operation, data: dict[str, Any], variables: VariableValues, sdl: str) -> dict[str, Any]:
    """The same answer through graphql-core's executor, which adds what it alone can answer.

    Args:
        operation: what was asked.
        data: the answer without what only the executor can add.
        variables: the operation's.
        sdl: the schema definition that the gateway offers.

    Raises:
        Refusal: a variable is null where introspection needs a value.
        GraphQLError: the executor disagrees with the answer.
    """
    result = execute_sync(
        SCHEMA,
        operation.document,
        root_value=data,
        context_value=sdl,
        variable_values={name: source.value for name, source in variables.sources.items()},
        operation_name=operation.name,
        hide_suggestions=True,
    )
    for error in result.errors or ():
        if error.original_error is None or isinstance(error.original_error, GraphQLError):
            raise operation.unfit(error)
        raise error
    return result.data or {}
