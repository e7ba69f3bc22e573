"""Children and those who care for them."""

from typing import Annotated

import strawberry

from schema.common import Access, Address, DateText, Gender, InvolvementKind, Name, answered, described
from schema.services import Involvement, Organisation, Practitioner

_CARES = Annotated["Care", strawberry.lazy("schema.children")]


@strawberry.federation.type(keys=["id"], description="A child or young person in the directory.")
class Child:
    """A child or young person in the directory."""

    id: strawberry.ID = described("The opaque identifier of this record.")
    number: str | None = described("The directory's own number for the child.")
    given_name: str | None = described("Given name.")
    family_name: str | None = described("Family name.")
    former_names: list[Name] | None = described("Names the child bore before; sealed for most roles.", "sealed")
    date_of_birth: DateText | None = described("Date of birth.")
    gender: Gender | None = described("Gender, or not specified.")
    address: Address | None = described("Where the child lives or was last known to live.", "address")
    carers: list[_CARES] | None = described("Who has parental responsibility or care.")
    lead_professional: Practitioner | None = described(
        "The practitioner who coordinates the services of a child with additional needs."
    )
    authority: Organisation | None = described("The local authority that answers for the child.")
    access: Access = described("What policy did with this record.")

    @answered("Which services and practitioners work with the child, newest first.")
    def involvements(
        self,
        kind: Annotated[InvolvementKind | None, strawberry.argument(description="Only this kind.")] = None,
        open: Annotated[  # noqa: A002 - the field's standard word
            bool | None, strawberry.argument(description="true: only current ones; false: only ended ones.")
        ] = None,
    ) -> list[Involvement] | None:
        """Filled by the pipeline."""
        raise NotImplementedError


@strawberry.type(description="The link between a carer and a child.")
class Care:
    """The link between a carer and a child."""

    relationship: str | None = described("What the carer is to the child: mother, foster carer, …")
    parental_responsibility: bool | None = described("Whether the carer has parental responsibility in law.")
    carer: Annotated["Carer", strawberry.lazy("schema.children")] | None = described("The carer.")
    child: Child | None = described("The child.")
    access: Access = described("What policy did with this link.")


@strawberry.federation.type(
    keys=["id"], description="A person with parental responsibility for a child, or care of one."
)
class Carer:
    """A person with parental responsibility for a child, or care of one."""

    id: strawberry.ID = described("The opaque identifier of this record.")
    given_name: str | None = described("Given name.")
    family_name: str | None = described("Family name.")
    phone: str | None = described("Telephone.", "carer-contact")
    address: Address | None = described("Where the carer lives or was last known to live.", "carer-contact")
    children: list[_CARES] | None = described("The children this person cares for.")
    access: Access = described("What policy did with this record.")
