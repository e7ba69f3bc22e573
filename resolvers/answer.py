"""Rows to answer: the client's shape filled straight from the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError, execute_sync
from graphql.execution.values import VariableValues

from resolvers.document import Operation
from resolvers.federation import reference_of
from resolvers.grants import Grants
from resolvers.limits import MAX_VALUES
from resolvers.ports import Row
from resolvers.refusals import Refusal
from resolvers.tree import AccessItem, Branch, Composite, Given, Item, Link, Node, Plan, Root, Shape, Typename, Values
from schema.executable import SCHEMA, Entity

Contacts = Mapping[str, Mapping[str, Any]]


@dataclass(slots=True)
class Filler:
    """Fills shapes from rows.

    Attributes:
        grants: what was open, for the accounts of what was withheld.
        contacts: whom to call, by the contact's key in the grants.
        results: the rows of each part, by its number.
        by_id: the rows of each part by id, for what stands behind a cut.
        told: what policy did, as far as it is written already, by item and class.
        room: how many values may still be written.
        weights: how many values the items of a record are, as far as they are counted, by the items' identity.
    """

    grants: Grants
    contacts: Contacts
    results: Mapping[int, Sequence[Row]]
    by_id: Mapping[int, Mapping[str, Row]]
    told: dict[tuple[int, str], dict[str, Any]] = field(default_factory=dict)
    room: int = field(default_factory=lambda: MAX_VALUES)
    weights: dict[int, int] = field(default_factory=dict)

    def record(self, items: Sequence[Item], node: Node, row: Row, into: dict[str, Any]) -> dict[str, Any]:
        """One record in the client's shape.

        Raises:
            Refusal: the answer has too many values. A record behind a cut is read once, and written as often as paths
                lead to it, which may be as many as there are atoms.
        """
        self.room -= self.weights.get(id(items)) or self._weighed(items)
        if self.room < 0:
            raise Refusal("OPERATION_TOO_LARGE")
        for item in items:
            match item:
                case Values():
                    into.update(zip(item.keys, item.pick(row), strict=True))
                case Link():
                    into[item.key] = self._link(item, row)
                case Composite():
                    into[item.key] = _composite(item, row[item.column])
                case AccessItem():
                    into[item.key] = self._told(item, node, row[0])
                case Typename():
                    into[item.key] = item.name
        return into

    def _weighed(self, items: Sequence[Item]) -> int:
        return self.weights.setdefault(id(items), 1 + sum(map(_weight, items)))

    def _link(self, link: Link, row: Row) -> Any:
        source = row if link.part is None else self.by_id[link.part].get(row[1])
        rows = None if source is None else source[link.slot]
        if rows is None:
            return None
        if link.node.inline:
            return self.record(link.items, link.node, rows, {})
        if link.many:
            return [self.record(link.items, link.node, below, {}) for below in rows]
        return self.record(link.items, link.node, rows[0], {}) if rows else None

    def _told(self, item: AccessItem, node: Node, class_key: str) -> dict[str, Any]:
        """What policy did, in the client's shape: the same for all records of a class, so it is written once."""
        key = (id(item), class_key)
        if key not in self.told:
            self.told[key] = _shaped(item.shape, self._access(node, class_key))
        return self.told[key]

    def _access(self, node: Node, class_key: str) -> dict[str, Any]:
        """What policy did: it follows from the class and the plan alone."""
        grant = self.grants.of(node.type, class_key)
        _, reasons = self.grants.told(node.type, class_key, node.asked)
        withheld = [{"field": name, "reason": reason} for name, reason in reasons.items()]
        contact = self.contacts.get(grant.contact) if grant.contact is not None else None
        return {"shielded": "shielded" in class_key.split("|"), "withheld": withheld, "contact": contact}


def _weight(item: Item) -> int:
    """How many values an item of a record is, but for the records that a link leads to."""
    match item:
        case Values():
            return len(item.keys)
        case Composite():
            return len(item.parts)
        case AccessItem():
            return _leaves(item.shape)
        case _:
            return 1


def _leaves(shape: Shape) -> int:
    return sum(_leaves(below) if below else 1 for _, _, below in shape.fields)


def _shaped(shape: Shape, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, list):
        return [_shaped(shape, each) for each in value]
    return {
        key: shape.type if name == "__typename" else _shaped(below, value.get(name)) if below else value.get(name)
        for key, name, below in shape.fields
    }


def _composite(item: Composite, value: Any) -> Any:
    if value is None:
        return None
    if item.many:
        return [_parts(item, list(each)) for each in zip(*(column or [] for column in value), strict=True)]
    return _parts(item, value)


def _parts(item: Composite, value: Sequence[Any]) -> dict[str, Any]:
    return {key: item.type if position is None else value[position] for key, position in item.parts}


def fill(plan: Plan, filler: Filler, given: Given, too_many: frozenset[int]) -> dict[str, Any]:
    """The data of an answer, in the client's order; what only the executor can answer is left out."""
    answered: dict[str, Any] = dict.fromkeys(plan.typenames, "Query")
    for root in plan.roots:
        answered[root.key] = _root(root, filler, given, too_many)
    return {key: answered[key] for key in plan.order if key in answered}


def _root(root: Root, filler: Filler, given: Given, too_many: frozenset[int]) -> Any:
    if root.field == "_entities":
        return [_entity(each, root.branches, filler) for each in given[root.key]["representations"]]
    (branch,) = root.branches
    rows = filler.results[branch.part]
    if root.field == "findChildren":
        many = branch.part in too_many
        wrapped: dict[str, Any] = {}
        for key, name, items in root.wrapper:
            candidates = None if many else [filler.record(items, branch.node, row, {}) for row in rows]
            wrapped[key] = {"tooMany": many, "__typename": "FoundChildren"}.get(name, candidates)
        return wrapped
    return filler.record(branch.items, branch.node, rows[0], {}) if rows else None


def _entity(representation: Any, branches: Sequence[Branch], filler: Filler) -> Entity | None:
    """One entity for a router's representation."""
    reference = reference_of(representation)
    for branch in branches:
        if reference and reference.type == branch.node.type:
            row = filler.by_id[branch.part].get(reference.id)
            if row is not None:
                entity = Entity(branch.node.type)
                filler.record(branch.items, branch.node, row, entity)
                return entity
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
