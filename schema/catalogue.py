"""The catalogue: every record type with its fields in order, derived from the GraphQL schema.

A *record* is a type with an ``access`` field: policy decides each of its other fields. A field whose type is a record
is a *relation*; any other is a *value*, plain or composite (an address). Positions in the catalogue are positions in
rows and in grants, so plan, statement and answer agree by construction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from graphql import GraphQLObjectType, get_named_type

from schema.executable import SCHEMA

INVERSE: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("Child", "carers"): "child",
        ("Care", "child"): "carers",
        ("Care", "carer"): "children",
        ("Carer", "children"): "carer",
        ("Child", "involvements"): "child",
        ("Involvement", "child"): "involvements",
        ("Involvement", "service"): "involvements",
        ("Service", "involvements"): "service",
        ("Involvement", "practitioner"): "caseload",
        ("Practitioner", "caseload"): "practitioner",
        ("Service", "organisation"): "services",
        ("Organisation", "services"): "organisation",
        ("Service", "practitioners"): "services",
        ("Practitioner", "services"): "practitioners",
    }
)
"""The field that leads back along the same link."""

LISTINGS = frozenset(
    {
        ("Service", "involvements"),
        ("Practitioner", "caseload"),
        ("Organisation", "services"),
        ("Service", "practitioners"),
        ("Practitioner", "services"),
    }
)
"""Fields that browse from a service's or person's end: closing one forbids the browsing, it does not hide the link."""


INLINE = frozenset({("Care", "carer"), ("Care", "child"), ("Involvement", "child")})
"""Relations whose far end is part of the link itself: whoever reaches the link has passed both ends' guards."""


@dataclass(frozen=True)
class Relation:
    """A field that leads to other records.

    Attributes:
        name: the field's name.
        target: the type it leads to.
        many: whether it is a list.
        back: the field of the target that must be open too, or None (see ``LISTINGS``).
    """

    name: str
    target: str
    many: bool
    back: str | None


@dataclass(frozen=True)
class Record:
    """A record type.

    Attributes:
        name: the GraphQL type's name.
        has_id: whether it has an identity of its own (a link record has none).
        values: its value fields, in schema order, without ``id`` and ``access``.
        relations: its relations, in schema order.
        parts: for each composite value field, the names of its parts in order.
    """

    name: str
    has_id: bool
    values: tuple[str, ...]
    relations: tuple[Relation, ...]
    parts: Mapping[str, tuple[str, ...]]

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Every field that policy decides: values, then relations."""
        return (*self.values, *(relation.name for relation in self.relations))

    @cached_property
    def relation(self) -> Mapping[str, Relation]:
        """The relations by name."""
        return MappingProxyType({relation.name: relation for relation in self.relations})

    @cached_property
    def open_bit(self) -> Mapping[str, int]:
        """Where a grant's bit string says that a field is open; bit 0 is the record's visibility."""
        return MappingProxyType({name: 1 + i for i, name in enumerate(self.fields)})

    @cached_property
    def show_bit(self) -> Mapping[str, int]:
        """Where a grant's bit string says that a value is open and wanted."""
        return MappingProxyType({name: 1 + len(self.fields) + i for i, name in enumerate(self.values)})

    @cached_property
    def column(self) -> Mapping[str, int]:
        """Where a value stands in a row: after the class and the id (of a link, the ids of its ends)."""
        return MappingProxyType({name: 2 + i for i, name in enumerate(self.values)})

    @property
    def first_link(self) -> int:
        """Where the links of a row begin."""
        return 2 + len(self.values)


def _record(graphql_type: GraphQLObjectType) -> Record:
    values, relations, parts = [], [], {}
    for name, field in graphql_type.fields.items():
        if name in {"id", "access"}:
            continue
        target = get_named_type(field.type)
        if isinstance(target, GraphQLObjectType) and "access" in target.fields:
            back = INVERSE.get((graphql_type.name, name))
            if (target.name, back) in LISTINGS:
                back = None
            relations.append(Relation(name, target.name, many=str(field.type).startswith("["), back=back))
            continue
        values.append(name)
        if isinstance(target, GraphQLObjectType):
            parts[name] = tuple(target.fields)
    return Record(
        graphql_type.name, "id" in graphql_type.fields, tuple(values), tuple(relations), MappingProxyType(parts)
    )


CATALOGUE: Mapping[str, Record] = MappingProxyType(
    {
        name: _record(graphql_type)
        for name, graphql_type in sorted(SCHEMA.type_map.items())
        if isinstance(graphql_type, GraphQLObjectType) and "access" in graphql_type.fields
    }
)
"""Every record type by name."""
