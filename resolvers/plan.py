"""Operation to plan: the selections become a tree of records to read, and a form in which to answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cachetools import LRUCache
from graphql import FieldNode, GraphQLObjectType
from graphql.execution.values import VariableValues

from resolvers.document import Operation, weight
from resolvers.draft import Cutter, Draft
from resolvers.form import Form, Piece, Shape, Values, access, composite, form, link, typename
from resolvers.limits import MAX_NODES
from resolvers.selections import Fields, Selections, argument_key, field_of, subsets, target_of
from resolvers.tree import Arguments, Branch, Part, Plan, Root, Statement
from schema.catalogue import CATALOGUE
from schema.executable import SCHEMA

_META = frozenset({"__schema", "__type", "_service"})
ENTITY_TYPES = tuple(record.name for record in CATALOGUE.values() if record.has_id and record.name != "Account")
"""The record types that a router may ask for by reference."""


class Plans:
    """Plans, cached by document, operation and the values of the variables in its directives.

    Args:
        size: how many are kept, by the weight of their documents, whose nodes they hold.
    """

    def __init__(self, size: int = 256) -> None:
        self._plans: LRUCache[tuple[object, ...], tuple[Plan, int]] = LRUCache(size, getsizeof=lambda kept: kept[1])

    def plan(self, operation: Operation, variables: VariableValues) -> Plan:
        """The plan of an operation for the given coerced variables."""
        conditions = {name: variables.coerced.get(name) for name in operation.conditions}
        key = (operation.text, operation.name, *conditions.items())
        kept = self._plans.get(key)
        if kept is None:
            plan = _Builder(Selections(operation, VariableValues({}, conditions))).plan()
            kept = self._plans[key] = plan, weight(operation)
        return kept[0]


@dataclass(slots=True)
class _Builder:
    """Builds one plan: the drafts, their cuts, and the forms, which need to know where the rows of each link stand."""

    selections: Selections
    cutter: Cutter = field(default_factory=Cutter)

    def plan(self) -> Plan:
        fields = self.selections.collect("Query", [self.selections.operation.definition.selection_set])
        roots: dict[str, Draft] = {}
        parts: dict[str, Part] = {}
        drawn = [(key, nodes, self._draw(roots, nodes)) for key, nodes in fields.items() if _is_data(nodes)]
        for name, draft in sorted(roots.items(), key=lambda root: (_kind(root[1]), root[1].signature)):
            parts[name] = self.cutter.part(draft, _kind(draft))
        return Plan(
            roots=tuple(self._root(key, nodes, branches, parts) for key, nodes, branches in drawn),
            stages=_statements([part for part in self.cutter.parts if part is not None]),
            introspects=any(nodes[0].name.value in _META for nodes in fields.values()),
            typenames=tuple(key for key, nodes in fields.items() if nodes[0].name.value == "__typename"),
            order=tuple(fields),
        )

    def _draw(self, roots: dict[str, Draft], nodes: list[FieldNode]) -> list[tuple[str, Draft, Fields]]:
        """The drafts of a root field: (name in ``roots``, draft, the fields below it)."""
        name = nodes[0].name.value
        if name == "findChildren":
            wrapper = self.selections.collect("FoundChildren", subsets(nodes))
            below = [
                sub for wrapped in wrapper.values() if wrapped[0].name.value == "candidates" for sub in subsets(wrapped)
            ]
            targets = [("Child", below)]
        elif name == "_entities":
            targets = [(type_name, subsets(nodes)) for type_name in ENTITY_TYPES]
        else:
            targets = [(target_of(field_of("Query", name)), subsets(nodes))]
        drawn = []
        for type_name, sets in targets:
            fields = self.selections.collect(type_name, sets)
            if name == "_entities" and not fields:
                continue
            key = f"{name}({argument_key(nodes)}):{type_name}"
            draft = roots.setdefault(key, Draft(type_name, name, name))
            self._grow(draft, fields)
            drawn.append((key, draft, fields))
        return drawn

    def _grow(self, draft: Draft, fields: Fields) -> None:
        """Add what the fields ask for to a draft and all below it."""
        record = CATALOGUE[draft.type]
        for nodes in fields.values():
            name = nodes[0].name.value
            if name in record.values:
                draft.wanted.add(name)
            elif name in record.relation:
                child = self._child(draft, nodes)
                self._grow(child, self.selections.collect(child.type, subsets(nodes)))

    def _child(self, draft: Draft, nodes: list[FieldNode]) -> Draft:
        name = nodes[0].name.value
        definition = field_of(draft.type, name)
        arguments = Arguments(definition, nodes[0], self.selections.operation) if definition.args else None
        return draft.child(f"{name}({argument_key(nodes)})", target_of(definition), name, arguments)

    def _root(
        self, key: str, nodes: list[FieldNode], branches: list[tuple[str, Draft, Fields]], parts: Mapping[str, Part]
    ) -> Root:
        name = nodes[0].name.value
        drawn = tuple(
            Branch(parts[part].number, parts[part].root, self._form(draft, fields)) for part, draft, fields in branches
        )
        wrapper: list[tuple[str, str, Form]] = []
        if name == "findChildren":
            draft = branches[0][1]
            for own, wrapped in self.selections.collect("FoundChildren", subsets(nodes)).items():
                below = self.selections.collect("Child", subsets(wrapped))
                wrapper.append((own, wrapped[0].name.value, self._form(draft, below)))
        arguments = Arguments(field_of("Query", name), nodes[0], self.selections.operation)
        return Root(key, name, arguments, drawn, tuple(wrapper))

    def _form(self, draft: Draft, fields: Fields) -> Form:
        parts: list[Values | Piece] = []
        for key, nodes in fields.items():
            part = self._part(draft, key, nodes)
            if parts and isinstance(part, Values) and isinstance(last := parts[-1], Values):
                parts[-1] = last + part
            else:
                parts.append(part)
        return form(parts)

    def _part(self, draft: Draft, key: str, nodes: list[FieldNode]) -> Values | Piece:
        record, name = CATALOGUE[draft.type], nodes[0].name.value
        if name == "__typename":
            return typename(key, draft.type)
        if name == "id":
            return Values((key,), (1,))
        if name == "access":
            return access(key, self._shape("Access", nodes), draft.type, draft.asked)
        if name in record.parts:
            definition = field_of(draft.type, name)
            where = {part: position for position, part in enumerate(record.parts[name])}
            shape, many = self._shape(target_of(definition), nodes), str(definition.type).startswith("[")
            return composite(key, record.column[name], shape, where, many=many)
        if name in record.column:
            return Values((key,), (record.column[name],))
        child = self._child(draft, nodes)
        place = self.cutter.places[id(child)]
        below = self._form(child, self.selections.collect(child.type, subsets(nodes)))
        return link(key, place.slot, place.part, below, inline=place.node.inline, many=record.relation[name].many)

    def _shape(self, type_name: str, nodes: list[FieldNode]) -> Shape:
        fields = []
        for key, below in self.selections.collect(type_name, subsets(nodes)).items():
            name = below[0].name.value
            target = "" if name == "__typename" else target_of(field_of(type_name, name))
            nested = isinstance(SCHEMA.type_map.get(target), GraphQLObjectType)
            fields.append((key, name, self._shape(target, below) if nested else None))
        return Shape(type_name, tuple(fields))


def _kind(root: Draft) -> str:
    return {"me": "me", "findChildren": "search"}.get(root.relation, "ids")


def _is_data(nodes: list[FieldNode]) -> bool:
    return nodes[0].name.value not in _META | {"__typename"}


def _statements(parts: list[Part]) -> tuple[tuple[Statement, ...], ...]:
    """Pack the parts of each stage into as few statements as their size allows; their number is the plan's alone."""
    stages: list[tuple[Statement, ...]] = []
    for stage in range(1 + max((part.stage for part in parts), default=0)):
        packed: list[list[Part]] = [[]]
        room = MAX_NODES
        for part in (part for part in parts if part.stage == stage):
            size = sum(1 for _ in part.root.walk())
            if packed[-1] and size > room:
                packed.append([])
                room = MAX_NODES
            packed[-1].append(part)
            room -= size
        stages.append(tuple(_statement(statement) for statement in packed))
    return tuple(stages)


def _statement(parts: list[Part]) -> Statement:
    """Parts as one statement; the name of a root field makes no difference to its text."""
    signature = ";".join(f"{part.kind}:{part.root.signature.partition(':')[2]}" for part in parts)
    return Statement(tuple(parts), signature, tuple(node.wanted for part in parts for node in part.root.walk()))
