"""What the record types share: dates, enumerations, addresses, names and the account of what was withheld."""

from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Any, NewType, cast

import strawberry


def described(text: str, *tags: str) -> Any:
    """A field that the pipeline fills: it needs a description, never a resolver.

    Args:
        text: what the field means.
        tags: data classes by which a partner can leave the field out of its own graph.
    """
    return strawberry.federation.field(description=text, tags=tags)


def answered(text: str, *, composed: bool = True) -> Callable[[Callable[..., Any]], Any]:
    """A field with arguments that the pipeline fills: the function declares them and is never called.

    Args:
        text: what the field means.
        composed: whether it is part of what a partner's router offers.
    """
    field = strawberry.federation.field(description=text, inaccessible=not composed)
    return cast("Callable[[Callable[..., Any]], Any]", field)


def _date(value: object) -> str:
    try:
        if isinstance(value, str) and date.fromisoformat(value).isoformat() == value:
            return value
    except ValueError:
        pass
    raise ValueError("Write a date as YYYY-MM-DD.")


DateText = NewType("DateText", str)
DATE = strawberry.scalar(
    name="Date", description="A calendar date, YYYY-MM-DD (ISO 8601).", serialize=_date, parse_value=_date
)


def _value(name: str, description: str) -> Any:
    return strawberry.enum_value(name, description=description)


@strawberry.enum(description="A child's gender as recorded.")
class Gender(Enum):
    """A child's gender as recorded."""

    FEMALE = _value("FEMALE", "Female.")
    MALE = _value("MALE", "Male.")
    NOT_SPECIFIED = _value("NOT_SPECIFIED", "Not specified.")


@strawberry.enum(description="What is known of an address.")
class AddressState(Enum):
    """What is known of an address."""

    CURRENT = _value("CURRENT", "Where the person lives now.")
    LAST_KNOWN = _value("LAST_KNOWN", "The last known address; the person may have moved.")
    NONE_KNOWN = _value("NONE_KNOWN", "No address is known.")
    LEFT_ENGLAND = _value("LEFT_ENGLAND", "The person has left England.")


@strawberry.enum(description="How a service is involved with a child.")
class InvolvementKind(Enum):
    """How a service is involved with a child."""

    UNIVERSAL = _value("UNIVERSAL", "A service for every child of that age: a school, a GP practice.")
    ADDITIONAL = _value("ADDITIONAL", "A service not normally provided to everyone of that age.")
    SENSITIVE = _value("SENSITIVE", "Sexual health, mental health or substance misuse; its provider is withheld.")


@strawberry.enum(description="What a service does.")
class ServiceKind(Enum):
    """What a service does."""

    SCHOOL = _value("SCHOOL", "A school.")
    NURSERY = _value("NURSERY", "A nursery or other early-years setting.")
    GP = _value("GP", "A general practice.")
    HEALTH_VISITING = _value("HEALTH_VISITING", "Health visiting.")
    SCHOOL_NURSING = _value("SCHOOL_NURSING", "School nursing.")
    SOCIAL_CARE = _value("SOCIAL_CARE", "Children's social care.")
    EDUCATION_WELFARE = _value("EDUCATION_WELFARE", "Education welfare and attendance.")
    SPEECH_THERAPY = _value("SPEECH_THERAPY", "Speech and language therapy.")
    YOUTH_OFFENDING = _value("YOUTH_OFFENDING", "A youth offending team.")
    CHILDRENS_CENTRE = _value("CHILDRENS_CENTRE", "A children's centre.")
    VOLUNTARY = _value("VOLUNTARY", "A voluntary organisation's service.")
    MENTAL_HEALTH = _value("MENTAL_HEALTH", "A child and adolescent mental health service.")
    SEXUAL_HEALTH = _value("SEXUAL_HEALTH", "A sexual health service.")
    SUBSTANCE_MISUSE = _value("SUBSTANCE_MISUSE", "A substance misuse service.")


@strawberry.enum(description="What an organisation is.")
class OrganisationKind(Enum):
    """What an organisation is."""

    LOCAL_AUTHORITY = _value("LOCAL_AUTHORITY", "A local authority.")
    HEALTH_TRUST = _value("HEALTH_TRUST", "A health trust.")
    SCHOOL_TRUST = _value("SCHOOL_TRUST", "A trust that runs schools.")
    NATIONAL_PARTNER = _value("NATIONAL_PARTNER", "A national partner with systems of its own.")
    VOLUNTARY = _value("VOLUNTARY", "A local voluntary organisation.")


@strawberry.federation.type(
    shareable=True, description="An address: part of its person's record and governed as one field of it."
)
class Address:
    """An address: part of its person's record and governed as one field of it."""

    lines: list[str] | None = described("The lines above the postcode.")
    postcode: str | None = described("The postcode.")
    state: AddressState | None = described("What is known of this address.")


@strawberry.federation.type(shareable=True, description="A name that a person once bore.")
class Name:
    """A name that a person once bore."""

    given_name: str | None = described("The given name.")
    family_name: str | None = described("The family name.")


@strawberry.federation.type(shareable=True, description="Whom to call about what is withheld.")
class Contact:
    """Whom to call about what is withheld."""

    name: str | None = described("The team's name.")
    phone: str | None = described("Office hours telephone.")
    out_of_hours_phone: str | None = described("Telephone at all other times.")


@strawberry.type(description="A field that policy withholds from you in this record.")
class WithheldField:
    """A field that policy withholds from you in this record."""

    field: str = described("The field's name in this schema.")
    reason: str = described("Why, as a code: see the roles page of the documentation.")


@strawberry.type(description="What policy did with this record: it depends on the record's class and your query alone.")
class Access:
    """What policy did with a record."""

    shielded: bool = described("Whether the record belongs to a shielded child.")
    withheld: list[WithheldField] = described("The fields that you asked for and may not see.")
    contact: Contact | None = described("Whom to call about what is withheld.")
