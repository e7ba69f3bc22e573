"""What an operation asks for: a frozen tree of records to read, and the form in which to answer.

The **tree** (`Node`) decides the statement's text: which relations are followed, from where. It is canonical: children
are ordered by relation, and the same field under two aliases is one node. The **form** (`Form`) keeps the client's
names and order and writes each record from its row. A tree deeper than a statement may hold is cut: the part
below the cut is a `Part` of its own, read in the next stage for the ids just read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLField
from graphql.execution.values import VariableValues, get_argument_values

from resolvers.document import Operation
from resolvers.form import Form
from schema.catalogue import CATALOGUE, Record


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one field, still to be joined with the variables of a request.

    Attributes:
        definition: the field in the schema.
        node: where the operation asks for it.
        operation: the operation.
    """

    definition: GraphQLField
    node: FieldNode
    operation: Operation = field(compare=False, repr=False)

    def bind(self, variables: VariableValues) -> dict[str, Any]:
        """The coerced arguments; those not given have their default or are absent.

        Raises:
            Refusal: a variable is null where the field needs a value.
        """
        try:
            return get_argument_values(self.definition, self.node, variables, hide_suggestions=True)
        except GraphQLError as error:
            raise self.operation.unfit(error) from None


@dataclass(frozen=True, slots=True)
class Node:
    """One record type reached on one path.

    Attributes:
        index: number within its statement; parameters are named after it.
        type: the record's type.
        relation: the field that leads here from the parent, or the kind of root.
        path: the fields from the root, dotted, as the audit stream names it.
        wanted: the values that the operation asks for.
        asked: every field of the record that the operation asks for, values and relations.
        arguments: the field's arguments, if it takes any.
        inline: whether its row stands in its parent's by itself: the far end of a link is part of the link.
        children: the nodes read below it in the same statement, by relation.
        deferred: the number of the part that reads the rest of its children in the next stage, if the tree is cut here.
    """

    index: int
    type: str
    relation: str
    path: str
    wanted: frozenset[str]
    asked: frozenset[str]
    arguments: Arguments | None
    inline: bool
    children: tuple["Node", ...]
    deferred: int | None

    @property
    def record(self) -> Record:
        """The catalogue's entry for the type."""
        return CATALOGUE[self.type]

    def walk(self) -> Iterator["Node"]:
        """This node and all below it in the same statement, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def signature(self) -> str:
        """The tree of relations as text: equal for trees that are read by the same statement."""
        return f"{self.relation}:{self.type}({','.join(child.signature for child in self.children)})"


@dataclass(frozen=True, slots=True)
class Part:
    """A subtree that is read from given ids, or from a search, or for the asking account.

    Attributes:
        number: its place in the plan's results.
        kind: "ids", "search" or "me".
        stage: the stage that reads it, from 0.
        root: its topmost node.
        asking: its nodes that take arguments.
    """

    number: int
    kind: str
    stage: int
    root: Node
    asking: tuple[Node, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "asking", tuple(node for node in self.root.walk() if node.arguments is not None))


Given = Mapping[str, Mapping[str, Any]]
"""The arguments of each root field, by its response key."""


@dataclass(frozen=True, slots=True)
class Root:
    """A root field of the operation.

    Attributes:
        key: response key.
        field: the root field's name.
        arguments: its arguments.
        branches: for each record type that it may yield, the part that is read and the form of the answer.
        wrapper: of a search, its own fields: response key, "candidates", "tooMany" or "__typename", and the form.
    """

    key: str
    field: str
    arguments: Arguments
    branches: tuple["Branch", ...] = ()
    wrapper: tuple[tuple[str, str, Form], ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """One record type that a root field may yield: the part that reads it, and the form of its answer."""

    part: int
    node: Node
    form: Form


@dataclass(frozen=True, slots=True)
class Statement:
    """The parts read by one statement.

    Attributes:
        parts: the parts, in order.
        signature: tells apart the trees of relations.
        wanted: the values that each node wants, parts in order and parents first: with the signature it tells apart
            what is read.
    """

    parts: tuple[Part, ...]
    signature: str
    wanted: tuple[frozenset[str], ...]

    def kinds(self, inputs: Mapping[int, Any]) -> tuple[str, ...]:
        """The kind of each part, as its text needs it: a search with a date of birth is "dated", any other "placed".

        Args:
            inputs: for each part, by number, the ids to start from, or what a search was given.
        """
        return tuple(
            part.kind if part.kind != "search" else "dated" if inputs[part.number].get("dateOfBirth") else "placed"
            for part in self.parts
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What to read, in stages of statements, and how to answer.

    Attributes:
        roots: the root fields that yield records, in the client's order.
        stages: the statements of each stage; a stage reads below the ids that the stage before it read.
        introspects: whether graphql-core's executor has to complete the answer.
        typenames: the response keys of ``__typename`` on the query itself.
        order: every response key in the client's order.
        parts: all parts, stage by stage.
    """

    roots: tuple[Root, ...]
    stages: tuple[tuple[Statement, ...], ...]
    introspects: bool
    typenames: tuple[str, ...]
    order: tuple[str, ...]
    parts: tuple[Part, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        parts = (part for statements in self.stages for statement in statements for part in statement.parts)
        object.__setattr__(self, "parts", tuple(parts))

    def given(self, variables: VariableValues) -> Given:
        """What the root fields are asked with.

        Raises:
            Refusal: a variable is null where a field needs a value.
        """
        return {root.key: root.arguments.bind(variables) for root in self.roots}
