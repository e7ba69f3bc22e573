"""The shape of the graph that the population is written in: labels, their properties, and the links between them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

Value: TypeAlias = str | int | bool | list[str] | None
Row: TypeAlias = dict[str, Value]


class Link(NamedTuple):
    """One kind of relationship: its type and the labels at its two ends."""

    start: str
    type: str
    end: str


_ADDRESS: Final = ("addressLines", "postcode", "addressState")

NODES: Final[dict[str, tuple[str, ...]]] = {
    "Organisation": ("id", "name", "kind", "phone", "outOfHoursPhone", "accredited", "version"),
    "Service": ("id", "name", "kind", "phone", "email", "outOfHoursPhone"),
    "Practitioner": ("id", "name", "role", "phone", "email"),
    "Account": ("id", "version", "roles", "suspended", "trainedOn", "vettedOn", "vetting", "agreementSignedOn"),
    "Child": (
        *("id", "number", "givenName", "familyName", "formerGivenNames", "formerFamilyNames"),
        *("dateOfBirth", "gender", *_ADDRESS, "shielded"),
    ),
    "Carer": ("id", "givenName", "familyName", "phone", *_ADDRESS),
    "Involvement": ("id", "kind", "since", "until", "consent", "lead"),
}
"""Every label that has an id, with its properties, in an order in which they may be written."""

NAME_KEY: Final = ("code", "field", "name", "dateOfBirth", "postcode")
"""The properties of a name key; its row also carries ``child``, the id of the child whom it names."""

WITHIN: Final = Link("Organisation", "WITHIN", "Organisation")
PART_OF: Final = Link("Service", "PART_OF", "Organisation")
WORKS_FOR: Final = Link("Practitioner", "WORKS_FOR", "Service")
BELONGS_TO: Final = Link("Account", "BELONGS_TO", "Practitioner")
MEMBER_OF: Final = Link("Account", "MEMBER_OF", "Organisation")
RESIDES_IN: Final = Link("Child", "RESIDES_IN", "Organisation")
CARES_FOR: Final = Link("Carer", "CARES_FOR", "Child")
OF: Final = Link("Involvement", "OF", "Child")
AT: Final = Link("Involvement", "AT", "Service")
BY: Final = Link("Involvement", "BY", "Practitioner")

LINKS: Final[dict[Link, tuple[str, ...]]] = {
    **dict.fromkeys((WITHIN, PART_OF, WORKS_FOR, BELONGS_TO, MEMBER_OF, RESIDES_IN), ()),
    CARES_FOR: ("relationship", "parentalResponsibility"),
    **dict.fromkeys((OF, AT, BY), ()),
}
"""Every kind of link, with its properties. A link's row carries ``start`` and ``end``, the ids at its ends."""


@dataclass(frozen=True)
class Batch:
    """Records that may be written together: a link's ends are in the same batch or in an earlier one.

    Attributes:
        nodes: for each label, its rows, without the properties that are unknown.
        links: for each kind of link, rows with ``start``, ``end`` and the link's own properties.
        name_keys: rows with the properties of a name key, and ``child``.
    """

    nodes: dict[str, list[Row]] = field(default_factory=lambda: {label: [] for label in NODES})
    links: dict[Link, list[Row]] = field(default_factory=lambda: {link: [] for link in LINKS})
    name_keys: list[Row] = field(default_factory=list)

    def node(self, label: str, row: Row) -> None:
        """Add a record; a property whose value is None is unknown, and left out."""
        self.nodes[label].append({name: value for name, value in row.items() if value is not None})

    def link(self, link: Link, start: str, end: str, **properties: Value) -> None:
        """Add a relationship from the record with id ``start`` to the one with id ``end``."""
        self.links[link].append({"start": start, "end": end, **properties})

    def involvement(self, row: Row, child: str, service: str, practitioner: str | None) -> None:
        """Add an involvement with its links; ``practitioner`` is None where nobody is named."""
        self.node("Involvement", row)
        self.link(OF, str(row["id"]), child)
        self.link(AT, str(row["id"]), service)
        if practitioner is not None:
            self.link(BY, str(row["id"]), practitioner)

    def extend(self, others: Iterable["Batch"]) -> None:
        """Take over everything that the other batches hold, in their order."""
        for other in others:
            for label, rows in other.nodes.items():
                self.nodes[label].extend(rows)
            for link, rows in other.links.items():
                self.links[link].extend(rows)
            self.name_keys.extend(other.name_keys)
