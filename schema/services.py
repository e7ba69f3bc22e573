"""Involvements, the services and practitioners in them, and the organisations behind these."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.common import Access, DateText, InvolvementKind, OrganisationKind, ServiceKind, described

if TYPE_CHECKING:
    from schema.children import Child

_Service = Annotated["Service", strawberry.lazy("schema.services")]
_Practitioner = Annotated["Practitioner", strawberry.lazy("schema.services")]
_Organisation = Annotated["Organisation", strawberry.lazy("schema.services")]


@strawberry.federation.type(
    keys=["id"], description="A service's involvement with a child: a pointer, never a case note."
)
class Involvement:
    """A service's involvement with a child: a pointer, never a case note."""

    id: strawberry.ID = described("The opaque identifier of this record.")
    kind: InvolvementKind | None = described("Universal, additional or sensitive.")
    since: DateText | None = described("When it began.")
    until: DateText | None = described("When it ended; null while it goes on.")
    consent: bool | None = described("Whether the family or young person consented to the record.")
    lead: bool | None = described("Whether its practitioner is the lead professional.")
    child: Annotated["Child", strawberry.lazy("schema.children")] | None = described("The child.")
    service: _Service | None = described("The service.")
    practitioner: _Practitioner | None = described("The practitioner, where known.")
    access: Access = described("What policy did with this record.")


@strawberry.federation.type(keys=["id"], description="A service that works with children.")
class Service:
    """A service that works with children."""

    id: strawberry.ID = described("The opaque identifier of this record.")
    name: str | None = described("The service's name.")
    kind: ServiceKind | None = described("What it does.")
    phone: str | None = described("Office hours telephone.")
    email: str | None = described("Electronic mail.")
    out_of_hours_phone: str | None = described("Telephone at all other times.")
    organisation: _Organisation | None = described("The organisation that runs it.")
    practitioners: list[_Practitioner] | None = described("Who works for it.")
    involvements: list[Involvement] | None = described("The children it works with; only for those who work there.")
    access: Access = described("What policy did with this record.")


@strawberry.federation.type(keys=["id"], description="Someone who works with children for one or more services.")
class Practitioner:
    """Someone who works with children for one or more services."""

    id: strawberry.ID = described("The opaque identifier of this record.")
    name: str | None = described("Full name as used at work.")
    role: str | None = described("Job title.")
    phone: str | None = described("Telephone at work.")
    email: str | None = described("Electronic mail at work.")
    services: list[Service] | None = described("The services this person works for.")
    caseload: list[Involvement] | None = described("This person's own involvements; only for them.")
    access: Access = described("What policy did with this record.")


@strawberry.federation.type(keys=["id"], description="A local authority, trust, partner or voluntary body.")
class Organisation:
    """A local authority, trust, partner or voluntary body."""

    id: strawberry.ID = described("The opaque identifier of this record.")
    name: str | None = described("The organisation's name.")
    kind: OrganisationKind | None = described("What it is.")
    phone: str | None = described("Office hours telephone.")
    out_of_hours_phone: str | None = described("Telephone at all other times.")
    services: list[Service] | None = described("The services it runs.")
    access: Access = described("What policy did with this record.")


@strawberry.federation.type(
    inaccessible=True, description="Your own account: what the directory knows of your right to use it."
)
class Account:
    """The account that asks."""

    id: strawberry.ID = described("The opaque identifier of this account.")
    roles: list[str] | None = described("The roles that your authority gave you.")
    trained_on: DateText | None = described("When you completed the mandatory training.")
    vetted_on: DateText | None = described("The date of your enhanced disclosure or its equivalent.")
    agreement_signed_on: DateText | None = described("When you signed the user agreement.")
    practitioner: Practitioner | None = described("Your own entry in the directory.")
    organisation: Organisation | None = described("The organisation you act for.")
    access: Access = described("What policy did with this record.")
