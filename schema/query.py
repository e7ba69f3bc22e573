"""The entry points, and the GraphQL schema built from all types."""

from typing import Annotated

import strawberry
from strawberry.federation import Schema
from strawberry.schema.config import StrawberryConfig

from schema.children import Carer, Child
from schema.common import DATE, DateText, answered, described
from schema.services import Account, Involvement, Organisation, Practitioner, Service

_Id = Annotated[strawberry.ID, strawberry.argument(description="The record's identifier.")]


@strawberry.input(
    description="What you know of the child. Everything you give must match; which combinations suffice is policy."
)
class ChildSearch:
    """What a search gives: everything given must match."""

    given_name: str | None = strawberry.field(default=None, description="Given name; spelling and order may be off.")
    family_name: str | None = strawberry.field(default=None, description="Family name; spelling and order may be off.")
    date_of_birth: DateText | None = strawberry.field(
        default=None, description="Date of birth; day and month may be swapped."
    )
    postcode: str | None = strawberry.field(default=None, description="Postcode.")


@strawberry.type(description="The outcome of a search: at most five candidates, best first, or advice to add detail.")
class FoundChildren:
    """The outcome of a search."""

    candidates: list[Child] | None = described("The best matches; null where there are too many.")
    too_many: bool = described("Too many matched: add detail. How many is not said.")


@strawberry.type
class Query:
    """Where every operation begins."""

    @answered("One child by identifier; null where there is none that you may see.")
    def child(self, id: _Id) -> Child | None:  # noqa: A002 - GraphQL's name for it
        """Filled by the pipeline."""
        raise NotImplementedError

    @answered("Children by name with date of birth or postcode.")
    def find_children(
        self, by: Annotated[ChildSearch, strawberry.argument(description="What you know of the child.")]
    ) -> FoundChildren | None:
        """Filled by the pipeline."""
        raise NotImplementedError

    @answered("One service by identifier.")
    def service(self, id: _Id) -> Service | None:  # noqa: A002 - GraphQL's name for it
        """Filled by the pipeline."""
        raise NotImplementedError

    @answered("One practitioner by identifier.")
    def practitioner(self, id: _Id) -> Practitioner | None:  # noqa: A002 - GraphQL's name for it
        """Filled by the pipeline."""
        raise NotImplementedError

    @answered("One organisation by identifier.")
    def organisation(self, id: _Id) -> Organisation | None:  # noqa: A002 - GraphQL's name for it
        """Filled by the pipeline."""
        raise NotImplementedError

    @answered("Your own account.", composed=False)
    def me(self) -> Account | None:
        """Filled by the pipeline."""
        raise NotImplementedError


FEDERATED = Schema(
    query=Query,
    types=[Carer, Involvement],
    config=StrawberryConfig(scalar_map={DateText: DATE}),
)
"""The Federation 2 subgraph as Strawberry builds it."""
