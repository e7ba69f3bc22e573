"""A world as a set of facts, and those of them that a person's grants open.

The view is made from the grants of records and links alone. It knows no query, no order and no search: whatever the
gateway answers must follow from it.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from resolvers.grants import CLOSED, ClassGrant
from schema.catalogue import CATALOGUE
from tests.judge.classes import Classes, Principal
from tests.judge.world import World

Key = tuple[str, ...]
Facts = Mapping[Key, Any]
Grants = Mapping[str, Mapping[str, ClassGrant]]

_COMPOSITE: Mapping[str, tuple[str, ...]] = {
    "address": ("addressLines", "postcode", "addressState"),
    "formerNames": ("formerGivenNames", "formerFamilyNames"),
}
_ACCOUNT = ("version", "roles", "suspended", "trainedOn", "vettedOn", "vetting", "agreementSignedOn")
ROOTS = ("Child", "Carer", "Service", "Practitioner", "Organisation")


def properties(field_name: str) -> tuple[str, ...]:
    """The properties in which the graph keeps a field's value."""
    return _COMPOSITE.get(field_name, (field_name,))


def facts_of(world: World) -> Facts:
    """Every fact: that a record is there, each property, each link, each property of a link."""
    facts: dict[Key, Any] = {}
    for label, nodes in world.nodes.items():
        for node_id, props in nodes.items():
            facts["record", label, node_id] = True
            facts |= {("value", label, node_id, name): value for name, value in props.items()}
    for edge in world.edges:
        facts["link", edge.kind, edge.start, edge.end] = True
        facts |= {("on", edge.kind, edge.start, edge.end, name): value for name, value in edge.props.items()}
    return facts


def touched(one: Facts, other: Facts) -> set[Key]:
    """The facts in which two worlds differ."""
    return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}


class Indexed(World):
    """A world that will not change any more, whose links are found at once."""

    def __init__(self, world: World) -> None:
        super().__init__(world.nodes, world.edges)
        self._ends: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._starts: dict[tuple[str, str], list[str]] = defaultdict(list)
        for edge in world.edges:
            self._ends[edge.kind, edge.start].append(edge.end)
            self._starts[edge.kind, edge.end].append(edge.start)

    def from_(self, kind: str, start: str) -> list[str]:
        """The ends of the edges of a kind that start at a node."""
        return self._ends.get((kind, start), [])

    def to(self, kind: str, end: str) -> list[str]:
        """The starts of the edges of a kind that end at a node."""
        return self._starts.get((kind, end), [])


@dataclass
class View:
    """What one person's grants open of a world.

    Attributes:
        facts: every open fact; of a record that is seen, its whole grant too. An absent value is an open None.
        keys: the class of every record, whether seen or not; None where an attribute is unknown.
    """

    facts: dict[Key, Any] = field(default_factory=dict)
    keys: dict[Key, str | None] = field(default_factory=dict)


def view_of(world: World, me: Principal, grants: Grants) -> View:
    """What the grants open of a world to a principal."""
    return _Viewer(Indexed(world), me, grants).view()


@dataclass
class _Viewer:
    world: World
    me: Principal
    grants: Grants
    found: View = field(default_factory=View)

    def __post_init__(self) -> None:
        self.classes = Classes(self.world, self.me)
        self.seen = {(label, i): self._grant(label, i) for label in ROOTS for i in self.world.nodes[label]}

    def view(self) -> View:
        self._known()
        for (label, node_id), grant in self.seen.items():
            if grant.visible:
                self._record(label, node_id, grant)
        self._cares()
        self._involvements()
        self._links()
        return self.found

    def _known(self) -> None:
        """What the asking account is decided by: its own facts, and those of its organisation."""
        me, facts = self.me, self.found.facts
        account = self.world.nodes["Account"].get(me.account, {})
        employer = self.world.nodes["Organisation"].get(me.organisation, {})
        facts |= {("value", "Account", me.account, name): account.get(name) for name in _ACCOUNT}
        for name in ("accredited", "version", "kind"):
            facts["value", "Organisation", me.organisation, name] = employer.get(name)
        facts["record", "Account", me.account] = True
        for kind, start in (("BELONGS_TO", me.account), ("MEMBER_OF", me.account), ("WITHIN", me.organisation)):
            facts |= {("link", kind, start, end): True for end in self.world.from_(kind, start)}

    def _grant(self, type_name: str, record_id: str, child: str | None = None) -> ClassGrant:
        key = self.classes.key(type_name, record_id, child)
        self.found.keys[type_name, record_id, child or ""] = key
        return CLOSED if key is None else self.grants[type_name][key]

    def _record(self, label: str, node_id: str, grant: ClassGrant, child: str = "") -> None:
        """A record that is seen, and its open values."""
        props = self.world.nodes[label][node_id]
        shielded = "shielded" in str(self.found.keys[label, node_id, child]).split("|")
        self.found.facts["record", label, node_id] = (grant, shielded)
        if label == "Child":
            self.found.facts["value", label, node_id, "shielded"] = shielded
        for value in CATALOGUE[label].values:
            if value in grant.open:
                for name in properties(value):
                    self.found.facts["value", label, node_id, name] = props.get(name)

    def _cares(self) -> None:
        for edge in self.world.edges:
            if edge.kind != "CARES_FOR":
                continue
            carer, child = self.seen["Carer", edge.start], self.seen["Child", edge.end]
            care = self._grant("Care", edge.start, edge.end)
            if "carers" in child.open and "children" in carer.open and {"child", "carer"} <= care.open:
                self.found.facts["link", edge.kind, edge.start, edge.end] = care
                for name in care.open & {"relationship", "parentalResponsibility"}:
                    self.found.facts["on", edge.kind, edge.start, edge.end, name] = edge.props.get(name)

    def _involvements(self) -> None:
        for node_id in self.world.nodes["Involvement"]:
            for child in self.world.from_("OF", node_id)[:1]:
                grant = self._grant("Involvement", node_id, child)
                if "child" not in grant.open or "involvements" not in self.seen["Child", child].open:
                    continue
                self._record("Involvement", node_id, grant, child)
                self.found.facts["link", "OF", node_id, child] = True
                for kind, name, target in (("AT", "service", "Service"), ("BY", "practitioner", "Practitioner")):
                    for end in self.world.from_(kind, node_id):
                        if name in grant.open and self.seen[target, end].visible:
                            self.found.facts["link", kind, node_id, end] = True

    def _links(self) -> None:
        for edge in self.world.edges:
            match edge.kind:
                case "PART_OF":
                    near, far = self.seen["Service", edge.start], self.seen["Organisation", edge.end]
                    is_open = "organisation" in near.open and far.visible
                case "RESIDES_IN":
                    near, far = self.seen["Child", edge.start], self.seen["Organisation", edge.end]
                    is_open = "authority" in near.open and far.visible
                case "WORKS_FOR":
                    near, far = self.seen["Practitioner", edge.start], self.seen["Service", edge.end]
                    is_open = ("services" in near.open or "practitioners" in far.open) and near.visible and far.visible
                case _:
                    is_open = False
            if is_open:
                self.found.facts["link", edge.kind, edge.start, edge.end] = True
