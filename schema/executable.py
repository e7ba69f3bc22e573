"""The schema as graphql-core runs it.

The pipeline answers every operation from its rows. What it does not answer itself (introspection, the subgraph's SDL)
goes through graphql-core's executor, over an answer tree keyed by response keys: so every field is resolved by its
own key in its parent's answer, and the executor can judge the pipeline's answers in tests.
"""

from typing import Any

from graphql import GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema, GraphQLUnionType

from schema.query import FEDERATED


class Entity(dict[str, Any]):
    """The answer to one representation: response keys to values, with the record's type."""

    def __init__(self, typename: str, answered: dict[str, Any]) -> None:
        super().__init__(answered)
        self.typename = typename


def _by_response_key(source: dict[str, Any], info: GraphQLResolveInfo[Any], **_arguments: object) -> object:
    return source[str(info.path.key)]


def _definition(_source: object, info: GraphQLResolveInfo[Any]) -> str:
    """The schema definition that the gateway offers, which is the execution's context."""
    return str(info.context)


def _entity_type(value: Any, _info: GraphQLResolveInfo[Any], _union: object) -> str:
    return str(value.typename)


def _executable(schema: GraphQLSchema) -> GraphQLSchema:
    for graphql_type in schema.type_map.values():
        if isinstance(graphql_type, GraphQLObjectType) and graphql_type.name == "_Service":
            graphql_type.fields["sdl"].resolve = _definition
        elif isinstance(graphql_type, GraphQLObjectType) and not graphql_type.name.startswith("_"):
            for name, field in graphql_type.fields.items():
                if name != "_service":
                    field.resolve = _by_response_key
        elif isinstance(graphql_type, GraphQLUnionType):
            graphql_type.resolve_type = _entity_type
    return schema


SCHEMA: GraphQLSchema = _executable(FEDERATED._schema)  # noqa: SLF001 - Strawberry has no public name for it
"""The executable schema."""
SDL: str = FEDERATED.as_str()
"""The subgraph's schema definition, as clients and routers read it."""
