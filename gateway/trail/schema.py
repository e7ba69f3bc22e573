"""The schema of the trail. Each of its two questions is one query of the archive, made before anything is resolved."""

from collections.abc import Callable
from typing import Annotated, Any, cast

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from schema.common import DATE, DateText

_Since = Annotated[DateText | None, strawberry.argument(description="The first day.")]
_Until = Annotated[DateText | None, strawberry.argument(description="The last day.")]


@strawberry.type(description="A field that policy withheld.")
class TrailWithheld:
    """A field that policy withheld."""

    field: str = strawberry.field(description="The field.")
    reason: str = strawberry.field(description="Why.")


@strawberry.type(description="One record that an access reached. What it said is not in the trail.")
class TrailRecord:
    """One record that an access reached."""

    path: str = strawberry.field(description="The fields from the root to the record.")
    type: str = strawberry.field(description="The record's type.")
    id: strawberry.ID | None = strawberry.field(
        description="The identifier of a child, a carer or a care. Where a child goes is not told."
    )
    child: strawberry.ID | None = strawberry.field(description="The child that it was reached through or belongs to.")
    shown: list[str] = strawberry.field(description="The fields that were shown.")
    withheld: list[TrailWithheld] = strawberry.field(description="The fields that were withheld, and why.")


@strawberry.type(description="One access, from the archive.")
class TrailAccess:
    """One access."""

    receipt: strawberry.ID = strawberry.field(description="Its name, with which its receipt begins.")
    at: str = strawberry.field(description="When, UTC, ISO 8601.")
    outcome: str = strawberry.field(description="answered, refused or failed.")
    codes: list[str] = strawberry.field(description="Why it was refused or failed.")
    account: strawberry.ID | None = strawberry.field(description="Who asked.")
    organisation: strawberry.ID | None = strawberry.field(description="The organisation they acted for.")
    purpose: str | None = strawberry.field(description="What for.")
    client: str | None = strawberry.field(description="The program that they used.")
    trace: str | None = strawberry.field(description="The trace context: equal for the requests of one operation.")
    records: list[TrailRecord] = strawberry.field(description="What was reached, as far as it was asked about.")


@strawberry.type(description="Accesses, newest first.")
class Trail:
    """Accesses, newest first."""

    accesses: list[TrailAccess] = strawberry.field(description="At most 200, the newest.")
    until: str = strawberry.field(description="The archive holds everything recorded before this moment.")
    purged: str | None = strawberry.field(description="The last day whose entries were removed, as retention demands.")
    more: bool = strawberry.field(description="Whether there are more: ask for fewer days.")


def _asked(text: str) -> Callable[[Callable[..., Any]], Any]:
    return cast("Callable[[Callable[..., Any]], Any]", strawberry.field(description=text))


@strawberry.type
class Query:
    """Where every question begins."""

    @_asked("Who saw the record of a child: in your authority, and as far as it is archived.")
    def history(self, child: strawberry.ID, since: _Since = None, until: _Until = None) -> Trail:
        """Filled before."""
        raise NotImplementedError

    @_asked("Everything that an account of your authority asked for.")
    def trail(self, account: strawberry.ID, since: _Since = None, until: _Until = None) -> Trail:
        """Filled before."""
        raise NotImplementedError


def _plain(source: Any, info: Any, **_arguments: object) -> object:
    """A field of what was found; of the root, under the response's own key, for it has arguments."""
    return source[info.path.key] if isinstance(source, dict) else getattr(source, info.field_name)


def _schema() -> GraphQLSchema:
    schema = strawberry.Schema(Query, config=StrawberryConfig(scalar_map={DateText: DATE}))._schema  # noqa: SLF001 - it has no public name
    for name in ("Query", "Trail", "TrailAccess", "TrailRecord", "TrailWithheld"):
        for field in schema.type_map[name].fields.values():  # type: ignore[attr-defined]
            field.resolve = _plain
    return schema


SCHEMA: GraphQLSchema = _schema()
"""The trail's schema."""
