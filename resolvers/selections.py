"""Collecting the fields of a selection, as the GraphQL specification says (CollectFields)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    print_ast,
)
from graphql.execution.values import VariableValues, get_directive_values

from resolvers.document import Operation
from schema.executable import SCHEMA

Fields = dict[str, list[FieldNode]]


@dataclass(frozen=True, slots=True)
class Selections:
    """Collects the fields of one operation, for given values of the variables in its directives."""

    operation: Operation
    conditions: VariableValues

    def collect(self, type_name: str, sets: Iterable[SelectionSetNode | None]) -> Fields:
        """The fields selected on a type, by response key in order.

        Raises:
            Refusal: a condition is null.
        """
        fields: Fields = {}
        seen: set[str] = set()
        for selection_set in sets:
            if selection_set is not None:
                self._into(fields, seen, type_name, selection_set)
        return fields

    def _into(self, fields: Fields, seen: set[str], type_name: str, selection_set: SelectionSetNode) -> None:
        for selection in selection_set.selections:
            if not self._included(selection):
                continue
            if isinstance(selection, FieldNode):
                key = selection.alias.value if selection.alias else selection.name.value
                fields.setdefault(key, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                if condition is None or _applies(condition.name.value, type_name):
                    self._into(fields, seen, type_name, selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                fragment = self.operation.fragments[selection.name.value]
                if _applies(fragment.type_condition.name.value, type_name):
                    self._into(fields, seen, type_name, fragment.selection_set)

    def _included(self, node: Any) -> bool:
        try:
            skip = get_directive_values(GraphQLSkipDirective, node, self.conditions)
            include = get_directive_values(GraphQLIncludeDirective, node, self.conditions)
        except GraphQLError as error:
            raise self.operation.unfit(error) from None
        return not (skip and skip["if"]) and not (include and not include["if"])


def _applies(condition: str, type_name: str) -> bool:
    return condition in {type_name, "_Entity"}


def argument_key(nodes: list[FieldNode]) -> str:
    """What tells apart the same field with different arguments."""
    return ",".join(sorted(print_ast(argument) for argument in nodes[0].arguments or ()))


def field_of(type_name: str, name: str) -> GraphQLField:
    """A field's definition."""
    fields: dict[str, GraphQLField] = cast("GraphQLObjectType", SCHEMA.type_map[type_name]).fields
    return fields[name]


def target_of(definition: GraphQLField) -> str:
    """The name of the type that a field yields."""
    return get_named_type(definition.type).name


def subsets(nodes: list[FieldNode]) -> list[SelectionSetNode | None]:
    """The selection sets below a field that was selected several times."""
    return [node.selection_set for node in nodes]
