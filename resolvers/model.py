"""The nouns of a request: who asks, for what, under which grants, and what was disclosed. All of them are frozen."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What the identifier of an account or a record looks like."""
Row = list[Any]
"""One record: class, id (a care's is made of those at its ends), values, links. What is withheld is None."""


@dataclass(frozen=True, slots=True)
class Account:
    """What the directory knows of an account; dates are ISO 8601, None where there is none.

    Attributes:
        id: the account's identifier.
        version: rises with every change of the account.
        roles: the roles it was given.
        suspended: whether it may do nothing; True where unknown.
        trained_on: when the mandatory training was completed.
        vetted_on: the date of the enhanced disclosure or its equivalent.
        vetting: "enhanced" or "police".
        agreement_signed_on: when the user agreement was signed.
        practitioner: the identifier of the practitioner it belongs to.
        organisation: the identifier of the organisation it acts for.
        organisation_version: rises with every change of the organisation.
        organisation_kind: the organisation's kind.
        accredited: whether the organisation is accredited; False where unknown.
        closed: whether its access, its authority's or the whole directory is closed; True where unknown.
        area: the identifier of the local authority it acts in, None for a national partner.
    """

    id: str
    version: int
    roles: tuple[str, ...]
    suspended: bool
    trained_on: str | None
    vetted_on: str | None
    vetting: str | None
    agreement_signed_on: str | None
    practitioner: str
    organisation: str
    organisation_version: int
    organisation_kind: str | None
    accredited: bool
    closed: bool
    area: str | None

    def facts(self) -> dict[str, Any]:
        """What policy is told of the account."""
        return {
            "roles": list(self.roles),
            "suspended": self.suspended,
            "trained_on": self.trained_on,
            "vetted_on": self.vetted_on,
            "vetting": self.vetting,
            "agreement_signed_on": self.agreement_signed_on,
            "organisation": {"kind": self.organisation_kind, "accredited": self.accredited, "closed": self.closed},
        }


@dataclass(frozen=True, slots=True)
class Access:
    """What the request states about itself.

    Attributes:
        purpose: the purpose, as sent.
        reason: the reason, as sent.
        client: the client that the token was issued to.
        trace: the W3C trace context, if sent.
        mediated: whether the request claims to be made on behalf of somebody else.
        on_behalf_of: the account of that person, once they have proved who they are.
    """

    purpose: str | None
    reason: str | None
    client: str | None = None
    trace: str | None = None
    mediated: bool = False
    on_behalf_of: str | None = None

    @property
    def reason_given(self) -> bool:
        """Whether a reason was given at all, with a letter or a digit; whether it is good is for people to judge."""
        return any(map(str.isalnum, self.reason or ""))


@dataclass(frozen=True, slots=True)
class Ask:
    """A GraphQL request."""

    text: str
    operation_name: str | None
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SearchRules:
    """Policy data on searches: the sets of fields that suffice, and how many candidates are shown."""

    combinations: tuple[frozenset[str], ...]
    candidates: int

    def suffices(self, given: frozenset[str]) -> bool:
        """Whether what is given is enough to search by."""
        return any(combination <= given for combination in self.combinations)


class Shown(NamedTuple):
    """Records of one type and class reached on one path: which fields were shown and which withheld, and why.

    Attributes:
        path: the fields from the root, dotted.
        type: the records' type.
        class_key: their class.
        shown: the fields that were shown.
        withheld: the fields that were withheld, each with its reason.
        ids: the records.
        children: for each of them the child that it was reached through or belongs to, as far as the operation tells.
    """

    path: str
    type: str
    class_key: str
    shown: tuple[str, ...]
    withheld: Mapping[str, str]
    ids: tuple[str, ...]
    children: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation in the audit stream. It holds no disclosed value.

    Attributes:
        receipt: its random identifier, with which the receipt of the answer begins.
        at: when it was recorded, UTC, ISO 8601.
        outcome: "answered", "refused" or "failed".
        account: who asked, as far as is known.
        access: what the request stated about itself.
        operation: the SHA-256 of the document, hexadecimal.
        operation_name: the operation's name.
        organisation: the organisation they acted for.
        area: the local authority that the organisation acts in, None for a national partner.
        codes: why it was refused or failed.
        introspects: whether it asked about the schema.
        arguments: the arguments of each root field.
        question: what policy was asked.
        revision: the policy revision that answered.
        disclosed: what was shown and withheld.
        shadow: what a candidate policy would have done otherwise; None where none decides beside the one in force.
    """

    receipt: str
    at: str
    outcome: str
    account: str | None
    access: Access
    operation: str | None
    operation_name: str | None
    organisation: str | None = None
    area: str | None = None
    codes: tuple[str, ...] = ()
    introspects: bool = False
    arguments: Sequence[tuple[str, Mapping[str, Any]]] = ()
    question: Mapping[str, Any] | None = None
    revision: str | None = None
    disclosed: Sequence[Shown] = ()
    shadow: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What leaves: the data in the client's shape, the receipt and the policy revision."""

    data: dict[str, Any]
    receipt: str
    revision: str
