"""The schema that clients compose with: committed as it is served, and described throughout."""

from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    is_introspection_type,
    is_specified_scalar_type,
)

from schema.executable import SCHEMA, SDL

SNAPSHOT = Path(__file__).parents[2] / "schema" / "directory.graphql"
_FEDERATION = ("_", "link__")
OWN = [
    graphql_type
    for name, graphql_type in sorted(SCHEMA.type_map.items())
    if not (
        name.startswith(_FEDERATION) or is_introspection_type(graphql_type) or is_specified_scalar_type(graphql_type)
    )
]
"""The directory's own types: neither GraphQL's nor Federation's."""


def test_the_committed_schema_is_the_one_served() -> None:
    """schema/directory.graphql is what the gateway serves, so that a change of the schema is seen in review."""
    update = "Look at the difference, then: .venv/bin/directory schema print > schema/directory.graphql"
    assert SNAPSHOT.read_text("utf-8") == f"{SDL}\n", update


@pytest.mark.parametrize("graphql_type", OWN, ids=str)
def test_everything_is_described(graphql_type: GraphQLNamedType) -> None:
    """Every type, field, argument and value says what it means, in a sentence."""
    described = {"": graphql_type.description}
    if graphql_type is SCHEMA.query_type:  # shared by all subgraphs, so none describes it
        described = {}
    if isinstance(graphql_type, GraphQLObjectType | GraphQLInputObjectType):
        for name, field in graphql_type.fields.items():
            described[name] = field.description
        if isinstance(graphql_type, GraphQLObjectType):
            arguments = {
                f"{name}({key})": it for name, field in graphql_type.fields.items() for key, it in field.args.items()
            }
            described |= {name: argument.description for name, argument in arguments.items()}
    if isinstance(graphql_type, GraphQLEnumType):
        described |= {name: value.description for name, value in graphql_type.values.items()}
    own = {name: text for name, text in described.items() if not name.startswith("_")}
    assert [name for name, text in own.items() if not text or not text.endswith((".", "…"))] == []
