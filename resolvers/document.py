"""Documents: parsed, validated and bounded once, then cached by their text."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from cachetools import LRUCache
from graphql import (
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_operation_ast,
    parse,
    validate,
)
from graphql.execution.values import VariableValues, get_variable_values

from resolvers.cost import check_cost
from resolvers.limits import MAX_DOCUMENT, MAX_TOKENS
from resolvers.refusals import Refusal
from schema.executable import SCHEMA

_PLACED = 2000
"""How many characters a document may have for which errors about variables tell places."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a valid document.

    Attributes:
        text: the document's text.
        document: its syntax tree.
        definition: the operation to run.
        fragments: the document's fragments by name.
        conditions: the names of the variables that ``@skip`` and ``@include`` read.
    """

    text: str
    document: DocumentNode
    definition: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    conditions: tuple[str, ...]

    @property
    def name(self) -> str | None:
        """The operation's name, if it has one."""
        return self.definition.name.value if self.definition.name else None

    def unfit(self, *errors: GraphQLError) -> Refusal:
        """The refusal of variables that do not fit, with the places in the text that the errors are about."""
        return Refusal("VARIABLES_INVALID", errors=_placed(errors, self.text, self.document))


def weight(operation: Operation) -> int:
    """How much room an operation takes in a cache: 1, and 1 for each thousand characters of its document.

    A syntax tree takes some thirty bytes for each character, so a cache that counted documents could be filled with
    hundreds of megabytes by one client who sends large ones.
    """
    return 1 + len(operation.text) // 1000


class Documents:
    """A cache of valid documents.

    What is kept of them are trees without locations: garbage collection looks through all that is kept, and holds a
    worker meanwhile, nine times as long where every node knows its tokens.

    Args:
        size: how many are kept, by `weight`.
        schema: what they have to fit.
    """

    def __init__(self, size: int = 256, schema: GraphQLSchema = SCHEMA) -> None:
        self._schema = schema
        self._operations: LRUCache[tuple[str, str | None], Operation] = LRUCache(size, getsizeof=weight)
        self._turn = asyncio.Lock()

    def knows(self, text: str, name: str | None) -> bool:
        """Whether an operation is at hand, so that nothing has to be parsed or checked for it."""
        return (text, name) in self._operations

    async def learn(self, text: str, name: str | None) -> None:
        """Read a document that is not at hand: one at a time, and whatever else waits has its turn in between.

        Raises:
            Refusal: as for ``operation``.
        """
        async with self._turn:
            await asyncio.sleep(0)
            self.operation(text, name)

    def operation(self, text: str, name: str | None) -> Operation:
        """The operation to run.

        Raises:
            Refusal: the text does not parse, is not valid, costs too much, or does not hold one such operation.
        """
        operation = self._operations.get((text, name))
        if operation is None:
            operation = self._operations[text, name] = _operation(text, _valid(text, name, self._schema), name)
        return operation


def variables_of(operation: Operation, given: Mapping[str, Any], schema: GraphQLSchema = SCHEMA) -> VariableValues:
    """The operation's variables, coerced.

    Args:
        operation: the operation.
        given: the values that came with it.
        schema: what the operation is valid for.

    Raises:
        Refusal: they do not fit the operation.
    """
    definitions = operation.definition.variable_definitions or ()
    variables = get_variable_values(schema, definitions, dict(given), max_errors=5, hide_suggestions=True)
    if isinstance(variables, list):
        raise operation.unfit(*variables)
    return variables


def _operation(text: str, document: DocumentNode, name: str | None) -> Operation:
    chosen = get_operation_ast(document, name)
    if chosen is None:
        raise Refusal("OPERATION_NAME")
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    conditions = tuple(sorted({v for d in document.definitions for v in _conditions(d)}))
    return Operation(text, document, chosen, MappingProxyType(fragments), conditions)


def _valid(text: str, name: str | None, schema: GraphQLSchema) -> DocumentNode:
    if len(text) > MAX_DOCUMENT:
        raise Refusal("OPERATION_TOO_LARGE")
    try:
        document = parse(text, no_location=True, max_tokens=MAX_TOKENS)
    except GraphQLError as error:
        raise Refusal("PARSE_FAILED", errors=(error,)) from None
    check_cost(document)
    chosen = get_operation_ast(document, name)
    if chosen and chosen.operation is not OperationType.QUERY:  # first: by GET that is said whatever else is wrong
        raise Refusal("OPERATION_KIND")
    if validate(schema, document, max_errors=1, hide_suggestions=True):
        located = parse(text, max_tokens=MAX_TOKENS)
        errors = validate(schema, located, max_errors=5, hide_suggestions=True)
        raise Refusal("VALIDATION_FAILED", errors=tuple(map(_plain, errors)))
    return document


def _placed(errors: Iterable[GraphQLError], text: str, document: DocumentNode) -> tuple[GraphQLError, ...]:
    """Errors with the places of what they are about: parsed once more, the text has the same nodes in one order.

    A node that graphql-core made up on the way, such as a value with variables in it, has no place. Nor has anything in
    a long document: whoever sends wrong variables with a known one pays for no new document.
    """
    if len(text) > _PLACED:
        return tuple(GraphQLError(error.message, path=error.path) for error in errors)
    located = parse(text, max_tokens=MAX_TOKENS)
    places = dict(zip(map(id, _nodes(document)), _nodes(located), strict=True))
    return tuple(
        GraphQLError(error.message, [places[id(n)] for n in error.nodes or () if id(n) in places], path=error.path)
        for error in errors
    )


def _nodes(node: Node) -> Iterator[Node]:
    """A node and all below it, in one order."""
    yield node
    for key in node.keys:
        below = getattr(node, key)
        for each in below if isinstance(below, tuple | list) else (below,):
            if isinstance(each, Node):
                yield from _nodes(each)


def _plain(error: GraphQLError) -> GraphQLError:
    """An error without a suggestion: graphql-core leaves them out where it is told to, but for a missing selection."""
    return GraphQLError(error.message.partition(" Did you mean")[0], error.nodes)


def _conditions(node: object) -> Iterator[str]:
    """The variables in the directives of a selection and below."""
    selection_set: SelectionSetNode | None = getattr(node, "selection_set", None)
    for selection in selection_set.selections if selection_set else ():
        for directive in selection.directives or ():
            yield from _variables(directive)
        yield from _conditions(selection)


def _variables(directive: DirectiveNode) -> Iterator[str]:
    for argument in directive.arguments or ():
        if isinstance(argument.value, VariableNode):
            yield argument.value.name.value
