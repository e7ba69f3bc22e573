"""Which fields an operation asks for, by a plain walk over its document."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from graphql import (
    BooleanValueNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    build_schema,
    get_named_type,
    print_ast,
    print_schema,
)

from schema.executable import SCHEMA
from tests.judge.records import Where

BARE: GraphQLSchema = build_schema(print_schema(SCHEMA), assume_valid=True)
"""The schema without any resolver."""


def fields_of(type_name: str) -> list[str]:
    """The fields of a record type that policy decides: values in schema order, then relations."""
    decided = [name for name in object_type(type_name).fields if name not in {"id", "access"}]
    return sorted(decided, key=lambda name: is_relation(type_name, name))


def is_relation(type_name: str, name: str) -> bool:
    """Whether a field leads to other records."""
    return is_record(get_named_type(object_type(type_name).fields[name].type).name)


def object_type(name: str) -> GraphQLObjectType:
    """An object type of the schema."""
    found = BARE.type_map[name]
    if not isinstance(found, GraphQLObjectType):
        raise TypeError(name)
    return found


def is_record(name: str) -> bool:
    """Whether policy decides about a type."""
    found = BARE.type_map[name]
    return isinstance(found, GraphQLObjectType) and "access" in found.fields


def step(node: FieldNode) -> tuple[str, str]:
    """A field with its arguments as text: what tells apart two paths."""
    return node.name.value, ",".join(sorted(print_ast(argument) for argument in node.arguments or ()))


def entity_step(here: tuple[str, str], type_name: str) -> tuple[str, str]:
    """The step to one type of entity: fields of the same name lead to different records from each."""
    name, arguments = here
    return name, f"{arguments}:{type_name}"


class Asked:
    """The fields asked for on each path: all that the operation selects there, under whatever alias or fragment."""

    def __init__(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        (operation,) = (d for d in document.definitions if isinstance(d, OperationDefinitionNode))
        self._variables = dict(variables)
        for definition in operation.variable_definitions or ():
            if isinstance(definition.default_value, BooleanValueNode):
                self._variables.setdefault(definition.variable.name.value, definition.default_value.value)
        self.at: dict[tuple[Where, str], set[str]] = defaultdict(set)
        self._walk("Query", (), operation.selection_set)

    def _walk(self, type_name: str, where: Where, selection_set: SelectionSetNode | None) -> None:
        for selection in selection_set.selections if selection_set else ():
            if not self._included(selection):
                continue
            if isinstance(selection, FieldNode):
                self._field(type_name, where, selection)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                if condition is None or condition.name.value in {type_name, "_Entity"}:
                    self._walk(type_name, where, selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode):
                fragment = self._fragments[selection.name.value]
                if fragment.type_condition.name.value in {type_name, "_Entity"}:
                    self._walk(type_name, where, fragment.selection_set)

    def _field(self, type_name: str, where: Where, node: FieldNode) -> None:
        name = node.name.value
        if type_name == "FoundChildren":
            if name == "candidates":
                self._walk("Child", where, node.selection_set)
            return
        if name == "_entities":
            for target in ("Child", "Carer", "Involvement", "Service", "Practitioner", "Organisation"):
                self._walk(target, (entity_step(step(node), target),), node.selection_set)
            return
        if is_record(type_name):
            self.at[where, type_name].add(name)
        if name.startswith("__"):
            return
        target = get_named_type(object_type(type_name).fields[name].type).name
        if is_record(target) or target == "FoundChildren":
            self._walk(target, (*where, step(node)), node.selection_set)

    def _included(self, selection: Any) -> bool:
        for directive in selection.directives or ():
            value = directive.arguments[0].value
            said = self._variables[value.name.value] if isinstance(value, VariableNode) else value.value
            if said is (directive.name.value == "skip"):
                return False
        return True
